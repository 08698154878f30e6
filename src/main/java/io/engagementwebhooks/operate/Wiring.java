package io.engagementwebhooks.operate;

import io.engagementwebhooks.console.Accounts;
import io.engagementwebhooks.console.ApiDefinitions;
import io.engagementwebhooks.console.ApiDescription;
import io.engagementwebhooks.console.ApiKeys;
import io.engagementwebhooks.console.Auditing;
import io.engagementwebhooks.console.ConnectionTesting;
import io.engagementwebhooks.console.ConsoleRoutes;
import io.engagementwebhooks.console.Credentials;
import io.engagementwebhooks.console.DefinitionService;
import io.engagementwebhooks.console.Deliveries;
import io.engagementwebhooks.console.DeliveryCounts;
import io.engagementwebhooks.console.Events;
import io.engagementwebhooks.console.ForOperator;
import io.engagementwebhooks.console.NewKeys;
import io.engagementwebhooks.console.OAuthClients;
import io.engagementwebhooks.console.Overview;
import io.engagementwebhooks.console.PublicKeys;
import io.engagementwebhooks.console.ReplayApi;
import io.engagementwebhooks.console.RouteFaults;
import io.engagementwebhooks.console.SigningKeys;
import io.engagementwebhooks.console.WaitingWebhooks;
import io.engagementwebhooks.console.WebhookTester;
import io.engagementwebhooks.console.Webhooks;
import io.engagementwebhooks.console.pages.Pages;
import io.engagementwebhooks.console.pages.SingleSignOn;
import io.engagementwebhooks.console.pages.SingleSignOnSettings;
import io.engagementwebhooks.contentsquare.ContentsquareConstants;
import io.engagementwebhooks.deliver.AnswerJudging;
import io.engagementwebhooks.deliver.AttemptSpans;
import io.engagementwebhooks.deliver.AttemptTracing;
import io.engagementwebhooks.deliver.Batching;
import io.engagementwebhooks.deliver.ConnectionStatus;
import io.engagementwebhooks.deliver.ConnectionTest;
import io.engagementwebhooks.deliver.ContinuationExecutor;
import io.engagementwebhooks.deliver.DueDeliveryLoader;
import io.engagementwebhooks.deliver.EvaluatedStep;
import io.engagementwebhooks.deliver.FailureJudging;
import io.engagementwebhooks.deliver.FencingCheck;
import io.engagementwebhooks.deliver.HeaderAuthorization;
import io.engagementwebhooks.deliver.MissingRoute;
import io.engagementwebhooks.deliver.OutOfSockets;
import io.engagementwebhooks.deliver.OwnDestinations;
import io.engagementwebhooks.deliver.RecordLockStep;
import io.engagementwebhooks.deliver.RequestBuilding;
import io.engagementwebhooks.deliver.RequestSigning;
import io.engagementwebhooks.deliver.ResolveWebhookStep;
import io.engagementwebhooks.deliver.ResolvedStep;
import io.engagementwebhooks.deliver.Resuming;
import io.engagementwebhooks.deliver.StepThreads;
import io.engagementwebhooks.deliver.StepTimeoutException;
import io.engagementwebhooks.deliver.StepWait;
import io.engagementwebhooks.deliver.ThrowOnFailureStep;
import io.engagementwebhooks.deliver.WebhookSigning;
import io.engagementwebhooks.deliver.contentsquare.ChooseProject;
import io.engagementwebhooks.deliver.contentsquare.ContentsquareConnectionTest;
import io.engagementwebhooks.deliver.contentsquare.ContentsquareFailures;
import io.engagementwebhooks.deliver.contentsquare.ContentsquareProjects;
import io.engagementwebhooks.deliver.contentsquare.EnrichmentBuilding;
import io.engagementwebhooks.deliver.contentsquare.EnrichmentJudging;
import io.engagementwebhooks.deliver.contentsquare.EnrichmentNumbering;
import io.engagementwebhooks.deliver.contentsquare.EnrichmentSending;
import io.engagementwebhooks.deliver.contentsquare.PlannedEnrichment;
import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.deliver.egress.EgressRules;
import io.engagementwebhooks.deliver.egress.HttpFailures;
import io.engagementwebhooks.deliver.egress.NameResolver;
import io.engagementwebhooks.deliver.oauth2.CredentialAges;
import io.engagementwebhooks.deliver.oauth2.OAuth2Authorization;
import io.engagementwebhooks.deliver.oauth2.OAuth2TokenRenewal;
import io.engagementwebhooks.deliver.oauth2.TokenSource;
import io.engagementwebhooks.deliver.receiver.ReceiverCalls;
import io.engagementwebhooks.deliver.salesforce.ChooseOrg;
import io.engagementwebhooks.deliver.salesforce.PlannedWrite;
import io.engagementwebhooks.deliver.salesforce.RecordSending;
import io.engagementwebhooks.deliver.salesforce.SalesforceConnectionTest;
import io.engagementwebhooks.deliver.salesforce.SalesforceFailures;
import io.engagementwebhooks.deliver.salesforce.SalesforceFitting;
import io.engagementwebhooks.deliver.salesforce.SalesforceJudge;
import io.engagementwebhooks.deliver.salesforce.SalesforceOrgs;
import io.engagementwebhooks.deliver.salesforce.SalesforceRecord;
import io.engagementwebhooks.deliver.salesforce.SalesforceStatus;
import io.engagementwebhooks.ingest.AcceptedAnswer;
import io.engagementwebhooks.ingest.Admission;
import io.engagementwebhooks.ingest.BatchLimit;
import io.engagementwebhooks.ingest.EventConsumer;
import io.engagementwebhooks.ingest.EventReader;
import io.engagementwebhooks.ingest.EventReading;
import io.engagementwebhooks.ingest.IngestSpans;
import io.engagementwebhooks.ingest.KafkaAccounts;
import io.engagementwebhooks.ingest.KafkaAdmission;
import io.engagementwebhooks.ingest.KafkaConsumers;
import io.engagementwebhooks.ingest.KafkaReading;
import io.engagementwebhooks.ingest.KafkaSteps;
import io.engagementwebhooks.ingest.KafkaSubscribing;
import io.engagementwebhooks.ingest.SystemEventPublisher;
import io.engagementwebhooks.ingest.Tracing;
import io.engagementwebhooks.ingest.WebhookLookup;
import io.engagementwebhooks.ledger.Background;
import io.engagementwebhooks.ledger.BulkheadExecutor;
import io.engagementwebhooks.ledger.CrashJournal;
import io.engagementwebhooks.ledger.FairExecutor;
import io.engagementwebhooks.ledger.FileDescriptors;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.operate.jmx.ManagementBeans;
import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.outbox.ReplayRunner;
import io.engagementwebhooks.record.AttemptLog;
import io.engagementwebhooks.record.OutcomeRecording;
import io.engagementwebhooks.record.Recorder;
import io.engagementwebhooks.server.CallerAdmission;
import io.engagementwebhooks.server.CallerAuthentication;
import io.engagementwebhooks.server.ConcurrencyLimit;
import io.engagementwebhooks.server.Connections;
import io.engagementwebhooks.server.CredentialHeaderFilter;
import io.engagementwebhooks.server.FailedKeys;
import io.engagementwebhooks.server.KeyRates;
import io.engagementwebhooks.server.KeyUse;
import io.engagementwebhooks.server.ProblemAnswer;
import io.engagementwebhooks.server.ResolveAccountStep;
import io.engagementwebhooks.server.UnauthenticatedBudget;
import io.engagementwebhooks.store.Ownership;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.trace.SpanExport;
import io.engagementwebhooks.webhook.Authentication;
import io.engagementwebhooks.webhook.Breaker;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.config.DefinitionReader;
import io.engagementwebhooks.webhook.config.Vault;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiFunction;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import org.apache.camel.Component;
import org.apache.camel.Processor;
import org.apache.camel.component.kafka.KafkaClientFactory;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.component.kafka.KafkaEndpoint;
import org.apache.camel.component.platform.http.PlatformHttpComponent;
import org.apache.camel.support.LifecycleStrategySupport;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the rooms together and gives the routes their steps, each a bean by name. It reads the settings that are bound in
 * Camel's registry under {@link #SETTINGS}, and closes what it opened when Camel has stopped.
 */
