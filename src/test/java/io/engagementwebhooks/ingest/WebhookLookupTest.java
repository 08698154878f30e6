package io.engagementwebhooks.ingest;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventIdentity;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.ledger.CrashJournal;
import io.engagementwebhooks.ledger.Evaluation;
import io.engagementwebhooks.ledger.FairExecutor;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.ledger.Reservation;
import io.engagementwebhooks.store.accept.Intake;
import io.engagementwebhooks.store.accept.NewDelivery;
import io.engagementwebhooks.store.due.FifoSuccession;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.DeliveryMethod;
import io.engagementwebhooks.webhook.EventType;
import io.engagementwebhooks.webhook.EventTypes;
import io.engagementwebhooks.webhook.Fifo;
import io.engagementwebhooks.webhook.RetrySchedule;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.WaitFor;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.auth.Authentication;
import io.engagementwebhooks.webhook.jq.JqProgram;
import io.engagementwebhooks.webhook.schema.DataSchema;
import io.engagementwebhooks.webhook.signing.Signing;
import io.engagementwebhooks.webhook.template.Body;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which webhooks an event has deliveries for, and their initial state (semantics 3, 14, 21). */
class WebhookLookupTest {

    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final WaitFor RECORDING = new WaitFor("data.recording_id", Duration.ofMinutes(30));

    private static Webhook webhook(String account, String name, String condition, WaitFor waitFor, String... types) {
        Target target = new Target.Http(
                URI.create("https://crm.example.com"), "POST", new Body.WholeEvent(), Map.of(), Signing.NONE);
        return new Webhook(
                Ids.webhook(account, name),
                new EventTypes(List.of(types)),
                Optional.ofNullable(condition).map(JqProgram::compile),
                new DeliveryMethod(
                        target,
                        new Authentication.None(),
                        DeliveryMethod.DEFAULT_TIMEOUT,
                        Set.of(),
                        Optional.ofNullable(waitFor),
                        Optional.empty(),
                        Optional.empty()),
                RetrySchedule.STANDARD,
                Duration.ofDays(7),
                Set.of());
    }

    private static Config config(Webhook... webhooks) {
        return new Config(List.of(), Config.Resources.of(List.of(webhooks)));
    }

    /** One webhook of account {@code acme}. */
    static Config config(String name, String... types) {
        return config(webhook("acme", name, null, null, types));
    }

    private static Event event(String source, String type, String subject, String data) {
        String document = "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"" + source + "\",\"type\":\"" + type
                + "\",\"data\":" + data + "}";
        return new Event(
                new EventIdentity("acme", source, "1"),
                type,
                subject,
                null,
                document.getBytes(StandardCharsets.UTF_8),
                new byte[32]);
    }

    private static Event call(String data) {
        return event("/calls", "call.ended", null, data);
    }

    /** With a separate ledger and threads. */
    static WebhookLookup lookup(Supplier<Config> config, Clock clock) {
        Ledger ledger = new Ledger(16 << 20);
        return new WebhookLookup(
                config,
                new EventChecks(),
                new BatchLimit(10_000),
                clock,
                ledger,
                new FairExecutor("lookup", 2, ledger));
    }

    private static List<NewDelivery> deliveries(Event event, Webhook... webhooks) {
        return lookup(() -> config(webhooks), new SettableClock(NOW))
                .lookUp(List.of(event))
                .join()
                .get(0)
                .deliveries();
    }

    private static List<String> names(Event event, Webhook... webhooks) {
        return deliveries(event, webhooks).stream()
                .map(delivery -> delivery.webhook().name())
                .toList();
    }

    @Test
    void an_event_is_parsed_once_for_conditions_and_the_first_attempt() {
        Event event = call("{\"duration\": 192}");
        String longCalls = ".data.duration > 60";
        Event accepted = lookup(
                        () -> config(
                                webhook("acme", "a", longCalls, null, "*"), webhook("acme", "b", longCalls, null, "*")),
                        new SettableClock(NOW))
                .lookUp(List.of(event))
                .join()
                .get(0)
                .event();

        Arrays.fill(accepted.document(), (byte) ' ');
        assertEquals(192, accepted.tree().at("/data/duration").asInt());
    }

