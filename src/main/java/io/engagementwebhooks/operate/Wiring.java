package io.engagementwebhooks.operate;

import static org.apache.camel.support.LifecycleStrategySupport.adapt;
import static org.apache.camel.support.LifecycleStrategySupport.onCamelContextStarted;
import static org.apache.camel.support.LifecycleStrategySupport.onCamelContextStarting;
import static org.apache.camel.support.LifecycleStrategySupport.onCamelContextStopped;
import static org.apache.camel.support.LifecycleStrategySupport.onCamelContextStopping;

import io.engagementwebhooks.api.ApiRoom;
import io.engagementwebhooks.api.ApiStep;
import io.engagementwebhooks.api.RouteFaults;
import io.engagementwebhooks.api.VersionView;
import io.engagementwebhooks.api.account.PortalSessions;
import io.engagementwebhooks.api.definition.StoredDefinitions;
import io.engagementwebhooks.api.inbox.InboxAddresses;
import io.engagementwebhooks.api.inbox.InboxApi;
import io.engagementwebhooks.api.inbox.InboxReceiver;
import io.engagementwebhooks.api.inbox.Inboxes;
import io.engagementwebhooks.api.listen.ListenApi;
import io.engagementwebhooks.api.listen.ListenStreams;
import io.engagementwebhooks.api.listen.Listeners;
import io.engagementwebhooks.config.DefinitionReader;
import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.console.Pages;
import io.engagementwebhooks.console.signin.Sessions;
import io.engagementwebhooks.console.signin.SignInLink;
import io.engagementwebhooks.console.signin.SingleSignOn;
import io.engagementwebhooks.console.signin.SingleSignOnSettings;
import io.engagementwebhooks.deliver.AttemptSpans;
import io.engagementwebhooks.deliver.AttemptTracing;
import io.engagementwebhooks.deliver.DeliverRoom;
import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.deliver.egress.EgressRules;
import io.engagementwebhooks.deliver.egress.NameResolver;
import io.engagementwebhooks.deliver.oauth2.TokenSharing;
import io.engagementwebhooks.deliver.request.WebhookSigning;
import io.engagementwebhooks.deliver.step.OwnDestinations;
import io.engagementwebhooks.deliver.step.ResolveWebhookStep;
import io.engagementwebhooks.ingest.Admission;
import io.engagementwebhooks.ingest.EventReader;
import io.engagementwebhooks.ingest.IngestRoom;
import io.engagementwebhooks.ingest.IngestSpans;
import io.engagementwebhooks.ingest.SystemEventPublisher;
import io.engagementwebhooks.ingest.Tracing;
import io.engagementwebhooks.ledger.Background;
import io.engagementwebhooks.ledger.CrashJournal;
import io.engagementwebhooks.ledger.FairExecutor;
import io.engagementwebhooks.ledger.FileDescriptors;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.ledger.RoomContext;
import io.engagementwebhooks.operate.health.AccountMeters;
import io.engagementwebhooks.operate.health.ConnectionMeters;
import io.engagementwebhooks.operate.health.ExpiringCredentials;
import io.engagementwebhooks.operate.health.Gauges;
import io.engagementwebhooks.operate.health.HealthChecks;
import io.engagementwebhooks.operate.health.HealthCounts;
import io.engagementwebhooks.operate.health.ProcessorLoad;
import io.engagementwebhooks.operate.jmx.ManagementBeans;
import io.engagementwebhooks.operate.jmx.RouteMBeanAssembler;
import io.engagementwebhooks.operate.jmx.RouteMBeans;
import io.engagementwebhooks.operate.log.ScratchContextFilter;
import io.engagementwebhooks.operate.routes.ForeignSteps;
import io.engagementwebhooks.operate.routes.InFlightCounts;
import io.engagementwebhooks.operate.routes.RouteFiles;
import io.engagementwebhooks.operate.routes.RouteFollower;
import io.engagementwebhooks.operate.routes.RouteSwap;
import io.engagementwebhooks.operate.routes.StepErrors;
import io.engagementwebhooks.operate.routes.StepOrder;
import io.engagementwebhooks.operate.routes.UntracedRoutes;
import io.engagementwebhooks.operate.settings.KafkaSettings;
import io.engagementwebhooks.operate.settings.Settings;
import io.engagementwebhooks.operate.settings.TracingSettings;
import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.record.AttemptLog;
import io.engagementwebhooks.record.RecordRoom;
import io.engagementwebhooks.server.AuthenticatingRouter;
import io.engagementwebhooks.server.CallerAdmission;
import io.engagementwebhooks.server.CallerAuthentication;
import io.engagementwebhooks.server.ConcurrencyLimit;
import io.engagementwebhooks.server.Connections;
import io.engagementwebhooks.server.CredentialHeaderFilter;
import io.engagementwebhooks.server.FailedKeys;
import io.engagementwebhooks.server.KeyRates;
import io.engagementwebhooks.server.KeyUse;
import io.engagementwebhooks.server.UnauthenticatedBudget;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.cluster.Ownership;
import io.engagementwebhooks.trace.SpanExport;
import io.engagementwebhooks.webhook.Breaker;
import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.auth.Authentication;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.PlatformHttpComponent;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;

