package io.engagementwebhooks.ingest;

import io.engagementwebhooks.ledger.Background;
import io.engagementwebhooks.ledger.FairExecutor;
import io.engagementwebhooks.ledger.RoomContext;
import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.server.Access;
import io.engagementwebhooks.server.CallerAuthentication;
import io.engagementwebhooks.server.ProblemResponse;
import io.engagementwebhooks.server.ResolveAccountStep;
import io.engagementwebhooks.store.Store;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.Component;
import org.apache.camel.component.kafka.KafkaClientFactory;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.component.kafka.KafkaEndpoint;
import org.apache.camel.support.LifecycleStrategySupport;

/** Sets up ingest: its steps and the Kafka consumers. */
public final class IngestRoom {

    private final Admission admission;
    private final Optional<KafkaConsumers> kafka;
    private final SystemEventPublisher systemEvents;
    private final EventChecks checks = new EventChecks();
    private final WebhookLookup webhooks;

    /**
     * The limits of ingest.
     *
     * @param waiting the limit of pending deliveries
     * @param storeSize bytes on disk, or 0: unlimited
     * @param body the largest Kafka record in bytes
     * @param deliveries the limit of deliveries per request
     */
    public record Limits(long waiting, long storeSize, long body, int deliveries) {}

    /**
     * The settings of Kafka.
     *
     * @param brokers {@code host:port}, separated by commas; empty: none
     * @param topics the account of each topic
     * @param trustAccount whether an event's attribute {@code account} names its account
     */
    public record Kafka(String brokers, Map<String, String> topics, boolean trustAccount) {}

    /** @param threads run lookups */
    public IngestRoom(
            RoomContext room,
            Store store,
            Outbox outbox,
            CallerAuthentication.Guard guard,
            FairExecutor threads,
            Limits limits,
            Kafka kafka,
            Tracing tracing) {
        admission = new Admission(store, outbox.acceptance()::isBackedUp, limits.waiting(), limits.storeSize());
        room.closeAtStop(new Background("admission"))
                .every(Duration.ZERO, Admission.CHECK_INTERVAL, admission::refresh);
        room.bind("admission", admission);
        room.bind("buildProblemResponse", new ProblemResponse());
        room.bind("authenticateCaller", new CallerAuthentication(guard, Access.SEND));
        room.bind(
                "resolveAccount",
                new ResolveAccountStep(id -> guard.config().get().account(id)));
        EventReader reader = new EventReader();
        room.bind("readEvents", new EventReading(reader, admission, tracing, room.ledger()));
        KafkaAccounts accounts = new KafkaAccounts(kafka.topics(), kafka.trustAccount());
        room.bind(
                "readKafkaRecords",
                new KafkaReading(guard.config(), reader, accounts, limits.body(), tracing, room.ledger()));
        admitRecords(
                room.camel(),
                new KafkaAdmission(
                        guard.config(),
                        accounts,
                        account -> admission.refusalReason(account).or(() -> Optional.of("deliveries come first")
                                .filter(why -> outbox.acceptance().isInDebt(account))),
                        room.ledger(),
                        limits.body()));
        BatchLimit batch = new BatchLimit(limits.deliveries());
        room.bind("sliceKafkaRecords", KafkaSteps.slices(guard.config(), batch));
        room.bind("collectKafkaDeadLetters", KafkaSteps.deadLetters());
        room.bind("commitKafkaOffsets", KafkaSteps.commit());
        this.kafka = consumers(room, kafka.brokers());
        webhooks = new WebhookLookup(guard.config(), checks, batch, room.clock(), room.ledger(), threads);
        room.bind("lookUpWebhooks", webhooks);
        room.bind("buildAcceptedResponse", new AcceptedResponse());
        systemEvents = new SystemEventPublisher(store, outbox, webhooks);
    }

    private static void admitRecords(CamelContext context, KafkaAdmission admission) {
        KafkaClientFactory clients = EventConsumer.factory(admission);
        context.addLifecycleStrategy(new LifecycleStrategySupport() {
            @Override
            public void onComponentAdd(String name, Component component) {
                // a configured component is not autowired
                if (component instanceof KafkaComponent kafkaComponent) {
                    kafkaComponent.setKafkaClientFactory(clients);
                }
            }
        });
    }

    private static Optional<KafkaConsumers> consumers(RoomContext room, String brokers) {
        KafkaConsumers consumers = new KafkaConsumers(brokers, () -> isReadingRouteRunning(room.camel()), room.clock());
        room.bind(KafkaConstants.KAFKA_SUBSCRIBE_ADAPTER, new KafkaSubscribing(consumers));
        if (brokers.isEmpty()) {
            return Optional.empty();
        }
        room.bind("kafkaConsumers", consumers);
        room.every(KafkaConsumers.CHECK_INTERVAL, consumers::checkConnection);
        return Optional.of(consumers);
    }

    /** Whether a route that reads events from Kafka is running. */
    private static boolean isReadingRouteRunning(CamelContext context) {
        return context.getRoutes().stream()
                .filter(route -> route.getEndpoint() instanceof KafkaEndpoint endpoint
                        && EventConsumer.CLIENT_ID.equals(
                                endpoint.getConfiguration().getClientId()))
                .map(route -> context.getRouteController().getRouteStatus(route.getId()))
                .anyMatch(status -> status != null && status.isStarted());
    }

    public EventChecks checks() {
        return checks;
    }

    /** Finds the webhooks that subscribe to an event. */
    public WebhookLookup webhooks() {
        return webhooks;
    }

    public Admission admission() {
        return admission;
    }

    /** Empty: Kafka is not configured. */
    public Optional<KafkaConsumers> kafka() {
        return kafka;
    }

    public SystemEventPublisher systemEvents() {
        return systemEvents;
    }
}
