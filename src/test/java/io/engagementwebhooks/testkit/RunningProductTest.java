package io.engagementwebhooks.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class RunningProductTest {

    private static final String KEY = "an-admin-key-of-acme";

    @Test
    void it_delivers_stops_and_starts_again_on_its_folder(@TempDir Path folder) {
        try (Receiver receiver = new Receiver(got -> new Receiver.Reply(204));
                RunningProduct product = RunningProduct.start(folder, OneWebhook.all(KEY, receiver.url()))) {
            String event = "{\"id\":\"1\",\"source\":\"/s\",\"type\":\"call.ended\",\"data\":{}}";
            assertEquals(202, product.postEvent(KEY, event).statusCode());
            Awaitility.await()
                    .atMost(Duration.ofMinutes(3))
                    .until(() -> receiver.requests().size() == 1);
            assertEquals(
                    200,
                    product.send(HttpRequest.newBuilder(product.managementUrl("/observe/health/ready"))
                                    .build())
                            .statusCode());
            product.stop();
            product.start();
            assertTrue(product.postEvent(KEY, event).body().contains("\"duplicate\":true"));
        }
    }
}
