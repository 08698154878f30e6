package io.engagementwebhooks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.tngtech.archunit.core.domain.JavaClass;
import io.engagementwebhooks.contentsquare.ContentsquareProducer;
import io.engagementwebhooks.deliver.AttemptTracing;
import io.engagementwebhooks.deliver.contentsquare.EnrichmentNumbering;
import io.engagementwebhooks.deliver.judge.FailureJudging;
import io.engagementwebhooks.deliver.oauth2.OAuth2Authorization;
import io.engagementwebhooks.deliver.oauth2.OAuth2TokenRenewal;
import io.engagementwebhooks.deliver.receiver.ReceiverCalls;
import io.engagementwebhooks.deliver.salesforce.ChooseOrg;
import io.engagementwebhooks.deliver.salesforce.SalesforceOrgs;
import io.engagementwebhooks.deliver.step.BatchSending;
import io.engagementwebhooks.deliver.step.Batching;
import io.engagementwebhooks.deliver.step.RecordLockStep;
import io.engagementwebhooks.ingest.WebhookLookup;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.outbox.OutboxComponent;
import io.engagementwebhooks.record.AttemptLog;
import io.engagementwebhooks.record.Recorder;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.testkit.ReceiverStep;
import io.engagementwebhooks.webhook.Breaker;
import io.engagementwebhooks.webhook.Config;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.AsyncProcessor;
import org.apache.camel.AsyncProducer;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * A step that Camel calls asynchronously gives its exchange back exactly once, whatever throws in it: else a delivery would
 * stay in flight until a restart. Each gets an exchange that it can do nothing with.
 */
class CallsBackTest {

    /** Steps that only delegate. */
    private static final Set<String> OTHERS =
            Set.of("StepErrors$Caught", "StepOrder$Checked", "ForeignSteps$Foreign", "KameletSending");

    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final Clock clock = Clock.systemUTC();

    @TempDir
    Path folder;

    private SqliteStore store;
    private Outbox outbox;
    private Recorder recorder;

    @BeforeEach
    void open() {
        store = SqliteStore.open(folder.resolve("webhooks.db"), clock);
        outbox = new Outbox(
                store,
                clock,
                new Outbox.Limits(10_000, 16),
                () -> -1,
                (account, rest) -> rest.run(),
                (account, task) -> task.run());
        recorder = new Recorder(
                store,
                clock,
                () -> 0,
                Breaker.NEVER,
                new AttemptLog(new SimpleMeterRegistry(), 0),
                AttemptTracing.PROPAGATE_ONLY,
                new FailureJudging(List.of(), webhook -> false, clock));
        OutboxComponent component = new OutboxComponent();
        component.setOutbox(outbox);
        camel.addComponent("outbox", component);
        camel.getRegistry().bind("receiverCalls", new ReceiverCalls(null, ReceiverStep.UNFENCED, null, null, null));
        new SalesforceOrgs(camel, null);
        camel.start();
    }

    @AfterEach
    void close() {
        camel.stop();
        timer.shutdownNow();
        recorder.close();
        outbox.close();
        store.close();
    }

    private Map<String, AsyncProcessor> steps() throws Exception {
        Map<String, AsyncProcessor> steps = new TreeMap<>();
        steps.put("Batching", new Batching(new Unusable(), timer, clock, ReceiverStep.UNFENCED));
        steps.put("ChooseOrg", new ChooseOrg(null, null));
        steps.put("ContentsquareProducer", started("contentsquare:enrichments?clientId=a&clientSecret=b"));
        steps.put("EnrichmentNumbering", new EnrichmentNumbering(store, clock, (exchange, rest) -> rest.run()));
        steps.put("OutboxProducer", started("outbox:accept"));
        steps.put("OrgProducer", started("salesforce-org:raw"));
        steps.put("OAuth2Authorization", new OAuth2Authorization(null, (exchange, rest) -> rest.run()));
        steps.put("ReceiverProducer", started("receiver:webhook"));
        steps.put("OAuth2TokenRenewal", new OAuth2TokenRenewal(null, clock, (exchange, rest) -> rest.run()));
        Ledger ledger = new Ledger(1 << 20);
        steps.put("WebhookLookup", new WebhookLookup(() -> Config.empty(), null, null, clock, ledger, null));
        steps.put("RecordLockStep", new RecordLockStep(store, clock, (exchange, rest) -> timer.execute(rest)));
        return steps;
    }

    private AsyncProducer started(String uri) throws Exception {
        AsyncProducer producer = camel.getEndpoint(uri).createAsyncProducer();
        camel.addService(producer);
        return producer;
    }

    @TestFactory
    Stream<DynamicTest> a_step_whose_inside_throws_gives_the_exchange_back_once() throws Exception {
        return steps().entrySet().stream()
                .map(step -> DynamicTest.dynamicTest(step.getKey(), () -> givesBack(step.getValue())))
                .toList()
                .stream();
    }

    private void givesBack(AsyncProcessor step) throws Exception {
        Exchange exchange = new DefaultExchange(camel);
        AtomicInteger times = new AtomicInteger();
        CountDownLatch back = new CountDownLatch(1);

        step.process(exchange, doneSync -> {
            times.incrementAndGet();
            back.countDown();
        });

        assertEquals(true, back.await(180, TimeUnit.SECONDS), "it never came back");
        assertNotNull(exchange.getException());
        assertEquals(1, times.get());
    }

    @Test
    void every_asynchronous_step_is_in_the_table() throws Exception {
        Set<String> all = ArchitectureTest.CLASSES.stream()
                .map(JavaClass::reflect)
                .filter(AsyncProcessor.class::isAssignableFrom)
                .filter(type -> !Modifier.isAbstract(type.getModifiers()))
                .map(type -> type.getName().substring(type.getName().lastIndexOf('.') + 1))
                .filter(name -> !OTHERS.contains(name))
                .collect(Collectors.toCollection(TreeSet::new));

        assertEquals(all, new TreeSet<>(steps().keySet()));
        assertEquals(
                ContentsquareProducer.class,
                steps().get("ContentsquareProducer").getClass());
    }

    /** A way to send that has a fault no one expects. */
    private static final class Unusable implements BatchSending {

        @Override
        public Terms terms(Exchange exchange) {
            throw new NoClassDefFoundError("as after a broken deployment");
        }

        @Override
        public CompletionStage<Void> send(List<Exchange> together) {
            throw new AssertionError("nothing is to be sent");
        }
    }
}
