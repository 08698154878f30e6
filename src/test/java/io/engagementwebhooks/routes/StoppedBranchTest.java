package io.engagementwebhooks.routes;

import static io.engagementwebhooks.routes.WholeProduct.await;
import static io.engagementwebhooks.routes.WholeProduct.callEnded;
import static io.engagementwebhooks.routes.WholeProduct.webhook;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.store.DeliveryState;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One branch of the deliver room that an operator has stopped: our fault is not their attempt (promise 8). */
@Timeout(300)
class StoppedBranchTest {

    private static final int EVENTS = 8;

    @TempDir
    Path folder;

    private final WholeProduct whole = new WholeProduct();
    private final Receiver receiver = new Receiver(got -> new Receiver.Reply(204));
    private RunningProduct product;

    @AfterEach
    void close() {
        whole.close();
        receiver.close();
    }

    private void route(String operation) throws Exception {
        ObjectName name = new ObjectName("org.apache.camel:context="
                + product.camel().getName() + ",type=routes,name=" + ObjectName.quote("deliver-header"));
        ManagementFactory.getPlatformMBeanServer().invoke(name, operation, null, null);
    }

    @ParameterizedTest
    @CsvSource({"stop, start", "suspend, resume"})
    void what_goes_by_it_waits_without_an_attempt_while_others_are_sent(String leave, String comeBack)
            throws Exception {
        product = whole.start(
                folder,
                webhook("header", receiver.url(), "authentication: {type: header, user: u, password: p}")
                        + webhook("oauth2", receiver.url(), "authentication: {type: oauth2, client: crm}"),
                "webhooks.deliver.workers=2");
        route(leave);
        for (int i = 0; i < EVENTS; i++) {
            assertEquals(2, whole.accept(callEnded("e" + i)));
        }
        for (int i = 0; i < EVENTS; i++) {
            String event = "e" + i;
            whole.await(event, "oauth2", DeliveryState.DELIVERED);
            await(() -> "route 'deliver-header' of this installation is stopped, or was being exchanged"
                    .equals(whole.delivery(event, "header").reason()));
            assertEquals(DeliveryState.WAITING, whole.delivery(event, "header").state());
            assertEquals(0, whole.delivery(event, "header").attempts());
        }
        assertEquals(EVENTS, receiver.requests().size());

        route(comeBack);
        for (int i = 0; i < EVENTS; i++) {
            whole.await("e" + i, "header", DeliveryState.DELIVERED);
            assertEquals(1, whole.attempts("e" + i, "header").size());
        }
        assertEquals(2 * EVENTS, receiver.requests().size());
    }
}