public final class Wiring implements CamelConfiguration {

    /** The name under which {@link Settings} are bound. */
    public static final String SETTINGS = "webhooksSettings";

    /** The name under which the {@link Ledger} is bound. */
    static final String LEDGER = "webhooksLedger";

    /** The name under which the {@link RequestBuilding} is bound. */
    private static final String REQUESTS = "webhooksRequests";

    /** The name under which the memory of {@link UnauthenticatedBudget} is bound. */
    static final String STRANGERS = "webhooksStrangers";

    /** The name under which the server's {@link Connections} are bound. */
    static final String CONNECTIONS = "webhooksConnections";

    /** The name under which the {@link FairExecutor} is bound that processes events. */
    static final String INGEST_THREADS = "webhooksIngestThreads";

    /** The name under which the {@link RouteFiles} that run are bound. */
    static final String ROUTE_FILES = "webhooksRouteFiles";

    /** The names of the steps, each a processor, that routes may refer to. */
    public static final Set<String> STEPS = Set.of(
            "problemAnswer",
            "ingestAuthentication",
            "accountNaming",
            "eventReading",
            "webhookLookup",
            "acceptedAnswer",
            "kafkaReading",
            "kafkaSlices",
            "kafkaDeadLetters",
            "kafkaCommit",
            "requestBuilding",
            "requestSigning",
            "headerAuthorization",
            "oauth2Authorization",
            "oauth2TokenRenewal",
            "answerJudging",
            "failureJudging",
            "salesforceRecord",
            "chooseOrg",
            "salesforceFitting",
            "salesforceBatching",
            "salesforceJudge",
            "salesforceFailures",
            "enrichmentBuilding",
            "enrichmentNumbering",
            "enrichmentBatching",
            "enrichmentTurn",
            "recordTurn",
            "chooseProject",
            "enrichmentJudging",
            "webhookNaming",
            "webhookSigning",
            "outcomeTelling",
            "outcomeRecording",
            "retention",
            "vacuum");