/**
 * Builds the rooms and binds the steps of the routes, each as a named bean. It reads the settings bound in Camel's
 * registry under {@link #SETTINGS}, and closes its parts when Camel has stopped.
 */
public final class Wiring implements CamelConfiguration, AutoCloseable {

    static final String SIGN_IN_LINK = "signInLink";

    /** The name under which {@link Settings} are bound. */
    public static final String SETTINGS = "webhooksSettings";

    /** The name under which the {@link Ledger} is bound. */
    public static final String LEDGER = "webhooksLedger";

    /** The name under which the {@link UnauthenticatedBudget} is bound. */
    static final String UNAUTHENTICATED_BUDGET = "webhooksUnauthenticatedBudget";

    /** The name under which the server's {@link Connections} are bound. */
    static final String CONNECTIONS = "webhooksConnections";

    /** The name under which the {@link FairExecutor} is bound that processes events. */
    static final String INGEST_THREADS = "webhooksIngestThreads";

    /** The name under which the {@link RouteFiles} that run are bound. */
    static final String ROUTE_FILES = "webhooksRouteFiles";

    /** The names of the steps, each a processor, that routes may refer to. */
    public static final Set<String> STEPS = Set.of(
            "buildProblemResponse",
            "authenticateCaller",
            "resolveAccount",
            "readEvents",
            "lookUpWebhooks",
            "buildAcceptedResponse",
            "readKafkaRecords",
            "sliceKafkaRecords",
            "collectKafkaDeadLetters",
            "commitKafkaOffsets",
            "buildRequest",
            "signRequest",
            "authorizeByHeader",
            "authorizeByOAuth2",
            "renewRefusedToken",
            "judgeResponse",
            "judgeFailure",
            "noteDelivered",
            "noteFailed",
            "buildSalesforceRecord",
            "chooseOrg",
            "fitSalesforceRecord",
            "writeSalesforceBatch",
            "judgeSalesforceResponse",
            "judgeSalesforceFailure",
            "buildEnrichment",
            "numberEnrichment",
            "sendEnrichmentBatch",
            "lockEnrichment",
            "lockSalesforceRecord",
            "chooseProject",
            "judgeEnrichment",
            "buildEmail",
            "judgeEmail",
            "buildKameletMessage",
            "sendToKamelet",
            "resolveWebhook",
            "signMessage",
            "throwOnFailure",
            "recordOutcome",
            "retention",
            "vacuum");

    /** The names of the clients that endpoints may refer to, as in {@code httpClient: "#contentsquareHttpClient"}. */
    public static final Set<String> CLIENTS = Set.of("contentsquareHttpClient", "mailSender");

    private static final Duration MINUTE = Duration.ofMinutes(1);

    private static final Duration KEEP_ALIVE_CHECK = Duration.ofSeconds(10);

    /** What is stored of an event is removed after this time without a new part. */
    private static final Duration INCOMPLETE_FOR = Duration.ofMinutes(10);

    private static final int LISTEN_THREADS = 2;

    private final SecureRandom random = new SecureRandom();
    private final StoreFollower follower = new StoreFollower(System::nanoTime);

    // opened in this order: each needs some of those before it
    private CamelContext context;
    private Settings settings;
    private MeterRegistry meters;
    private RoomContext room;
    private EgressRules rules;
    private NameResolver names;
    private Store store;
    private Vault vault;
    private InboxAddresses inboxes;
    private ActiveConfig config;
    private boolean isFileForced;
    private FairExecutor deliverThreads;
    private Outbox outbox;

    /** Who may use the API and the console. */
    private record Access(CallerAuthentication.Guard guard, PortalSessions portal, Sessions sessions) {}

