package io.engagementwebhooks.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.f4b6a3.ulid.UlidCreator;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.FieldPath;
import io.engagementwebhooks.ledger.AccountLedger;
import io.engagementwebhooks.ledger.AsyncStep;
import io.engagementwebhooks.ledger.BudgetExceededException;
import io.engagementwebhooks.ledger.Evaluation;
import io.engagementwebhooks.ledger.ExchangeMemory;
import io.engagementwebhooks.ledger.FairExecutor;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.ledger.QuarantinedException;
import io.engagementwebhooks.ledger.Reservation;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.server.ProblemResponse;
import io.engagementwebhooks.store.accept.Intake;
import io.engagementwebhooks.store.accept.NewDelivery;
import io.engagementwebhooks.store.due.FifoSuccession;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.EventType;
import io.engagementwebhooks.webhook.WaitFor;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.jq.JqProgram;
import io.engagementwebhooks.webhook.template.BodyFault;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Step {@code look-up-webhooks}: creates the deliveries of each event, one per webhook that subscribes to it. It
 * matches account, event type and condition. A failing condition makes a skipped delivery, so that the webhook's owner
 * sees why.
 *
 * <p>Conditions are customers' code, and an event may have many. They run in time slices; between slices other accounts
 * run. Thread-safe.
 */
public final class WebhookLookup implements AsyncStep {

    private static final Logger LOG = LoggerFactory.getLogger(WebhookLookup.class);

    /** The length of a slice; the rest of a lookup is queued again. */
    private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** Less than the five minutes after which Kafka reassigns the partitions of a consumer that does not poll. */
    private static final Duration MAX_MEMORY_WAIT = Duration.ofMinutes(2);

    private static final Duration MEMORY_POLL = Duration.ofSeconds(1);

    /** The size of a new delivery in memory, in bytes. */
    private static final long DELIVERY_BYTES = 256;

    private final Supplier<Config> config;
    private final EventChecks checks;
    private final BatchLimit limit;
    private final Clock clock;
    private final Ledger ledger;
    private final FairExecutor executor;

    /**
     * @param config the configured webhooks
     * @param checks refuses events that do not fit the schema of their type
     * @param limit the limit of deliveries per request
     * @param clock for the time of acceptance
     * @param ledger charged for conditions and events' trees
     * @param executor runs the slices after the first
     */
    public WebhookLookup(
            Supplier<Config> config,
            EventChecks checks,
            BatchLimit limit,
            Clock clock,
            Ledger ledger,
            FairExecutor executor) {
        this.config = config;
        this.checks = checks;
        this.limit = limit;
        this.clock = clock;
        this.ledger = ledger;
        this.executor = executor;
    }

    @Override
    public boolean begin(Exchange exchange, AsyncCallback callback) {
        @SuppressWarnings("unchecked")
        List<Event> events = exchange.getIn().getBody(List.class);
        CompletableFuture<List<Intake>> found = KafkaBatch.isOf(exchange)
                ? lookUpRecords(events, exchange)
                : lookUp(events, exchange.getProperty(ProblemResponse.BATCH, false, Boolean.class));
        if (found.isDone()) {
            complete(exchange, found);
            return true;
        }
        found.whenComplete((intakes, failure) -> {
            complete(exchange, found);
            callback.done(false);
        });
        return false;
    }

