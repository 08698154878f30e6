package io.engagementwebhooks;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.testkit.OneWebhook;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process may start and stop the product as often as it likes. */
@Tag("slow")
@Timeout(300)
class StoppedProductTest {

    private static final String KEY = "an-admin-key-of-acme";

    @TempDir
    Path folder;

    private static String config(Receiver receiver) {
        return OneWebhook.all(KEY, receiver.url());
    }

    private WeakReference<CamelContext> afterOneHasRun(String name) {
        try (Receiver receiver = new Receiver(got -> new Receiver.Reply(200));
                RunningProduct product = RunningProduct.start(folder.resolve(name), config(receiver))) {
            WeakReference<CamelContext> camel = new WeakReference<>(product.camel());
            assertEquals(
                    202,
                    product.postEvent(KEY, "{\"id\":\"1\",\"source\":\"/s\",\"type\":\"call.ended\",\"data\":{}}")
                            .statusCode());
            product.awaitDeliveries(KEY, "1", 1, "delivered");
            assertEquals(200, product.get("/v1/webhooks", KEY).statusCode());
            return camel;
        }
    }

    /** Camel's simple language remembers the last context that was started, and no other. */
    @Test
    void nothing_of_it_is_kept_in_memory_when_another_has_taken_its_place() {
        WeakReference<CamelContext> camel = afterOneHasRun("first");
        afterOneHasRun("second");
        await().until(() -> {
            System.gc();
            return camel.get() == null;
        });
    }
}