    @Override
    public void configure(CamelContext starting) throws Exception {
        context = starting;
        settings = context.getRegistry().lookupByNameAndType(SETTINGS, Settings.class);
        meters = meters(context);
        room = new RoomContext(context, Clock.systemUTC(), bound(LEDGER, Ledger.class, Ledger::ofHeap));
        // the rooms' parts are closed after the routes have stopped, in reverse order of opening
        context.addLifecycleStrategy(adapt(onCamelContextStopped(stopped -> close())));
        try {
            wire();
        } catch (Exception | Error e) {
            // a context that has not started will not stop
            close();
            throw e;
        }
    }

    /** Applies the configuration file at the start although a newer one was applied. */
    void applyFile() {
        isFileForced = true;
    }

    /** Closes the rooms' parts, if they were opened; idempotent. */
    @Override
    public void close() {
        if (room != null) {
            room.close();
        }
    }

    private void wire() throws Exception {
        UntracedRoutes.in(context);
        if (settings.text("camel.main.jmxManagementMBeansLevel").equals("RoutesOnly")) {
            context.getManagementStrategy().setManagementObjectStrategy(new RouteMBeans());
        }
        context.getCamelContextExtension().setManagementMBeanAssembler(new RouteMBeanAssembler(context));
        context.getCamelContextExtension().addInterceptStrategy(new StepErrors());
        context.getCamelContextExtension().addInterceptStrategy(new StepOrder(room.clock()));
        context.getComponent("platform-http", PlatformHttpComponent.class)
                .setHeaderFilterStrategy(new CredentialHeaderFilter());
        TracingSettings tracing = settings.tracing();
        Optional<SpanExport> spans = tracing.collector()
                .map(collector -> room.closeAtStop(new SpanExport(collector, tracing.ratio(), Version.TEXT)));
        AttemptTracing attemptTracing = spans.<AttemptTracing>map(export -> new AttemptSpans(export.tracer()))
                .orElse(AttemptTracing.PROPAGATE_ONLY);
        FairExecutor ingestThreads = bound(
                INGEST_THREADS,
                FairExecutor.class,
                () -> room.closeAtStop(new FairExecutor("ingest", settings.ingestWorkers(), room.ledger())));
        openShared();
        // its tasks block on the store, and none is urgent
        Background storing = room.closeAtStop(new Background("store-housekeeping"));
        KeyUse use = room.closeAtStop(new KeyUse(new SealedKeyUse(store, vault), room.clock()));
        room.closeAtStop(storing.every(MINUTE, use::save));
        Access access = server(use);
        OwnDestinations destinations = new OwnDestinations(context, config, settings.kamelets()::refusal);
        IngestRoom ingest = ingest(
                access.guard(),
                ingestThreads,
                spans.<Tracing>map(export -> new IngestSpans(export.tracer()))
                        .orElse(tracing.passed() ? Tracing.ON : Tracing.OFF));
        DeliverRoom deliver = deliver(destinations, attemptTracing);
        kamelets();
        RecordRoom.open(
                room,
                store,
                new Breaker(settings.disableAfter()),
                new AttemptLog(meters, settings.meteredWebhooks()),
                attemptTracing,
                deliver.failures());
        room.bind("retention", new RemoveExpiredStep(store, settings, room.clock()));
        room.bind("vacuum", new Vacuum(store));
        listen(access, ingest.admission());
        ApiRoom api = api(deliver, destinations, access, ingest);
        follow(deliver, api, destinations, access.sessions());
        outbox.retryUnsent();
        api.start();
        room.closeAtStop(storing.every(MINUTE, () -> store.events().removeIncomplete(INCOMPLETE_FOR)));
        room.closeAtStop(storing.every(Duration.ZERO, SystemEventPublisher.INTERVAL, ingest.systemEvents()::publish));
        HealthCounts health = new HealthCounts(store, config);
        room.closeAtStop(storing.every(Duration.ZERO, HealthCounts.INTERVAL, health::refresh));
        room.closeAtStop(
                storing.every(KEEP_ALIVE_CHECK, () -> deliver.keepAlive(config.get(), settings.salesforceKeepAlive())));
        observe(ingest, deliver, destinations, health);
    }