    @Test
    void an_event_has_a_delivery_per_webhook_that_subscribes_to_its_type() {
        assertEquals(
                List.of("exact", "prefix", "all"),
                names(
                        call("{}"),
                        webhook("acme", "exact", null, null, "call.ended"),
                        webhook("acme", "prefix", null, null, "call.*", "call.ended"),
                        webhook("acme", "other", null, null, "call.missed"),
                        webhook("globex", "strangers", null, null, "*"),
                        webhook("acme", "all", null, null, "*")));
    }

    @Test
    void a_condition_that_is_false_makes_no_delivery_and_one_that_fails_a_skipped_one() {
        Webhook longCalls = webhook("acme", "long", ".data.duration > 60", null, "*");
        Webhook broken = webhook("acme", "broken", ".data.duration | error", null, "*");
        List<NewDelivery> made = deliveries(call("{\"duration\":5}"), longCalls, broken);
        assertEquals(1, made.size());
        assertEquals("broken", made.get(0).webhook().name());
        assertEquals("condition failed: ", made.get(0).skipReason().substring(0, 18));
        assertEquals(List.of("long"), names(call("{\"duration\":61}"), longCalls));
    }

    /** Semantics 41. */
    @Test
    void a_condition_that_crashed_twice_is_skipped_and_others_get_the_event(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("evaluating");
        for (int crash = 0; crash < 2; crash++) {
            byte[] left;
            try (CrashJournal journal = CrashJournal.open(file)) {
                Ledger dying = new Ledger(16 << 20);
                dying.quarantineBy(journal);
                Evaluation running = Evaluation.begin(dying.of("acme"), "acme/deadly/1");
                left = Files.readAllBytes(file);
                running.close();
            }
            Files.write(file, left);
        }
        Ledger ledger = new Ledger(16 << 20);
        try (CrashJournal journal = CrashJournal.open(file)) {
            ledger.quarantineBy(journal);
            List<NewDelivery> made = new WebhookLookup(
                            () -> config(
                                    webhook("acme", "deadly", ".data | length == 0", null, "*"),
                                    webhook("acme", "other", ".data | length == 0", null, "*")),
                            new EventChecks(),
                            new BatchLimit(10_000),
                            new SettableClock(NOW),
                            ledger,
                            new FairExecutor("lookup", 2, ledger))
                    .lookUp(List.of(call("{}")))
                    .join()
                    .get(0)
                    .deliveries();

            assertEquals("condition failed: set aside: two crashes", made.get(0).skipReason());
            assertEquals("deadly", made.get(0).webhook().name());
            assertNull(made.get(1).skipReason());
        }
    }

    @Test
    void a_record_of_kafka_that_does_not_fit_its_type_becomes_a_dead_letter_and_those_around_it_events()
            throws Exception {
        JsonNode schema = EventJson.mapper().readTree("{\"required\": [\"total\"]}");
        EventType paid = new EventType(
                "acme", "paid", "Paid", "", schema, schema, DataSchema.compile(schema), EventType.Check.REFUSE, 0);
        Config config = new Config(List.of(), Config.Resources.of(List.of(paid)));
        Exchange batch = new DefaultExchange(new DefaultCamelContext());
        List<Exchange> records = List.of(
                new DefaultExchange(batch.getContext()),
                new DefaultExchange(batch.getContext()),
                new DefaultExchange(batch.getContext()));
        batch.getIn().setBody(records);
        records.forEach(KafkaBatch.of(batch)::addValid);
        batch.getIn()
                .setBody(List.of(
                        event("/shop", "paid", null, "{\"total\": 1}"),
                        event("/shop", "paid", null, "{}"),
                        event("/shop", "other", null, "{}")));

        lookup(() -> config, new SettableClock(NOW)).process(batch, done -> {});

        assertNull(batch.getException());
        assertEquals(2, batch.getIn().getBody(List.class).size());
        assertSame(records.get(0), KafkaBatch.of(batch).nextRecord());
        assertSame(records.get(2), KafkaBatch.of(batch).nextRecord());
        List<Exchange> letters = KafkaBatch.of(batch).removeDeadLetters();
        assertEquals(1, letters.size());
        assertEquals("event-invalid", letters.get(0).getIn().getHeader("dead-letter-code"));
        assertEquals(
                "event type 'paid': data/total must be there (required)",
                letters.get(0).getIn().getHeader("dead-letter-reason"));
    }

