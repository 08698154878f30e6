package io.engagementwebhooks.operate.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.testkit.HttpRelay;
import io.engagementwebhooks.testkit.ListenCommand;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Listening over a restart (semantics 49). A separate product: it is restarted. */
@Timeout(300)
class ListenRestartTest {

    private static final String KEY = "acme-admin-key-00000";

    private static void send(RunningProduct to, String id) {
        assertEquals(
                202,
                to.postEvent(
                                KEY,
                                "{\"id\": \"" + id + "\", \"source\": \"/t\", \"type\": \"" + id + "\", \"data\": {}}")
                        .statusCode());
    }

    @Test
    void it_comes_back_through_a_proxy_and_gets_what_was_accepted_in_between(@TempDir Path folder) {
        try (Receiver local = new Receiver(got -> new Receiver.Reply(200));
                RunningProduct product = RunningProduct.start(
                        folder,
                        "accounts: [{id: acme, apiKeys: [{name: staff, role: admin, key: acme-admin-key-00000}]}]");
                HttpRelay proxy = new HttpRelay(product.port());
                ListenCommand command = ListenCommand.start(KEY, proxy.url(), local.url())) {
            command.await(1, "listening: .*");
            send(product, "before");
            command.await(1, ".*  before  .*  200  .*");
            product.stop();
            command.await(1, "not connected to .*; trying again");
            product.start();
            send(product, "between");
            proxy.leadTo(product.port());
            command.await(1, "connected again: .*");
            send(product, "after");
            command.await(1, ".*  after  .*  200  .*");
            assertEquals(
                    List.of("before", "between", "after"),
                    command.lines().stream()
                            .filter(line -> line.contains("  200  "))
                            .map(line -> line.split("  ")[1])
                            .toList());
            product.awaitDeliveries(KEY, "between", 1, "delivered");
        }
    }
}