    /** Opens what the rooms share. */
    private void openShared() {
        rules = new EgressRules(settings.egress(), url -> inboxes.leadTo(url));
        names = room.closeAtStop(NameResolver.of(settings.resolver(), rules, room.clock()));
        store = room.closeAtStop(StoreCommands.open(settings, room.clock()));
        room.ledger().quarantineBy(room.closeAtStop(CrashJournal.open(settings.crashJournal())));
        StoreKey key = new StoreKey(settings, store, random);
        vault = key.open();
        store.erasures().digest().use(key.erasures(vault)::name);
        inboxes = new InboxAddresses(
                this::inboxSite,
                vault,
                // while the first configuration is read, which may have webhooks that send to one
                account -> config == null || config.get().account(account).isPresent());
        // the JVM keeps the listener of its garbage collections, which keeps the registry
        room.closeAtStop(meters::clear);
        deliverThreads = room.closeAtStop(new FairExecutor("deliver", settings.deliverThreads(), room.ledger()));
        outbox = outbox();
        StoredDefinitions definitions = new StoredDefinitions(definitionReader(), vault);
        config = room.closeAtStop(ActiveConfig.of(
                settings,
                new ActiveConfig.Parts(store, outbox, vault, definitions),
                isFileForced,
                rules,
                room.clock(),
                random));
        room.bind("store", store);
        room.bind("outbox", outbox);
        room.bind("config", config);
    }

    private Outbox outbox() {
        return room.closeAtStop(new Outbox(
                store,
                room.clock(),
                new Outbox.Limits(
                        FileDescriptors.within(settings.maxInFlight(), "webhooks.deliver.max-in-flight"),
                        settings.maxInFlightPerWebhook()),
                new ProcessorLoad(),
                room.closeAtStop(new FairExecutor("ingest-continue", settings.ingestWorkers(), room.ledger()))::execute,
                deliverThreads::execute));
    }

    /** Builds authentication and the server's pages. */
    private Access server(KeyUse use) {
        CallerAuthentication.Guard guard = new CallerAuthentication.Guard(
                config,
                settings.operatorKey(),
                new FailedKeys(room.clock()),
                new KeyRates(settings.rateLimit(), room.clock()),
                use,
                ConcurrencyLimit.ofRequests(Product.API_THREADS),
                room.clock(),
                settings.clientAddresses());
        SignInLink first = new SignInLink(config, store.settings(), vault, room.clock(), random);
        room.bind(SIGN_IN_LINK, first);
        PortalSessions portal = new PortalSessions(store.sessions(), guard, vault, room.clock(), random);
        Sessions sessions = new Sessions(
                store.sessions(),
                portal,
                guard,
                settings.singleSignOn().map(SingleSignOnSettings::provider),
                isStoreShared() ? follower::isCurrent : () -> true,
                vault,
                room.clock(),
                random);
        Pages pages = new Pages(
                context,
                guard,
                sessions,
                new Pages.SignIns(first, portal, settings.singleSignOn().map(this::singleSignOn)),
                room.clock(),
                settings.isBehindTlsProxy(),
                settings.branding(),
                settings.mail().isOn(),
                inboxSite().isPresent(),
                settings.kamelets(),
                settings.frameAncestors());
        room.bind("pages", pages);
        UnauthenticatedBudget unauthenticated = bound(
                UNAUTHENTICATED_BUDGET, UnauthenticatedBudget.class, () -> new UnauthenticatedBudget(room.ledger()));
        room.bind(
                CallerAdmission.NAME,
                new CallerAdmission(
                        guard, room.ledger(), unauthenticated, pages::caller, inboxes::account, portal::ofListenKey));
        return new Access(guard, portal, sessions);
    }

    private IngestRoom ingest(CallerAuthentication.Guard guard, FairExecutor threads, Tracing tracing) {
        KafkaSettings kafka = settings.kafka();
        return new IngestRoom(
                room,
                store,
                outbox,
                guard,
                threads,
                new IngestRoom.Limits(
                        settings.maxWaiting(), settings.maxStoreSize(), settings.maxBody(), settings.maxDeliveries()),
                new IngestRoom.Kafka(kafka.brokers(), kafka.topics(), kafka.trustAccount()),
                tracing);
    }

    private DeliverRoom deliver(OwnDestinations destinations, AttemptTracing tracing) {
        DeliverRoom deliver = new DeliverRoom(
                room,
                new DeliverRoom.Outbound(
                        rules,
                        names,
                        Version.TEXT,
                        settings.sender(),
                        random,
                        isStoreShared() ? new KeptTokens(store, vault) : TokenSharing.ALONE,
                        config.refreshTokens(),
                        settings.mail(),
                        settings.kamelets(),
                        ScratchContextFilter::without),
                store,
                outbox,
                deliverThreads,
                config,
                destinations,
                tracing,
                settings.stepThreads());
        context.getCamelContextExtension().addInterceptStrategy(new ForeignSteps(deliver.steps()));
        return deliver;
    }