    private static final Webhook CONDITION = webhook("acme", "crm", ".data | length == 0", null, "*");

    private static Exchange records() {
        Exchange batch = new DefaultExchange(new DefaultCamelContext());
        batch.setProperty(KafkaReading.BATCH, "a batch");
        batch.getIn().setBody(List.of(call("{}")));
        return batch;
    }

    private static void lookUp(Ledger ledger, Exchange batch, Webhook webhook) {
        new WebhookLookup(
                        () -> config(webhook),
                        new EventChecks(),
                        new BatchLimit(10_000),
                        new SettableClock(NOW),
                        ledger,
                        new FairExecutor("lookup", 2, ledger))
                .process(batch, done -> {});
    }

    private static Intake intake(Exchange batch) {
        assertNull(batch.getException());
        return (Intake) batch.getIn().getBody(List.class).get(0);
    }

    /** One consumer reads the records of all accounts: a failed batch is read again before others. */
    @Test
    void an_account_without_memory_does_not_block_kafka_records() {
        Ledger ledger = new Ledger(16 << 20);
        Exchange batch = records();
        try (Reservation full = ledger.of("acme").reserve(ledger.of("acme").limit())) {
            assertTrue(full.bytes() > 0);
            lookUp(ledger, batch, CONDITION);
        }
        assertEquals(1, intake(batch).deliveries().size());
    }

    @Test
    void records_of_kafka_wait_while_there_is_no_memory() throws InterruptedException {
        Ledger ledger = new Ledger(16 << 20);
        Exchange batch = records();
        Thread consumer = new Thread(() -> lookUp(ledger, batch, CONDITION));
        try (Reservation full = ledger.kafka().reserve(ledger.kafka().limit())) {
            assertTrue(full.bytes() > 0);
            consumer.start();
            await().until(() -> ledger.kafka().refused() > 0);
        }
        consumer.join();
        assertEquals(1, intake(batch).deliveries().size());
    }

    @Test
    void a_condition_that_never_gets_enough_memory_is_skipped_for_a_record_of_kafka() {
        Exchange batch = records();
        lookUp(new Ledger(1 << 20), batch, webhook("acme", "crm", "(\"x\" * 500000) | length > 0", null, "*"));
        assertEquals(
                "condition failed: event and condition may take more memory than there is for records of Kafka",
                intake(batch).deliveries().get(0).skipReason());
    }

