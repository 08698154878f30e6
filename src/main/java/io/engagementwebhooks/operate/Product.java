package io.engagementwebhooks.operate;

import io.engagementwebhooks.api.ApiRoutes;
import io.engagementwebhooks.console.PageRoutes;
import io.engagementwebhooks.console.signin.SignInLink;
import io.engagementwebhooks.ledger.FairExecutor;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.operate.health.ReadinessState;
import io.engagementwebhooks.operate.log.RepeatedLines;
import io.engagementwebhooks.operate.routes.RouteFiles;
import io.engagementwebhooks.operate.settings.Profile;
import io.engagementwebhooks.operate.settings.PropertyLayers;
import io.engagementwebhooks.operate.settings.Settings;
import io.engagementwebhooks.server.AsyncHttpEngine;
import io.engagementwebhooks.server.AuthenticatingRouter;
import io.engagementwebhooks.server.ClientAddresses;
import io.engagementwebhooks.server.Connections;
import io.engagementwebhooks.server.IngestRequests;
import io.engagementwebhooks.server.JolokiaGuard;
import io.engagementwebhooks.server.RouterProblems;
import io.engagementwebhooks.server.ServerVertx;
import io.engagementwebhooks.server.UnauthenticatedBudget;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.component.platform.http.HttpEndpointModel;
import org.apache.camel.component.platform.http.PlatformHttpComponent;
import org.apache.camel.component.platform.http.PlatformHttpConstants;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.health.HealthCheckHelper;
import org.apache.camel.main.Main;
import org.apache.camel.main.SimpleMainShutdownStrategy;
import org.apache.camel.support.LifecycleStrategySupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The whole product in one process: camel-main with our wiring, routes and server. It ends with its Camel context. */
public final class Product {

    private static final Logger LOG = LoggerFactory.getLogger(Product.class);
    private static final Duration IDLE_CONNECTION = Duration.ofSeconds(75);

    /** Threads of the API, the console and users' routes. They may block on the store, or on the receiver of a test. */
    static final int API_THREADS = 32;

    /** Connections of probes, scrapers and operators. */
    private static final int MANAGEMENT_CONNECTIONS = 256;

    public static final String ROUTES = "camel.main.routesIncludePattern";

    public static final String CAMELS_RELOAD = "camel.main.routesReloadEnabled";

    private final Settings settings;
    private final Main main;
    private final ReadinessState serving = new ReadinessState();
    private final IngestRequests requests = new IngestRequests(() -> Wiring.meters(camel()));
    private final Wiring wiring = new Wiring();
    private final Vertx vertx;
    private final FairExecutor ingestThreads;

    /** @throws IllegalStateException if a file of routes or Kamelets would be ignored because of its name */
    Product(Settings settings, RouteFiles files) {
        this(new Main(), settings, files, Stream.empty());
    }

