package io.engagementwebhooks.operate;

import io.engagementwebhooks.server.RouterProblems;
import io.engagementwebhooks.server.ServerVertx;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The whole product in one process: camel-main with our wiring, routes and server. */
public final class Product {

    private static final Logger LOG = LoggerFactory.getLogger(Product.class);
    private static final Duration IDLE_CONNECTION = Duration.ofSeconds(75);

    private final Settings settings;
    private final Main main = new Main();
    private final AtomicBoolean started = new AtomicBoolean();
    private final Vertx vertx;

    Product(Settings settings, RouteFiles files) {
        this.settings = settings;
        this.vertx = ServerVertx.create(
                new ServerVertx.Settings(settings.ingestWorkers(), settings.requestTimeout(), IDLE_CONNECTION),
                this::letIn,
                router -> RouterProblems.install(router, settings.maxBody()));
        Properties properties = settings.properties();
        properties.setProperty("camel.server.maxBodySize", Long.toString(settings.maxBody()));
        properties.setProperty("camel.main.routesIncludePattern", String.join(",", files.locations()));
        main.setDefaultPropertyPlaceholderLocation("false");
        main.setInitialProperties(properties);
        main.bind("vertx", vertx);
        main.bind(Wiring.SETTINGS, settings);
        main.configure().addConfiguration(Wiring.class);
        main.addMainListener(new Starting());
    }

    /** Until everything runs, the management port alone answers. */
    private boolean letIn(HttpServerRequest request) {
        if (started.get() || request.path().startsWith("/observe/")) {
            return true;
        }
        RouterProblems.answerStarting(request);
        return false;
    }

    /** Runs until the process is told to stop. */
    void run() throws Exception {
        main.run();
    }

    private final class Starting extends MainListenerSupport {
        @Override
        public void afterStart(BaseMainSupport support) {
            started.set(true);
            LOG.info(
                    "ready version={} ingest=http://{}:{}/v1/events health=http://{}:{}/observe/health",
                    Version.TEXT,
                    settings.text("camel.server.host"),
                    settings.text("camel.server.port"),
                    settings.text("camel.management.host"),
                    settings.text("camel.management.port"));
        }

        @Override
        public void beforeStop(BaseMainSupport support) {
            started.set(false);
        }

        @Override
        public void afterStop(BaseMainSupport support) {
            try {
                vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                LOG.warn("the HTTP server did not close cleanly: {}", e.getMessage());
            }
        }
    }
}