    @Test
    void a_record_that_takes_more_memory_than_there_is_goes_to_the_dead_letters() {
        CamelContext context = new DefaultCamelContext();
        List<Exchange> records = new ArrayList<>();
        for (String data : List.of("[" + "{},".repeat(50_000) + "1]", "{}")) {
            Exchange record = new DefaultExchange(context);
            record.getMessage().setHeader(KafkaConstants.TOPIC, "calls");
            String event = "{\"id\":\"1\",\"source\":\"/s\",\"type\":\"call.ended\",\"data\":" + data + "}";
            record.getMessage().setBody(event.getBytes(StandardCharsets.UTF_8));
            records.add(record);
        }
        Exchange batch = new DefaultExchange(context);
        batch.getIn().setBody(records);
        Config acme = new Config(List.of(new Account("acme", List.of(), List.of())), Config.Resources.of(List.of()));

        new KafkaReading(
                        () -> acme,
                        new EventReader(),
                        new KafkaAccounts(Map.of("calls", "acme"), false),
                        1 << 20,
                        Tracing.OFF,
                        new Ledger(1 << 20))
                .process(batch);

        assertEquals(1, batch.getIn().getBody(List.class).size());
        List<Exchange> dead = KafkaBatch.of(batch).removeDeadLetters();
        assertEquals(1, dead.size());
        assertEquals("too-large", dead.get(0).getIn().getHeader("dead-letter-code"));
    }

    @Test
    void a_delivery_is_due_now() {
        NewDelivery made =
                deliveries(call("{}"), webhook("acme", "crm", null, null, "*")).get(0);
        assertEquals(NOW, made.dueAt());
        assertEquals(NOW, made.acceptedAt());
        assertNull(made.skipReason());
        assertNull(made.waitField());
    }

    @Test
    void a_delivery_that_waits_for_a_field_is_due_at_the_end_of_its_wait_unless_the_event_has_it() {
        Webhook waits = webhook("acme", "crm", null, RECORDING, "*");
        NewDelivery made = deliveries(call("{}"), waits).get(0);
        assertEquals("data.recording_id", made.waitField());
        assertEquals(NOW.plus(Duration.ofMinutes(30)), made.dueAt());
        NewDelivery atOnce = deliveries(call("{\"recording_id\":7}"), waits).get(0);
        assertNull(atOnce.waitField());
        assertEquals(NOW, atOnce.dueAt());
    }

    @Test
    void deliveries_of_a_fifo_webhook_have_the_key_of_their_value() {
        Webhook free = webhook("acme", "crm", null, null, "*");
        DeliveryMethod method = free.delivery();
        Webhook ordered = new Webhook(
                Ids.webhook("acme", "crm"),
                free.events(),
                free.condition(),
                new DeliveryMethod(
                        method.target(),
                        method.authentication(),
                        method.timeout(),
                        method.succeedOn(),
                        Optional.empty(),
                        Optional.of(new Fifo("data.contact", Optional.empty())),
                        Optional.empty()),
                free.retry(),
                free.maxAge(),
                Set.of());
        String seven = deliveries(call("{\"contact\":7}"), ordered).get(0).fifoKey();
        assertEquals(FifoSuccession.key(ordered.id(), "7"), seven);
        assertEquals(
                seven, deliveries(call("{\"contact\":\"7\"}"), ordered).get(0).fifoKey());
        assertNotEquals(
                seven, deliveries(call("{\"contact\":8}"), ordered).get(0).fifoKey());
        assertNull(deliveries(call("{\"contact\":null}"), ordered).get(0).fifoKey(), "it waits for no one");
        assertNull(deliveries(call("{}"), ordered).get(0).fifoKey());
        assertNull(deliveries(call("{\"contact\":7}"), free).get(0).fifoKey());
    }

    @Test
    void system_events_go_to_webhooks_that_name_them_except_the_one_they_are_about() {
        Event failing = event(Event.SYSTEM_SOURCE, "webhook.failing", "webhook/crm", "{\"webhookId\": \"crm\"}");
        Webhook[] all = {
            webhook("acme", "crm", null, null, "webhook.*"),
            webhook("acme", "exact", null, null, "webhook.failing"),
            webhook("acme", "prefix", null, null, "webhook.*", "*"),
            webhook("acme", "all", null, null, "*"),
        };
        assertEquals(List.of("exact", "prefix"), names(failing, all));
        Event customers = event("/calls", "webhook.failing", "webhook/crm", "{\"webhookId\": \"crm\"}");
        assertEquals(List.of("crm", "exact", "prefix", "all"), names(customers, all));
    }
}