    /**
     * Looks up Kafka events. Blocks, since the rest of their route must run on the consumer's thread. Also waits for
     * memory that was free when the records were admitted, since a failed batch makes the consumer reconnect.
     */
    private CompletableFuture<List<Intake>> lookUpRecords(List<Event> events, Exchange exchange) {
        long end = System.nanoTime() + MAX_MEMORY_WAIT.toNanos();
        CountDownLatch never = new CountDownLatch(1);
        while (true) {
            Lookup lookup = new Lookup(events, ledger.kafka(), false, null);
            lookup.run();
            Throwable failure = lookup.found.handle((intakes, why) -> why).join();
            if (failure == null && !lookup.refused.isEmpty()) {
                KafkaBatch.of(exchange).refuse(lookup.refused);
            }
            if (!(failure instanceof BudgetExceededException) || System.nanoTime() - end > 0) {
                return lookup.found;
            }
            LOG.warn("kafka.memory-full events={}: the lookup of their webhooks waits for memory", events.size());
            try {
                never.await(MEMORY_POLL.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return lookup.found;
            }
        }
    }

    private static void complete(Exchange exchange, CompletableFuture<List<Intake>> found) {
        found.whenComplete((intakes, failure) -> {
            try {
                if (failure != null) {
                    exchange.setException(failure);
                    return;
                }
                long deliveries = intakes.stream()
                        .mapToLong(intake -> intake.deliveries().size())
                        .sum();
                ExchangeMemory.grow(exchange, deliveries * DELIVERY_BYTES);
                exchange.getIn().setBody(intakes);
            } catch (RuntimeException refused) {
                exchange.setException(refused);
            }
        });
    }

    /**
     * Returns the events with their deliveries, in order. The first slice runs on the caller's thread.
     *
     * @return fails with {@link io.engagementwebhooks.ledger.BudgetExceededException} if the account has no memory
     *     left, and with {@link ProblemException} if there are too many deliveries, or an event does not fit the
     *     schema of its type
     */
    public CompletableFuture<List<Intake>> lookUp(List<Event> events) {
        return lookUp(events, false);
    }

    /** As above. @param isBatch whether a problem names the event's place */
    private CompletableFuture<List<Intake>> lookUp(List<Event> events, boolean isBatch) {
        return run(new Lookup(events, null, isBatch, null));
    }

    /**
     * The events with the delivery that one webhook wants of each, or with none. Stored events are not checked by the
     * schema of their type again.
     */
    public CompletableFuture<List<Intake>> lookUp(List<Event> stored, Webhook webhook) {
        return run(new Lookup(stored, null, false, webhook));
    }

    private static CompletableFuture<List<Intake>> run(Lookup lookup) {
        lookup.run();
        return lookup.found;
    }

    /** A lookup, whose slices run one after the other. */
    private final class Lookup implements Runnable {

        private final CompletableFuture<List<Intake>> found = new CompletableFuture<>();
        private final Config current = config.get();
        private final Instant now = clock.instant();
        private final Iterator<Event> events;
        private final List<Intake> intakes;
        private final BatchLimit.Count count;

        /** The ledger to charge; null: that of each event's account. */
        private final AccountLedger charged;

        private final boolean isBatch;

        /** The only webhook to look up, for stored events; null: all. */
        private final Webhook only;

        /** Of records of Kafka, by their places; other events end the lookup. */
        private final SortedMap<Integer, Problem> refused = new TreeMap<>();

        private int place = -1;
        private Event event;

        /** The type by which the event is still to be checked; null: by none. */
        private EventType unchecked;

        private Iterator<Webhook> webhooks;
        private List<NewDelivery> deliveries;
        private Reservation tree;

        Lookup(List<Event> events, AccountLedger charged, boolean isBatch, Webhook only) {
            this.charged = charged;
            this.isBatch = isBatch;
            this.only = only;
            this.events = events.iterator();
            this.intakes = new ArrayList<>(events.size());
            this.count = limit.count(only == null ? events.size() : 1);
        }

        @Override
        public void run() {
            try {
                if (slice()) {
                    found.complete(intakes);
                } else {
                    executor.execute(event.account(), this);
                }
            } catch (RuntimeException | Error failure) {
                FatalErrors.check(failure);
                release();
                found.completeExceptionally(failure);
            }
        }

        /** @return whether the lookup is complete */
        @SuppressWarnings("try")
        private boolean slice() {
            long end = System.nanoTime() + SLICE_NANOS;
            while (event != null || next()) {
                try (Evaluation evaluation = Evaluation.begin(account())) {
                    if (unchecked != null) {
                        if (!isAccepted()) {
                            release();
                            continue;
                        }
                        if (System.nanoTime() - end > 0) {
                            return false;
                        }
                    }
                    while (webhooks.hasNext()) {
                        add(webhooks.next());
                        if (System.nanoTime() - end > 0) {
                            return false;
                        }
                    }
                    count.add(deliveries.size());
                    intakes.add(new Intake(event, deliveries, only == null ? providedFields() : Set.of()));
                }
                release();
            }
            return true;
        }

        private boolean next() {
            if (!events.hasNext()) {
                return false;
            }
            event = events.next();
            place++;
            boolean isChecked = only == null && !event.isSystemEvent();
            unchecked = isChecked ? current.checked(event.account(), event.type()) : null;
            webhooks = (only == null ? matching(current, event) : subscribed(List.of(only), event)).iterator();
            deliveries = new ArrayList<>();
            return true;
        }

        /** @throws ProblemException if it is not, and is no record of Kafka */
        private boolean isAccepted() {
            EventType type = unchecked;
            unchecked = null;
            Optional<Problem> refusal = checks.refusal(type, event, content());
            if (refusal.isPresent() && charged == null) {
                throw new ProblemException(isBatch ? refusal.get().at(place) : refusal.get());
            }
            refusal.ifPresent(problem -> refused.put(place, problem));
            return refusal.isEmpty();
        }

        private void add(Webhook webhook) {
            try {
                if (matches(webhook)) {
                    deliveries.add(delivery(webhook));
                }
            } catch (BodyFault | QuarantinedException e) {
                deliveries.add(
                        new NewDelivery(id(now), webhook.id(), "condition failed: " + e.getMessage(), now, now, null));
            }
        }

        /**
         * Evaluates a condition. Its subject has the event's id, by which an event sent again after a crash is
         * recognized.
         */
        @SuppressWarnings("try")
        private boolean matches(Webhook webhook) {
            if (webhook.condition().isEmpty()) {
                return true;
            }
            String subject = event.account() + "/" + webhook.name() + "/" + event.id();
            try (Evaluation evaluation = Evaluation.begin(account(), subject)) {
                return webhook.condition().get().test(content());
            } catch (BudgetExceededException e) {
                if (neverFits()) {
                    throw new BodyFault("event and condition may take more memory than there is for records of Kafka");
                }
                throw e;
            }
        }

        /** Whether the condition can never get enough memory, so that waiting would block Kafka. */
        private boolean neverFits() {
            return charged != null && tree != null && tree.bytes() + JqProgram.MEMORY > charged.limit();
        }

        private AccountLedger account() {
            return charged == null ? ledger.of(event.account()) : charged;
        }

        private NewDelivery delivery(Webhook webhook) {
            Optional<WaitFor> wait = webhook.delivery().waitFor();
            if (wait.isEmpty() || FieldPath.isPresent(content(), wait.get().field())) {
                return new NewDelivery(id(now), webhook.id(), null, now, now, null, fifoKey(webhook));
            }
            Instant dueAt = now.plus(wait.get().atMost());
            return new NewDelivery(
                    id(now), webhook.id(), null, now, dueAt, wait.get().field());
        }

        /** The key of deliveries that are sent in order; null: any order. */
        private String fifoKey(Webhook webhook) {
            return webhook.delivery()
                    .fifo()
                    .flatMap(fifo -> fifo.valueIn(content()))
                    .map(value -> FifoSuccession.key(webhook.id(), value))
                    .orElse(null);
        }

        /** The fields of the event that webhooks of its account wait for. */
        private Set<String> providedFields() {
            Set<String> awaited = current.awaited(event.account());
            if (awaited.isEmpty() || event.subject() == null) {
                return Set.of();
            }
            return awaited.stream()
                    .filter(field -> FieldPath.isPresent(content(), field))
                    .collect(Collectors.toUnmodifiableSet());
        }

        /** The event's tree; its memory is reserved before parsing. */
        private JsonNode content() {
            if (tree == null) {
                tree = account().reserve(event.treeBytes());
            }
            return event.tree();
        }

        private void release() {
            if (tree != null) {
                event.dropLargeTree();
                tree.close();
                tree = null;
            }
            event = null;
        }
    }

    /**
     * The webhooks that subscribe to an event. System events match by name or prefix, not by {@code *}, and not the
     * webhook they are about: it cannot report its own failure.
     */
    private static List<Webhook> matching(Config config, Event event) {
        List<Webhook> matching = config.matching(event.account(), event.type());
        return event.isSystemEvent() ? subscribed(matching, event) : matching;
    }

    private static List<Webhook> subscribed(List<Webhook> webhooks, Event event) {
        if (!event.isSystemEvent()) {
            return webhooks.stream()
                    .filter(webhook -> webhook.events().match(event.type()))
                    .toList();
        }
        String about = event.tree().path("data").path("webhookId").asText();
        return webhooks.stream()
                .filter(webhook -> webhook.events().matchByName(event.type()))
                .filter(webhook -> !webhook.id().id().equals(about))
                .toList();
    }

    private static String id(Instant now) {
        return UlidCreator.getMonotonicUlid(now.toEpochMilli()).toString();
    }
}