    /** Scheme, host and port of test inboxes; empty: there are none, as in another application. */
    private Optional<String> inboxSite() {
        if (context.getRegistry().lookupByNameAndType(CONNECTIONS, Connections.class) == null) {
            return Optional.empty();
        }
        int port = Integer.parseInt(settings.text("camel.server.port"));
        VertxPlatformHttpRouter router = context.getRegistry()
                .lookupByNameAndType(
                        VertxPlatformHttpRouter.getRouterNameFromPort(port), VertxPlatformHttpRouter.class);
        // the server's own differs if the setting is 0
        return settings.inboxes(router == null ? port : router.getServer().getPort());
    }

    private InboxApi inboxApi() {
        Inboxes received = new Inboxes(room.clock());
        room.every(Duration.ofHours(1), Duration.ofHours(1), received::expire);
        room.bind(AuthenticatingRouter.INBOXES, new InboxReceiver(inboxes, received, room.clock()));
        return new InboxApi(inboxes, received, config, room.clock());
    }

    private void listen(Access access, Admission admission) {
        Listeners listeners = new Listeners(
                config, store.events(), access.guard(), access.portal(), vault, room.ledger(), room.clock());
        FairExecutor threads = room.closeAtStop(new FairExecutor("listen", LISTEN_THREADS, room.ledger()));
        room.bind(AuthenticatingRouter.LISTENERS, new ListenStreams(listeners, threads, room.clock()));
        ListenApi api = new ListenApi(listeners, store, admission, room.ledger(), room.clock());
        room.bind("listen", api.poll());
        room.bind("record-listened", api.record());
    }

    private ApiRoom api(DeliverRoom deliver, OwnDestinations destinations, Access access, IngestRoom ingest) {
        return new ApiRoom(
                room,
                new ApiRoom.Inner(
                        store,
                        outbox,
                        deliver.tokens(),
                        destinations,
                        deliver.requests(),
                        deliver.planned(),
                        deliver.connectionTests(),
                        List.of(deliver.salesforceStatus()),
                        ingest.admission(),
                        settings.maxBody(),
                        ingest.webhooks()),
                config,
                config.changes(),
                definitionReader(),
                access.guard(),
                random,
                settings.maxWaiting(),
                new ApiRoom.Portal(access.portal(), settings.frameAncestors(), settings.isOverTls()),
                inboxApi());
    }

    private DefinitionReader definitionReader() {
        return new DefinitionReader(rules::refusal, settings.maxAge(), room.clock());
    }

    /** Connects the rooms to changes of the configuration, of this and other instances. */
    private void follow(DeliverRoom deliver, ApiRoom api, OwnDestinations destinations, Sessions sessions)
            throws Exception {
        ConnectionMeters connections = new ConnectionMeters(meters, deliver.salesforceStatus());
        config.onChange(deliver::changed);
        config.onChange(current -> connections.show(current.resources().of(SalesforceConnection.class).stream()
                .map(Authentication.Salesforce::new)
                .toList()));
        config.onChange(api::changed);
        config.onChange(current -> outbox.configure(ActiveConfig.limits(current)));
        config.onChange(current -> Gauges.warn(current, room.clock().instant()));
        config.onChange(destinations::warn);
        whenStarted(destinations::warn);
        config.afterChange(deliver::changed);
        config.afterChange(
                (before, now) -> CredentialChanges.between(before, now).forEach(outbox::credentialRepaired));
        config.start();
        room.closeAtStop(follower).start(() -> {
            if (isStoreShared()) {
                config.changes().follow();
            }
            sessions.followRevocations();
        });
        outbox.followCluster(follower::changed);
    }

    private boolean isStoreShared() {
        return store.cluster().ownership() != Ownership.ALL;
    }