    /** The names of the clients that endpoints may refer to, as in {@code httpClient: "#contentsquareHttpClient"}. */
    public static final Set<String> CLIENTS = Set.of("contentsquareHttpClient");

    private static final Logger LOG = LoggerFactory.getLogger(Wiring.class);

    /** They start batches and go on with what waited; none of it waits for others. */
    private static final int TOGETHER_THREADS = 4;

    /** For what waited for an address and has no turn among deliveries: tests of webhooks, and the last ones of a stop. */
    private static final int RESOLVED_THREADS = 32;

    private static final Duration KEY_USE_INTERVAL = Duration.ofMinutes(1);

    /** They wait for tokens that another instance asks for. */
    private static final int SHARING_THREADS = 16;

    private final Deque<AutoCloseable> closing = new ArrayDeque<>();
    private final List<ConnectionTest> connectionTests = new ArrayList<>();
    private final List<ConnectionStatus> connectionStatus = new ArrayList<>();
    private Optional<SpanExport> spans = Optional.empty();

    /** For short tasks that never wait: none of them delays another. */
    private Background housekeeping;

    @Override
    public void configure(CamelContext context) throws Exception {
        closeWith(context);
        try {
            wire(context);
        } catch (Exception | Error e) {
            // the context has not started, so it will not stop
            close();
            throw e;
        }
    }

    private void wire(CamelContext context) throws Exception {
        UntracedRoutes.in(context);
        context.getCamelContextExtension().addInterceptStrategy(new StepErrors());
        context.getCamelContextExtension().addInterceptStrategy(new StepOrder(Clock.systemUTC()));
        context.getComponent("platform-http", PlatformHttpComponent.class)
                .setHeaderFilterStrategy(new CredentialHeaderFilter());
        Settings settings = context.getRegistry().lookupByNameAndType(SETTINGS, Settings.class);
        Clock clock = Clock.systemUTC();
        TracingSettings tracing = settings.tracing();
        spans = tracing.collector().map(collector -> opened(new SpanExport(collector, tracing.ratio(), Version.TEXT)));
        EgressRules rules = new EgressRules(settings.egress());
        NameResolver names = opened(NameResolver.of(settings.resolver(), rules, clock));
        Ledger ledger = bound(context, LEDGER, Ledger.class, Ledger::ofHeap);
        FairExecutor ingestThreads = bound(
                context,
                INGEST_THREADS,
                FairExecutor.class,
                () -> opened(new FairExecutor("ingest", settings.ingestWorkers(), ledger)));
        Store store = opened(StoreCommands.open(settings, clock));
        ledger.setAsideBy(opened(CrashJournal.open(settings.crashJournal())));
        SecureRandom random = new SecureRandom();
        Vault vault = new StoreKey(settings, store, random).open();
        ActiveConfig config = opened(ActiveConfig.of(settings, store, vault, rules, clock, random));
        MeterRegistry meters = meters(context);
        // the JVM keeps the listener of its garbage collections, which keeps the registry
        closing.push(meters::clear);
        if (settings.isBehindTlsProxy() && !settings.clientAddresses().trustsProxies()) {
            LOG.warn("server.proxy-unknown: throttles by address see the address of the proxy alone; name it in"
                    + " webhooks.server.trusted-proxies");
        }
        ServerMeters.register(
                Optional.ofNullable(context.getRegistry().lookupByNameAndType(CONNECTIONS, Connections.class)), meters);
        housekeeping = opened(new Background("housekeeping"));
        Outbox.Limits limits = new Outbox.Limits(
                FileDescriptors.within(settings.maxInFlight(), "webhooks.deliver.max-in-flight"),
                settings.maxInFlightPerWebhook());
        Outbox outbox = opened(new Outbox(
                store,
                clock,
                limits,
                new ProcessorLoad(),
                opened(new FairExecutor("ingest-continue", settings.ingestWorkers(), ledger))::execute));
        bind(context, "store", store);
        bind(context, "outbox", outbox);
        bind(context, "config", config);
        // they wait for the store, and none of them is urgent
        Background storing = opened(new Background("store-housekeeping"));
        KeyUse use = opened(new KeyUse(new SealedKeyUse(store, vault), clock));
        opened(storing.every(KEY_USE_INTERVAL, use::save));
        CallerAuthentication.Guard guard = new CallerAuthentication.Guard(
                config,
                settings.operatorKey(),
                new FailedKeys(clock),
                new KeyRates(settings.rateLimit(), clock),
                use,
                ConcurrencyLimit.ofRequests(Product.API_THREADS),
                clock,
                settings.clientAddresses());
        Pages pages = new Pages(
                context,
                guard,
                clock,
                random,
                settings.isBehindTlsProxy(),
                settings.singleSignOn().map(how -> singleSignOn(how, rules, names, config, clock, random)));
        bind(context, "pages", pages);
        UnauthenticatedBudget unauthenticated =
                bound(context, STRANGERS, UnauthenticatedBudget.class, () -> new UnauthenticatedBudget(ledger));
        bind(context, CallerAdmission.NAME, new CallerAdmission(guard, ledger, unauthenticated, pages::caller));
        OwnDestinations destinations = new OwnDestinations(context, config);
        SystemEventPublisher systemEventPublisher =
                ingest(context, settings, store, outbox, guard, clock, ledger, ingestThreads);
        TokenSource tokens = deliver(context, rules, names, config, destinations, store, vault, outbox, clock, ledger);
        record(context, store, new AttemptLog(meters, settings.meteredWebhooks()), clock);
        maintain(context, settings, store, outbox, clock);
        ApiDefinitions made = new ApiDefinitions(
                new DefinitionReader(rules::refusal, settings.maxAge(), clock),
                vault,
                store.definitions().all());
        config.completedBy(made);
        Auditing auditing = new Auditing(store.audit(), clock);
        DefinitionService editing = new DefinitionService(
                made,
                new DefinitionReader(rules::refusal, settings.maxAge(), clock),
                store.definitions(),
                store.identities(),
                config,
                destinations,
                auditing,
                new NewKeys(random),
                clock);
        bind(context, "listAudit", auditing.list());
        ReplayRunner replays =
                readBack(context, store, outbox, config, destinations, made, editing, auditing, guard, tokens, clock);
        readOAuthClients(context, store, config, made, editing, tokens, clock);
        config.onChange(current -> outbox.define(ActiveConfig.limits(current)));
        config.onChange(current -> Gauges.warn(current, clock.instant()));
        config.onChange(destinations::warn);
        whenStarted(context, () -> destinations.warn(config.get()));
        config.afterChange(
                (before, now) -> CredentialChanges.between(before, now).forEach(outbox::repaired));
        config.start();
        outbox.followOthers(() -> {
            editing.followOthers();
            config.followOthers();
        });
        outbox.tryUnsentAgain();
        replays.start();
        opened(storing.every(Duration.ZERO, SystemEventPublisher.INTERVAL, systemEventPublisher::publish));
        ExpiringCredentials ages = new ExpiringCredentials(config, clock);
        opened(housekeeping.every(Duration.ofMinutes(1), Duration.ofHours(1), ages::tell));
        RouteFollower routes = followed(context, settings, clock);
        bind(
                context,
                "showRoutes",
                new RouteFaults(
                                () -> routes.status().told(),
                                () -> settings.operatorKey().isEmpty()
                                        && config.get().accounts().size() == 1)
                        .show());
        observe(context, settings, store, outbox, config, routes, ages, clock);
        AccountMeters accounts = new AccountMeters(
                meters,
                ledger,
                settings.meteredAccounts(),
                account -> context.getRegistry().findByType(FairExecutor.class).stream()
                        .mapToInt(executor -> executor.waiting(account))
                        .sum());
        opened(housekeeping.every(AccountMeters.INTERVAL, accounts::refresh));
        opened(new ManagementBeans(context))
                .register(
                        new ManagementBeans.Parts(store, outbox, config, tokens, meters, clock),
                        new ManagementBeans.Files(config::status, config::reread, () -> routes.status()
                                .faults()));
    }