    /**
     * @param main the application that gets the product's parts
     * @param routes locations of further routes
     */
    private Product(Main main, Settings settings, RouteFiles files, Stream<String> routes) {
        this.main = main;
        List<String> misnamed = files.misnamed();
        if (!misnamed.isEmpty()) {
            throw new IllegalStateException(String.join("\n", misnamed));
        }
        WireLogs.silence();
        RepeatedLines.limit();
        this.settings = settings;
        Ledger ledger = Ledger.ofHeap();
        this.ingestThreads = new FairExecutor("ingest", settings.ingestWorkers(), ledger);
        UnauthenticatedBudget unauthenticated = new UnauthenticatedBudget(ledger);
        Connections connections =
                new Connections(settings.maxConnections(), settings.clientAddresses(), unauthenticated);
        this.vertx = new ServerVertx(
                new ServerVertx.Settings(
                        API_THREADS,
                        settings.requestTimeout(),
                        IDLE_CONNECTION,
                        connections,
                        Integer.parseInt(settings.text("camel.management.port")),
                        new Connections(MANAGEMENT_CONNECTIONS, ClientAddresses.OF_PEERS, unauthenticated)),
                this::isAllowed,
                router -> {
                    requests.count(router);
                    RouterProblems.install(router, settings.maxBody(), this::allowed);
                    JolokiaGuard.install(router, settings.text("camel.management.jolokiaPath"));
                    AuthenticatingRouter.bind(camel().getRegistry(), unauthenticated, settings.maxBody());
                });
        vertx.exceptionHandler(failure -> {
            FatalErrors.check(failure);
            LOG.error("server.failed", failure);
        });
        Properties properties = settings.properties();
        replace(properties, "camel.server.maxBodySize", Long.toString(settings.maxBody()));
        replace(
                properties,
                ROUTES,
                Stream.concat(routes, files.locations().stream()).collect(Collectors.joining(",")));
        // it would remove the routes of files that it does not watch
        replace(properties, CAMELS_RELOAD, "false");
        // otherwise a route that a rest sends to is inlined: no other route reaches it, and a save changes nothing
        replace(properties, "camel.rest.inlineRoutes", "false");
        main.setDefaultPropertyPlaceholderLocation("false");
        properties.stringPropertyNames().forEach(key -> main.addInitialProperty(key, properties.getProperty(key)));
        main.bind("vertx", vertx);
        main.bind(PlatformHttpConstants.PLATFORM_HTTP_ENGINE_NAME, new AsyncHttpEngine(ledger, ingestThreads));
        main.bind(Wiring.LEDGER, ledger);
        main.bind(Wiring.UNAUTHENTICATED_BUDGET, unauthenticated);
        main.bind(Wiring.CONNECTIONS, connections);
        main.bind(Wiring.INGEST_THREADS, ingestThreads);
        main.bind(Wiring.SETTINGS, settings);
        main.bind(Wiring.ROUTE_FILES, files);
        main.bind(ReadinessState.BEAN, serving);
        main.configure().addConfiguration(new CamelConfiguration() {
            @Override
            public void configure(CamelContext context) throws Exception {
                try {
                    wiring.configure(context);
                } catch (Exception | Error e) {
                    closeServer();
                    throw e;
                }
                context.addLifecycleStrategy(new Running());
            }
        });
        main.getShutdownStrategy().addShutdownListener(this::closeUnlessStarted);
        main.configure().addRoutesBuilder(ApiRoutes.builder());
        main.configure().addRoutesBuilder(PageRoutes.builder());
    }

    /** Sets a setting of Camel, however its key was spelled. */
    private static void replace(Properties properties, String key, String value) {
        properties.keySet().removeIf(other -> PropertyLayers.plain(other.toString())
                .equals(PropertyLayers.plain(key)));
        properties.setProperty(key, value);
    }

    /**
     * Adds the product to an application, with the jar's own routes beside the application's.
     *
     * @param main not started yet; from now on it reads only these properties
     * @param own properties of the application, the product's settings among them
     * @throws IllegalArgumentException with all faults of the settings
     */
    public static void addTo(Main main, Properties own) {
        Settings settings = Settings.embedded(own, System.getenv(), System.getProperties());
        List<String> faults = new ArrayList<>(settings.faults());
        faults.addAll(Profile.faults(settings, JvmEnvironment.ofThisProcess()));
        if (!faults.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", faults));
        }
        Profile.warnings(settings).forEach(LOG::warn);
        Prewarm.begin(settings);
        String routes = settings.values(ROUTES).findFirst().orElse("");
        new Product(
                main,
                settings,
                RouteFiles.ofTheJar(settings),
                Stream.of(routes.isEmpty() ? main.configure().getRoutesIncludePattern() : routes));
    }

    /** Until everything runs, only the management port responds. */
    private boolean isAllowed(HttpServerRequest request) {
        if (RouterProblems.refusesHost(request)) {
            return false;
        }
        String path = request.path();
        if (path != null && path.startsWith("/observe/")) {
            return !isStartupProbe(request);
        }
        if (!serving.isOn()) {
            RouterProblems.answerNotServing(request, serving.reason());
            if (RouterProblems.INGEST.equals(path)) {
                requests.answered(503);
            }
            return false;
        }
        return true;
    }

    /** The startup probe, which Camel lacks: down until the product has been ready once. */
    private boolean isStartupProbe(HttpServerRequest request) {
        boolean asked = request.path().equals(settings.text("camel.management.healthPath") + "/startup")
                && request.localAddress().port() == Integer.parseInt(settings.text("camel.management.port"));
        if (asked) {
            vertx.executeBlocking(() -> serving.hasBeenReady(this::isReady))
                    .onComplete(
                            known -> RouterProblems.answerWhetherStarted(request, Boolean.TRUE.equals(known.result())));
        }
        return asked;
    }

