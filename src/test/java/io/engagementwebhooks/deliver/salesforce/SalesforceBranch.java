package io.engagementwebhooks.deliver.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.deliver.AttemptTracing;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.FencingCheck;
import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.deliver.egress.EgressRules;
import io.engagementwebhooks.deliver.egress.EgressSettings;
import io.engagementwebhooks.deliver.egress.NameResolver;
import io.engagementwebhooks.deliver.request.RequestBuilding;
import io.engagementwebhooks.deliver.step.Batching;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventIdentity;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.testkit.ReceiverStep;
import io.engagementwebhooks.testkit.SalesforceStandIn;
import io.engagementwebhooks.testkit.SampleWebhook;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.testkit.TestResolver;
import io.engagementwebhooks.webhook.Batch;
import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.auth.Authentication;
import io.engagementwebhooks.webhook.auth.SalesforceLogin;
import io.engagementwebhooks.webhook.auth.Secret;
import io.engagementwebhooks.webhook.template.FieldValue;
import io.engagementwebhooks.webhook.template.Template;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;

/** The real route of the branch in a real CamelContext, with a mock org. */
final class SalesforceBranch implements AutoCloseable {

    static final Instant START = Instant.parse("2026-11-24T10:00:00Z");

    private static final Duration LOGIN_TIMEOUT = Duration.ofSeconds(30);

    final Ledger ledger;
    final SettableClock clock = new SettableClock(START);
    final DefaultCamelContext context = new DefaultCamelContext();
    final SalesforceOrgs orgs;
    volatile BooleanSupplier isOwned = () -> true;

    /** Ended tasks that orgs gave to threads. */
    final AtomicInteger tasks = new AtomicInteger();

    /** The mock org is on a loopback address. */
    static final EgressRules LOOPBACK = new EgressRules(EgressSettings.of("127.0.0.0/8", "", ""));

    private static final Batch ALONE = new Batch(1, Duration.ZERO);

    private final AtomicInteger made = new AtomicInteger();
    private final EgressClient egress;
    private final ScheduledExecutorService together = Executors.newScheduledThreadPool(2);

    SalesforceBranch() {
        this(LOOPBACK);
    }

    SalesforceBranch(EgressRules rules) {
        this(rules, LOGIN_TIMEOUT);
    }

    SalesforceBranch(EgressRules rules, Duration loginTimeout) {
        this(rules, loginTimeout, new InMemoryRefreshTokens());
    }

    /** @param names resolves host names */
    SalesforceBranch(EgressRules rules, NameResolver names) {
        this(rules, LOGIN_TIMEOUT, new InMemoryRefreshTokens(), names, 64 << 20);
    }

    SalesforceBranch(EgressRules rules, Duration loginTimeout, RefreshTokens refreshTokens) {
        this(rules, loginTimeout, refreshTokens, TestResolver.OF_MACHINE, 64 << 20);
    }

    /** @param memory for responses, in bytes */
    SalesforceBranch(long memory) {
        this(LOOPBACK, LOGIN_TIMEOUT, new InMemoryRefreshTokens(), TestResolver.OF_MACHINE, memory);
    }