    private void observe(
            CamelContext context,
            Settings settings,
            Store store,
            Outbox outbox,
            ActiveConfig config,
            RouteFollower routes,
            ExpiringCredentials ages,
            Clock clock) {
        Optional<KafkaConsumers> kafka =
                Optional.ofNullable(context.getRegistry().findSingleByType(KafkaConsumers.class));
        HealthChecks checks = new HealthChecks(context, store, config, routes, ages, kafka, clock);
        checks.register();
        Gauges gauges = new Gauges(meters(context), clock);
        gauges.ofStore(store);
        gauges.ofOutbox(outbox, config);
        gauges.ofFiles(config, routes, checks);
        kafka.ifPresent(
                consumers -> gauges.ofKafka(consumers, settings.kafka().topics().keySet()));
    }

    /** How the routes stand to their files, which are followed from when the routes run. */
    private RouteFollower followed(CamelContext context, Settings settings, Clock clock) {
        InFlightCounts counts = new InFlightCounts();
        context.setInflightRepository(counts);
        RouteVersionInFlight.countIn(context);
        RouteFiles bound = context.getRegistry().lookupByNameAndType(ROUTE_FILES, RouteFiles.class);
        // under a main that is not ours nobody says which files the routes came from: they are not followed
        RouteFiles files = bound == null ? RouteFiles.of(Path.of("").toAbsolutePath(), null, settings) : bound;
        RouteFollower follower = opened(new RouteFollower(
                files,
                files.read(),
                settings,
                new RouteSwap(context, counts),
                RouteFollower.INTERVAL,
                RouteFollower.FORMER_ENDS,
                clock));
        // by it tests check now instead of waiting for the interval
        bind(context, "routeFollower", follower);
        if (bound != null && settings.followsRoutes()) {
            whenStarted(context, follower::start);
            context.addLifecycleStrategy(new LifecycleStrategySupport() {
                @Override
                public void onContextStopping(CamelContext stopping) {
                    follower.stop();
                }
            });
        }
        return follower;
    }