    private void observe(IngestRoom ingest, DeliverRoom deliver, OwnDestinations destinations, HealthCounts health) {
        ExpiringCredentials ages = new ExpiringCredentials(config, deliver.salesforceStatus(), room.clock());
        room.every(Duration.ofMinutes(1), Duration.ofHours(1), ages::logDaily);
        RouteFollower routes = followed(destinations);
        room.bind(
                "show-routes",
                new RouteFaults(
                                () -> routes.statusWithDestinations().state(),
                                () -> settings.operatorKey().isEmpty()
                                        && config.get().accounts().size() == 1)
                        .show());
        VersionView version = Version.running(context.getVersion());
        room.bind("show-version", ApiStep.ok(request -> version));
        HealthChecks checks =
                new HealthChecks(context, store, config, routes, ages, ingest.kafka(), version, room.clock());
        checks.register();
        Gauges gauges = new Gauges(meters, room.clock());
        room.closeAtStop(gauges.ofProcess());
        // in another application there are none: its server does not count them
        Optional.ofNullable(context.getRegistry().lookupByNameAndType(CONNECTIONS, Connections.class))
                .ifPresent(gauges::ofServer);
        gauges.ofAdmission(ingest.admission());
        gauges.ofChecks(ingest.checks());
        gauges.ofSteps(deliver.steps());
        gauges.ofEgress(deliver.egress());
        gauges.ofInFlight(outbox);
        gauges.ofNames(names);
        gauges.ofStore(store);
        gauges.ofOutbox(outbox, config);
        gauges.ofHealth(health);
        gauges.ofFiles(config, routes, checks);
        ingest.kafka()
                .ifPresent(consumers ->
                        gauges.ofKafka(consumers, settings.kafka().topics().keySet()));
        AccountMeters accounts = new AccountMeters(
                meters,
                room.ledger(),
                settings.meteredAccounts(),
                account -> context.getRegistry().findByType(FairExecutor.class).stream()
                        .mapToInt(executor -> executor.queued(account))
                        .sum());
        room.every(AccountMeters.INTERVAL, accounts::refresh);
        ManagementBeans beans = new ManagementBeans(
                context,
                new ManagementBeans.Parts(store, outbox, config, deliver.tokens(), meters, room.clock()),
                new ManagementBeans.Files(config::status, config::reread, () -> routes.statusWithDestinations()
                        .faults()));
        context.addLifecycleStrategy(adapt(onCamelContextStarting(beans::register)));
    }

    /** Creates the follower of the route files, which starts with the routes. */
    private RouteFollower followed(OwnDestinations destinations) {
        InFlightCounts counts = new InFlightCounts();
        context.setInflightRepository(counts);
        RouteFiles bound = context.getRegistry().lookupByNameAndType(ROUTE_FILES, RouteFiles.class);
        // in another application the route files are unknown and not polled
        RouteFiles files = bound == null ? RouteFiles.of(Path.of("").toAbsolutePath(), null, settings) : bound;
        RouteFollower follower = room.closeAtStop(new RouteFollower(
                files,
                files.read(),
                settings,
                new RouteSwap(context, counts),
                destinations,
                RouteFollower.INTERVAL,
                RouteFollower.FORMER_ENDS,
                room.clock()));
        // tests use it to check at once
        room.bind("routeFollower", follower);
        if (bound == null) {
            return follower;
        }
        if (settings.followsRoutes()) {
            whenStarted(follower::start);
        }
        Background first = room.closeAtStop(new Background("route-check"));
        whenStarted(() -> first.execute(follower::checkStarted));
        context.addLifecycleStrategy(adapt(onCamelContextStopping(stopping -> follower.stop())));
        return follower;
    }

    private void whenStarted(Runnable what) {
        context.addLifecycleStrategy(adapt(onCamelContextStarted(started -> what.run())));
    }

    /** Binds the steps of the Kamelets. */
    private void kamelets() {
        BiFunction<String, String, Optional<Webhook>> webhooks =
                (account, idOrName) -> config.get().webhook(account, idOrName);
        EventReader reader = new EventReader();
        room.bind(
                "resolveWebhook",
                new ResolveWebhookStep(
                        webhooks, (account, text) -> reader.record(account, null, Map.of(), text), room.clock()));
        room.bind("signMessage", new WebhookSigning(webhooks, room.clock()));
    }

    /** Single sign-on, with a separate HTTP client under the egress rules. */
    private SingleSignOn singleSignOn(SingleSignOnSettings how) {
        EgressClient egress = room.closeAtStop(new EgressClient(rules, Version.TEXT, room.clock(), names));
        return new SingleSignOn(how, egress::send, config, store.sessions(), vault, room.clock(), random);
    }

    static MeterRegistry meters(CamelContext context) {
        MeterRegistry camels = context.getRegistry().findSingleByType(MeterRegistry.class);
        return camels == null ? new SimpleMeterRegistry() : camels;
    }

    /** A part shared by {@link Product} and its server; created here in another application. */
    private <T> T bound(String name, Class<T> type, Supplier<T> missing) {
        T part = context.getRegistry().lookupByNameAndType(name, type);
        if (part == null) {
            part = missing.get();
            context.getRegistry().bind(name, part);
        }
        return part;
    }
}