    private SalesforceBranch(
            EgressRules rules, Duration loginTimeout, RefreshTokens refreshTokens, NameResolver names, long memory) {
        ledger = new Ledger(memory);
        context.disableJMX();
        egress = new EgressClient(rules, "1", clock, names);
        orgs = new SalesforceOrgs(
                context,
                new OrgDependencies(egress, rules, clock, loginTimeout, refreshTokens, ledger, (account, task) -> {
                    together.execute(() -> {
                        task.run();
                        tasks.incrementAndGet();
                    });
                }));
        RequestBuilding requests = new RequestBuilding(clock, AttemptTracing.PROPAGATE_ONLY);
        context.getRegistry().bind("buildSalesforceRecord", new SalesforceRecord(requests));
        context.getRegistry().bind("fitSalesforceRecord", new SalesforceFitting());
        context.getRegistry().bind("chooseOrg", new ChooseOrg(orgs, (delivery, rest) -> together.execute(rest)));
        context.getRegistry()
                .bind(
                        "writeSalesforceBatch",
                        new Batching(
                                new RecordSending(
                                        context,
                                        AttemptTracing.PROPAGATE_ONLY,
                                        orgs,
                                        new FencingCheck(delivery -> isOwned.getAsBoolean(), clock),
                                        (exchange, rest) -> together.execute(rest)),
                                together,
                                clock,
                                ReceiverStep.UNFENCED));
        // needs a store; other tests have one
        context.getRegistry().bind("lockSalesforceRecord", (Processor) exchange -> {});
        context.getRegistry().bind("judgeSalesforceResponse", new SalesforceJudge());
        context.getRegistry().bind("judgeSalesforceFailure", new SalesforceFailures(clock));
        try {
            Resource route = PluginHelper.getResourceLoader(context)
                    .resolveResource("file:routes/33-deliver-salesforce.camel.yaml");
            PluginHelper.getRoutesLoader(context).loadRoutes(route);
            context.start();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    Exchange send(Delivery delivery) {
        return send(delivery, Map.of());
    }

    Exchange send(Delivery delivery, Map<String, Object> headers) {
        return context.createFluentProducerTemplate()
                .to("direct:deliver-salesforce")
                .withProcessor(exchange -> {
                    exchange.getMessage().setBody(delivery);
                    exchange.getMessage().setHeaders(new java.util.HashMap<>(headers));
                })
                .send();
    }

    CompletableFuture<Exchange> start(Delivery delivery) {
        return context.createProducerTemplate().asyncSend("direct:deliver-salesforce", exchange -> exchange.getMessage()
                .setBody(delivery));
    }

    /** Sends records in parallel; those that can share a request are one batch. */
    List<Exchange> sendTogether(List<Delivery> deliveries) throws Exception {
        List<CompletableFuture<Exchange>> sent =
                deliveries.stream().map(this::start).toList();
        List<Exchange> done = new ArrayList<>();
        for (CompletableFuture<Exchange> each : sent) {
            done.add(each.get(60, TimeUnit.SECONDS));
        }
        return done;
    }

    Delivery delivery(SalesforceConnection connection, Target target, String event) {
        return delivery(connection, target, event, Duration.ofSeconds(15), 1);
    }

    Delivery delivery(SalesforceConnection connection, Target target, String event, Duration timeout, int attempt) {
        Webhook webhook =
                SampleWebhook.of("acme", "calls-as-tasks", target, new Authentication.Salesforce(connection), timeout);
        return new Delivery(
                String.format("01JD%022d", made.incrementAndGet()), webhook, event(event), null, attempt, START);
    }

    /** @param nameOrJson a sample event, or JSON */
    static Event event(String nameOrJson) {
        byte[] document = nameOrJson.startsWith("{")
                ? nameOrJson.getBytes(StandardCharsets.UTF_8)
                : resource("/events/" + nameOrJson + ".json");
        JsonNode tree = EventJson.parse(document);
        return new Event(
                new EventIdentity(
                        "acme", "/accounts/acme/calls", tree.path("id").asText("1")),
                tree.path("type").asText("call.ended"),
                null,
                tree.hasNonNull("time") ? Instant.parse(tree.get("time").asText()) : null,
                document,
                new byte[32]);
    }

    private static byte[] resource(String path) {
        try (InputStream in = SalesforceBranch.class.getResourceAsStream(path)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static FieldValue text(String template) {
        return new FieldValue.Text(Template.text(template));
    }

    static Target.Salesforce create(String object) {
        return create(object, Map.of());
    }

    static Target.Salesforce create(String object, Map<String, FieldValue> fields) {
        return new Target.Salesforce(
                Target.Salesforce.Operation.CREATE, object, Optional.empty(), Optional.empty(), fields);
    }

    static Target.Salesforce upsert(String object, FieldValue value, Map<String, FieldValue> fields) {
        return new Target.Salesforce(
                Target.Salesforce.Operation.UPSERT,
                object,
                Optional.of("Call_Id__c"),
                Optional.ofNullable(value),
                fields);
    }

    static SalesforceConnection connection(SalesforceStandIn standIn) {
        return connection("sales", standIn.url(), SalesforceStandIn.CLIENT_SECRET, List.of("127.0.0.1"));
    }

    static SalesforceConnection connection(String name, URI loginUrl, String secret, List<String> suffixes) {
        return connection(name, loginUrl, new SalesforceLogin.ClientCredentials(Secret.of(secret)), suffixes, ALONE);
    }

    /** A connection to the mock org with this login. */
    static SalesforceConnection connection(SalesforceStandIn standIn, SalesforceLogin login) {
        return connection("sales", standIn.url(), login, List.of("127.0.0.1"), ALONE);
    }

    /** A connection to the mock org that sends records in batches. */
    static SalesforceConnection batching(SalesforceStandIn standIn, int size) {
        return connection(
                "sales",
                standIn.url(),
                new SalesforceLogin.ClientCredentials(Secret.of(SalesforceStandIn.CLIENT_SECRET)),
                List.of("127.0.0.1"),
                new Batch(size, Duration.ofSeconds(20)));
    }

    private static SalesforceConnection connection(
            String name, URI loginUrl, SalesforceLogin login, List<String> suffixes, Batch batch) {
        return new SalesforceConnection(
                "acme",
                name,
                loginUrl,
                SalesforceStandIn.CLIENT_ID,
                login,
                SalesforceStandIn.API_VERSION,
                suffixes,
                batch);
    }

    @Override
    public void close() {
        context.stop();
        egress.close();
        together.shutdownNow();
    }

    /** Refresh tokens in memory, which several branches can share. */
    static class InMemoryRefreshTokens implements RefreshTokens {

        private final Map<SalesforceConnection, Secret> kept = new ConcurrentHashMap<>();
        private final Set<SalesforceConnection> begun = ConcurrentHashMap.newKeySet();

        /** Tokens that a test lets be idle. */
        final Set<SalesforceConnection> idle = ConcurrentHashMap.newKeySet();

        @Override
        public void used(SalesforceConnection connection) {
            idle.remove(connection);
        }

        @Override
        public boolean claimIdle(SalesforceConnection connection, Duration since) {
            return idle.contains(connection);
        }

        @Override
        public boolean begin(SalesforceConnection connection, Duration most) {
            return begun.add(connection);
        }

        @Override
        public void end(SalesforceConnection connection) {
            begun.remove(connection);
        }

        @Override
        public Optional<Secret> latest(SalesforceConnection connection) {
            return Optional.ofNullable(kept.get(connection));
        }

        @Override
        public CompletionStage<Void> keep(SalesforceConnection connection, Secret token) {
            kept.put(connection, token);
            idle.remove(connection);
            return CompletableFuture.completedFuture(null);
        }
    }
}