    private static void whenStarted(CamelContext context, Runnable what) {
        context.addLifecycleStrategy(new LifecycleStrategySupport() {
            @Override
            public void onContextStarted(CamelContext started) {
                what.run();
            }
        });
    }

    private SystemEventPublisher ingest(
            CamelContext context,
            Settings settings,
            Store store,
            Outbox outbox,
            CallerAuthentication.Guard guard,
            Clock clock,
            Ledger ledger,
            FairExecutor ingestThreads) {
        Admission admission =
                new Admission(store, outbox::isBackedUp, settings.maxWaiting(), settings.maxStoreSize());
        opened(new Background("admission")).every(Duration.ZERO, Admission.INTERVAL, admission::look);
        new Gauges(meters(context), clock).ofAdmission(admission);
        bind(context, "admission", admission);
        bind(context, "problemAnswer", new ProblemAnswer());
        bind(context, "ingestAuthentication", CallerAuthentication.toSend(guard));
        bind(context, "accountNaming", new ResolveAccountStep(id -> guard.config()
                .get()
                .account(id)));
        EventReader reader = new EventReader();
        Tracing tracing = spans.<Tracing>map(export -> new IngestSpans(export.tracer()))
                .orElse(settings.tracing().passed() ? Tracing.ON : Tracing.OFF);
        bind(context, "eventReading", new EventReading(reader, admission, tracing, ledger));
        KafkaSettings kafka = settings.kafka();
        KafkaAccounts accounts = new KafkaAccounts(kafka.topics(), kafka.trustAccount());
        bind(
                context,
                "kafkaReading",
                new KafkaReading(guard.config(), reader, accounts, settings.maxBody(), tracing, ledger));
        KafkaAdmission kafkaAdmission = new KafkaAdmission(
                guard.config(),
                accounts,
                account -> admission.obstacle(account).or(() -> Optional.of("deliveries come first")
                        .filter(why -> outbox.isBehind(account))),
                ledger,
                settings.maxBody());
        KafkaClientFactory clients = EventConsumer.factory(kafkaAdmission);
        context.addLifecycleStrategy(new LifecycleStrategySupport() {
            @Override
            public void onComponentAdd(String name, Component component) {
                // one that has settings is not autowired
                if (component instanceof KafkaComponent kafkaComponent) {
                    kafkaComponent.setKafkaClientFactory(clients);
                }
            }
        });
        BatchLimit limit = new BatchLimit(settings.maxDeliveries());
        bind(context, "kafkaSlices", KafkaSteps.slices(guard.config(), limit));
        bind(context, "kafkaDeadLetters", KafkaSteps.deadLetters());
        bind(context, "kafkaCommit", KafkaSteps.commit());
        KafkaConsumers consumers = new KafkaConsumers(kafka.brokers(), () -> readsKafka(context), clock);
        bind(context, KafkaConstants.KAFKA_SUBSCRIBE_ADAPTER, new KafkaSubscribing(consumers));
        if (kafka.isEnabled()) {
            bind(context, "kafkaConsumers", consumers);
            opened(housekeeping.every(KafkaConsumers.INTERVAL, consumers::look));
        }
        WebhookLookup webhooks = new WebhookLookup(guard.config(), limit, clock, ledger, ingestThreads);
        bind(context, "webhookLookup", new SharedStep(webhooks));
        bind(context, "acceptedAnswer", new AcceptedAnswer());
        return new SystemEventPublisher(store, outbox, webhooks);
    }

    /** Whether a route that reads events from Kafka runs. */
    private static boolean readsKafka(CamelContext context) {
        return context.getRoutes().stream()
                .filter(route -> route.getEndpoint() instanceof KafkaEndpoint endpoint
                        && EventConsumer.CLIENT_ID.equals(
                                endpoint.getConfiguration().getClientId()))
                .map(route -> context.getRouteController().getRouteStatus(route.getId()))
                .anyMatch(status -> status != null && status.isStarted());
    }

