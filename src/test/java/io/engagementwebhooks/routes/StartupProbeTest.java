package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.testkit.RunningProduct;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.camel.CamelContext;
import org.apache.camel.support.LifecycleStrategySupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code /observe/health/startup} says until everything has started. */
@Timeout(120)
class StartupProbeTest {

    private static final String PROBE = "/observe/health/startup";
    private static final AtomicReference<HttpResponse<String>> WHILE_STARTING = new AtomicReference<>();

    @TempDir
    Path folder;

    /** Asks while the product starts, which waits for it. */
    public static final class Asking extends LifecycleStrategySupport {
        @Override
        public void onContextStarted(CamelContext context) {
            String port = context.getName().replace("product-", "");
            try {
                WHILE_STARTING.set(HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + PROBE))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString()));
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Test
    void it_is_down_until_everything_has_started_once() {
        try (RunningProduct product = RunningProduct.start(
                folder, "accounts: [{id: acme}]\n", "camel.beans.asking=#class:" + Asking.class.getName())) {
            HttpResponse<String> before = WHILE_STARTING.get();
            assertEquals(503, before.statusCode());
            assertEquals("DOWN", RunningProduct.json(before).get("status").asText());

            HttpResponse<String> after = product.send(
                    HttpRequest.newBuilder(product.managementUrl(PROBE)).build());
            assertEquals(200, after.statusCode());
            assertEquals("UP", RunningProduct.json(after).get("status").asText());
        }
    }
}