    private boolean isReady() {
        return HealthCheckHelper.isResultsUp(HealthCheckHelper.invokeReadiness(camel()), true);
    }

    /**
     * The product as it runs in a folder: with its {@code routes} if they exist, otherwise with the jar's.
     *
     * @param settings without faults
     * @param folder the folder that may have {@code routes}
     */
    public static Product in(Path folder, Settings settings) {
        return new Product(settings, RouteFiles.of(folder, null, settings));
    }

    /** Applies the configuration file at the start although a newer one was applied to the store. */
    public void applyFile() {
        wiring.applyFile();
    }

    /** Runs until the process is stopped. */
    void run() throws Exception {
        main.run();
    }

    /** Starts in a running process and returns when everything runs. The caller must call {@link #stop()}. */
    public void start() throws Exception {
        // Camel's hook would keep the product in memory until the process ends
        main.setShutdownStrategy(new SimpleMainShutdownStrategy());
        try {
            main.start();
        } catch (Exception e) {
            stop();
            throw e;
        }
    }

    /** Stops the product after the exchanges in flight. */
    public void stop() {
        main.stop();
        closeParts();
    }

    /** Camel does not stop a context that it could not initialize. */
    private void closeUnlessStarted() {
        if (main.isStopping() && (camel() == null || camel().isStopped())) {
            closeParts();
        }
    }

    private void closeParts() {
        wiring.close();
        closeServer();
    }

    /** The port of events and API calls; it differs from the setting if that is 0. */
    public int port() {
        String router =
                VertxPlatformHttpRouter.getRouterNameFromPort(Integer.parseInt(settings.text("camel.server.port")));
        return main.lookup(router, VertxPlatformHttpRouter.class).getServer().getPort();
    }

    /** The context of the routes. */
    public CamelContext camel() {
        return main.getCamelContext();
    }

    /** The methods served at a path. */
    private Set<String> allowed(String path) {
        // read from the routes, since Camel's list is not safe to read during changes
        Stream<String> ofRoutes = camel().getRoutes().stream()
                .map(Route::getEndpoint)
                .filter(PlatformHttpEndpoint.class::isInstance)
                .map(PlatformHttpEndpoint.class::cast)
                .filter(endpoint -> endpoint.getHttpMethodRestrict() != null && matches(endpoint.getPath(), path))
                .map(PlatformHttpEndpoint::getHttpMethodRestrict);
        Stream<String> ofManagement =
                camel().getComponent("platform-http", PlatformHttpComponent.class).getHttpManagementEndpoints().stream()
                        .filter(endpoint -> endpoint.getVerbs() != null && matches(endpoint.getUri(), path))
                        .map(HttpEndpointModel::getVerbs);
        return Stream.concat(ofRoutes, ofManagement)
                .flatMap(verbs -> Stream.of(verbs.split(",")))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static boolean matches(String template, String path) {
        if (template.indexOf('{') < 0) {
            return template.equals(path);
        }
        String[] parts = template.split("/");
        String[] given = path.split("/");
        boolean same = parts.length == given.length;
        for (int i = 0; same && i < parts.length; i++) {
            same = parts[i].startsWith("{") || parts[i].equals(given[i]);
        }
        return same;
    }

    private void ready() {
        serving.started();
        serving.hasBeenReady(this::isReady);
        LOG.info(
                "server.ready version={} ingest={}://{}:{}/v1/events health=http://{}:{}/observe/health",
                Version.TEXT,
                settings.scheme(),
                settings.text("camel.server.host"),
                port(),
                settings.text("camel.management.host"),
                settings.text("camel.management.port"));
        // printed, not logged: the log would keep the link
        System.out.print(ConsoleGreeting.text(settings, port(), main.lookup(Wiring.SIGN_IN_LINK, SignInLink.class)));
        System.out.flush();
    }

    private void closeServer() {
        ingestThreads.close();
        try {
            vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            LOG.warn("server.close-failed: {}", e.getMessage());
        }
    }

    private final class Running extends LifecycleStrategySupport {
        @Override
        public void onContextStarted(CamelContext started) {
            ready();
        }

        @Override
        public void onContextStopping(CamelContext stopping) {
            serving.stopping();
        }

        @Override
        public void onContextStopped(CamelContext stopped) {
            closeServer();
        }
    }
}