    private TokenSource deliver(
            CamelContext context,
            EgressRules rules,
            NameResolver names,
            ActiveConfig config,
            OwnDestinations destinations,
            Store store,
            Vault vault,
            Outbox outbox,
            Clock clock,
            Ledger ledger) {
        FairExecutor resolved = opened(new FairExecutor("deliver-resolved", RESOLVED_THREADS, ledger));
        EgressClient egress = opened(new EgressClient(rules, Version.TEXT, clock, names));
        Resuming resuming = Resuming.inTurn(outbox.threads(), resolved);
        StepWait wait = new StepWait(egress, ledger, resuming, clock);
        steps(context, ledger, resuming, clock);
        Gauges gauges = new Gauges(meters(context), clock);
        gauges.ofEgress(egress);
        gauges.ofInFlight(outbox);
        gauges.ofNames(names);
        TokenSource tokens = tokens(egress, store, vault, clock, ledger);
        bind(
                context,
                "deliveryLoader",
                new DueDeliveryLoader(id -> config.get().webhook(id), destinations, outbox, clock));
        RequestBuilding requests = new RequestBuilding(clock, attemptTracing());
        bind(context, REQUESTS, requests);
        Processor building = new EvaluatedStep("build-request", requests, ledger, clock);
        bind(context, "requestBuilding", new SharedStep(new ResolvedStep(building, wait)));
        bind(context, "headerAuthorization", new HeaderAuthorization());
        bind(context, "requestSigning", new RequestSigning(clock));
        bind(context, "oauth2Authorization", new OAuth2Authorization(tokens, clock, wait));
        bind(context, "oauth2TokenRenewal", new SharedStep(new OAuth2TokenRenewal(tokens, clock, wait)));
        FencingCheck fencingCheck = new FencingCheck(store.cluster().ownership(), clock);
        bind(context, "receiverCalls", new ReceiverCalls(egress, fencingCheck, resuming));
        bind(context, "answerJudging", new AnswerJudging(clock));
        kamelets(context, config, clock);
        ScheduledExecutorService together =
                Executors.newScheduledThreadPool(TOGETHER_THREADS, task -> new Thread(task, "deliver-together"));
        closing.push(together::shutdownNow);
        salesforce(context, rules, names, config, clock, requests, together, fencingCheck, ledger);
        ContentsquareProjects projects =
                new ContentsquareProjects(clock, url -> rules.refusal(url).isEmpty());
        CloseableHttpAsyncClient contentsquare = opened(egress.asyncClient(
                ContentsquareConstants.BEFORE_SENDING, ContentsquareConstants.TIMING, ContentsquareConstants.OWNER));
        bind(context, "contentsquareHttpClient", contentsquare);
        connectionTests.add(
                new ContentsquareConnectionTest(projects, contentsquare, new ContinuationExecutor(together), clock));
        bind(
                context,
                "enrichmentBuilding",
                new EvaluatedStep("build-enrichment", new EnrichmentBuilding(requests), ledger, clock));
        RecordLockStep turns = new RecordLockStep(store, clock, new ContinuationExecutor(together));
        bind(context, "recordTurn", turns);
        bind(context, "enrichmentTurn", turns.elsewhere());
        bind(context, "enrichmentNumbering", new EnrichmentNumbering(store, clock, new ContinuationExecutor(together)));
        bind(
                context,
                "enrichmentBatching",
                new Batching(new EnrichmentSending(context, attemptTracing()), together, clock, fencingCheck));
        bind(context, "chooseProject", new ChooseProject(projects, fencingCheck, clock));
        bind(context, "enrichmentJudging", new EnrichmentJudging(projects));
        bind(
                context,
                "failureJudging",
                new FailureJudging(List.of(
                        new OutOfSockets(clock),
                        new ContentsquareFailures(projects, clock),
                        new HttpFailures(),
                        StepTimeoutException::judge,
                        new MissingRoute(clock))));
        return tokens;
    }

    /** Runs steps that may block on threads apart. */
    private void steps(CamelContext context, Ledger ledger, Resuming resuming, Clock clock) {
        int size = context.getRegistry()
                .lookupByNameAndType(SETTINGS, Settings.class)
                .stepThreads();
        StepThreads steps =
                new StepThreads(opened(new BulkheadExecutor("deliver-step", size, ledger)), ledger, resuming, clock);
        opened(housekeeping.every(Duration.ofSeconds(1), steps::check));
        new Gauges(meters(context), clock).ofSteps(steps);
        context.getCamelContextExtension().addInterceptStrategy(new ForeignSteps(steps));
    }

    /** The steps that Kamelets have beside those of the rooms' own routes. */
    private static void kamelets(CamelContext context, ActiveConfig config, Clock clock) {
        BiFunction<String, String, Optional<Webhook>> webhooks =
                (account, idOrName) -> config.get().webhook(account, idOrName);
        EventReader reader = new EventReader();
        bind(
                context,
                "webhookNaming",
                new ResolveWebhookStep(
                        webhooks, (account, text) -> reader.record(account, null, Map.of(), text), clock));
        bind(context, "webhookSigning", new WebhookSigning(webhooks, clock));
        bind(context, "outcomeTelling", new ThrowOnFailureStep());
    }

    private TokenSource tokens(EgressClient egress, Store store, Vault vault, Clock clock, Ledger ledger) {
        DoubleSupplier random = () -> ThreadLocalRandom.current().nextDouble();
        TokenSource tokens = store.cluster().ownership() == Ownership.ALL
                ? new TokenSource(egress, tokenAnswers(), clock, random)
                : TokenSource.sharing(
                        new KeptTokens(store, vault),
                        egress,
                        opened(new FairExecutor("token-sharing", SHARING_THREADS, ledger))::execute,
                        clock,
                        random);
        opened(housekeeping.every(Duration.ofSeconds(1), tokens::renewAgeing));
        return tokens;
    }

    private Executor tokenAnswers() {
        ExecutorService answers = Executors.newFixedThreadPool(2, task -> new Thread(task, "token-answers"));
        closing.push(answers::shutdownNow);
        return answers;
    }

    private AttemptTracing attemptTracing() {
        return spans.<AttemptTracing>map(export -> new AttemptSpans(export.tracer()))
                .orElse(AttemptTracing.TOLD_ONLY);
    }

    private void salesforce(
            CamelContext context,
            EgressRules rules,
            NameResolver names,
            ActiveConfig config,
            Clock clock,
            RequestBuilding requests,
            ScheduledExecutorService together,
            FencingCheck fencingCheck,
            Ledger ledger) {
        SalesforceOrgs orgs = opened(new SalesforceOrgs(
                context,
                clock,
                url -> rules.refusal(url).isEmpty(),
                rules::refusal,
                names,
                config.refreshTokens(),
                ledger));
        opened(housekeeping.every(Duration.ofMinutes(1), orgs::closeIdle));
        rules.proxy().ifPresent(orgs::goThrough);
        config.onChange(current -> orgs.retain(Set.copyOf(current.resources().salesforce())));
        bind(
                context,
                "salesforceRecord",
                new EvaluatedStep("build-record", new SalesforceRecord(requests), ledger, clock));
        bind(context, "chooseOrg", new ChooseOrg(orgs));
        bind(context, "salesforceFitting", new EvaluatedStep("fit-record", new SalesforceFitting(orgs), ledger, clock));
        bind(
                context,
                "salesforceBatching",
                new Batching(new RecordSending(context, attemptTracing(), orgs), together, clock, fencingCheck));
        bind(context, "salesforceJudge", new SalesforceJudge(orgs));
        bind(context, "salesforceFailures", new SalesforceFailures(orgs, clock));
        connectionTests.add(new SalesforceConnectionTest(orgs));
        SalesforceStatus status = new SalesforceStatus(orgs);
        connectionStatus.add(status);
        ConnectionMeters gauges = new ConnectionMeters(meters(context), status);
        config.onChange(current -> gauges.show(current.resources().salesforce().stream()
                .map(Authentication.Salesforce::new)
                .toList()));
    }

    private void record(CamelContext context, Store store, AttemptLog attempts, Clock clock) {
        Recorder recorder = opened(new Recorder(
                store,
                clock,
                () -> ThreadLocalRandom.current().nextDouble(),
                new Breaker(context.getRegistry()
                        .lookupByNameAndType(SETTINGS, Settings.class)
                        .disableAfter()),
                attempts,
                attemptTracing()));
        bind(context, "attemptRecording", recorder);
        bind(context, "outcomeRecording", new OutcomeRecording(recorder));
    }

    private static void maintain(CamelContext context, Settings settings, Store store, Outbox outbox, Clock clock) {
        bind(context, "retention", new Retention(store, outbox, settings, clock));
        bind(context, "vacuum", new Vacuum(store));
    }

    private ReplayRunner readBack(
            CamelContext context,
            Store store,
            Outbox outbox,
            ActiveConfig config,
            OwnDestinations destinations,
            ApiDefinitions made,
            DefinitionService editing,
            Auditing auditing,
            CallerAuthentication.Guard guard,
            TokenSource tokens,
            Clock clock) {
        Deliveries deliveries = new Deliveries(
                store,
                outbox,
                config,
                context.getRegistry().lookupByNameAndType(REQUESTS, RequestBuilding.class),
                auditing,
                clock,
                context.getRegistry().lookupByNameAndType(LEDGER, Ledger.class));
        Webhooks webhooks = new Webhooks(store, outbox, config, made, auditing, tokens::problem, clock);
        Credentials credentials = new Credentials(config, made, connectionStatus, clock);
        ApiKeys apiKeys = new ApiKeys(config, made, guard.use(), clock);
        SigningKeys signingKeys = new SigningKeys(config, made, clock);
        Accounts accounts = new Accounts(
                opened(new DeliveryCounts(store, clock)),
                outbox,
                config,
                context.getRegistry().lookupByNameAndType(LEDGER, Ledger.class));
        bind(context, "readAuthentication", CallerAuthentication.toRead(guard));
        bind(context, "operateAuthentication", CallerAuthentication.toOperate(guard));
        bind(context, "readOrOperateAuthentication", CallerAuthentication.toReadOrOperate(guard));
        bind(context, "listAccounts", accounts.list());
        bind(context, "listApiKeys", apiKeys.list());
        bind(context, "showApiKey", apiKeys.one());
        bindEditing(context, editing, ResourceKind.API_KEY, apiKeys.view());
        bindEditing(context, editing, ResourceKind.WEBHOOK, webhooks.view());
        bindEditing(context, editing, ResourceKind.CONNECTION, credentials.view());
        bindEditing(context, editing, ResourceKind.SIGNING_KEY, signingKeys.view());
        bind(context, "rotateSigningKey", editing.rotate(signingKeys.view()));
        bind(context, "showSigningKey", signingKeys.one());
        bind(context, "showConnection", credentials.one());
        bind(context, "changeAuthentication", CallerAuthentication.toChange(guard));
        bind(context, "listDeliveries", deliveries.list());
        bind(context, "showDelivery", deliveries.one());
        bind(context, "listAttempts", deliveries.attempts());
        bind(context, "replayDelivery", deliveries.replay());
        long room = Math.max(
                1,
                context.getRegistry()
                                .lookupByNameAndType(SETTINGS, Settings.class)
                                .maxWaiting()
                        / 2);
        ReplayRunner runner = opened(new ReplayRunner(
                store,
                outbox,
                webhook -> config.get().webhook(webhook).isPresent(),
                () -> store.waitingCount() < room,
                clock));
        ReplayApi replays = new ReplayApi(store, config, runner, auditing, clock);
        WebhookTester trying = new WebhookTester(
                context,
                config,
                editing,
                destinations,
                context.getRegistry().lookupByNameAndType(REQUESTS, RequestBuilding.class),
                List.of(new PlannedWrite(), new PlannedEnrichment()),
                store.events(),
                auditing,
                clock,
                context.getRegistry().lookupByNameAndType(LEDGER, Ledger.class));
        bind(context, "previewWebhook", trying.preview());
        bind(context, "testWebhook", trying.test());
        Events events = new Events(store.events());
        bind(context, "listEvents", events.list());
        bind(context, "showEvent", events.one());
        bind(context, "listWaiting", new WaitingWebhooks(store, outbox, config, made, System::nanoTime).list());
        bind(context, "showFigures", new Overview(store, config, clock).figures());
        bind(context, "startReplay", replays.start());
        bind(context, "listReplays", replays.list());
        bind(context, "showReplay", replays.one());
        bind(context, "cancelReplay", replays.cancel());
        bind(context, "cancelDelivery", deliveries.cancel());
        bind(context, "retryDelivery", deliveries.retry());
        bind(context, "discardDeliveries", webhooks.discard());
        bind(context, "releaseDeliveries", webhooks.release());
        bind(context, "listWebhooks", new ForOperator(webhooks.list(), accounts.webhooks()));
        bind(context, "showWebhook", webhooks.one());
        bind(context, "pauseWebhook", webhooks.pause());
        bind(context, "resumeWebhook", webhooks.resume());
        bind(context, "listConnections", credentials.connections());
        bind(context, "testConnection", new ConnectionTesting(config, made, connectionTests).test());
        bind(context, "listSigningKeys", signingKeys.list());
        bind(context, "publicKeys", new PublicKeys(config, clock));
        bind(context, "apiDescription", new ApiDescription());
        return runner;
    }

    /** It asks its provider by a client of its own, under the rules for all that leaves. */
    private SingleSignOn singleSignOn(
            SingleSignOnSettings how,
            EgressRules rules,
            NameResolver names,
            ActiveConfig config,
            Clock clock,
            SecureRandom random) {
        EgressClient egress = opened(new EgressClient(rules, Version.TEXT, clock, names));
        return new SingleSignOn(how, egress::send, config, clock, random);
    }

    private static void readOAuthClients(
            CamelContext context,
            Store store,
            ActiveConfig config,
            ApiDefinitions made,
            DefinitionService editing,
            TokenSource tokens,
            Clock clock) {
        CredentialAges ages = new CredentialAges(store, clock, new SecureRandom());
        config.onChange(current -> ages.note(current.resources().oauthClients()));
        OAuthClients clients = new OAuthClients(config, made, tokens, ages, clock);
        bindEditing(context, editing, ResourceKind.OAUTH_CLIENT, clients.view());
        bind(context, "listOAuthClients", clients.list());
        bind(context, "showOAuthClient", clients.one());
        bind(context, "testOAuthClient", clients.test());
    }

    private static void bindEditing(
            CamelContext context, DefinitionService editing, ResourceKind kind, DefinitionService.View view) {
        editing.steps(kind, view).forEach((what, step) -> bind(context, ConsoleRoutes.step(what, kind), step));
    }

    static MeterRegistry meters(CamelContext context) {
        MeterRegistry camels = context.getRegistry().findSingleByType(MeterRegistry.class);
        return camels == null ? new SimpleMeterRegistry() : camels;
    }

    private static void bind(CamelContext context, String name, Object bean) {
        context.getRegistry().bind(name, bean);
    }

    /** A part that {@link Product} shares with its server; under a main that is not ours it is made here. */
    private static <T> T bound(CamelContext context, String name, Class<T> type, Supplier<T> missing) {
        T part = context.getRegistry().lookupByNameAndType(name, type);
        if (part == null) {
            part = missing.get();
            bind(context, name, part);
        }
        return part;
    }

    private <T extends AutoCloseable> T opened(T closeable) {
        closing.push(closeable);
        return closeable;
    }

    /** Routes stop first; then the rooms' parts, in the opposite order of their opening. */
    private void closeWith(CamelContext context) {
        context.addLifecycleStrategy(new LifecycleStrategySupport() {
            @Override
            public void onContextStopped(CamelContext stopped) {
                close();
            }
        });
    }

    private void close() {
        while (!closing.isEmpty()) {
            try {
                closing.pop().close();
            } catch (Exception e) {
                LOG.warn("something did not close cleanly: {}", e.getMessage(), e);
            }
        }
    }
}
