package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.Receiver.Reply;
import io.engagementwebhooks.testkit.RunningProduct;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code examples/own-source}: files become events of an account. */
@Timeout(120)
class OwnSourceTest {

    private static final Path EXAMPLE = Path.of("examples/own-source");
    private static final String ROUTE = "take-files";

    @TempDir
    Path inbox;

    @Test
    void a_file_is_delivered_and_one_that_is_no_event_is_put_aside() throws Exception {
        try (Receiver partner = new Receiver(got -> new Reply(204));
                RunningProduct product = RunningProduct.shared(Files.readString(EXAMPLE.resolve("webhooks.yaml"))
                        .replace("{{env:PARTNER_URL}}", partner.url().toString())
                        .replace("{{env:PARTNER_PASSWORD}}", "theirs"))) {
            String here = Files.readString(EXAMPLE.resolve("routes/15-take-files.camel.yaml"))
                    .replace("file:inbox", "file:" + inbox)
                    .replace("account: acme", "account: " + product.account("acme"));
            Files.writeString(
                    inbox.resolve("event"), "{\"id\": \"1\", \"source\": \"/files\", \"type\": \"call.ended\"}");
            Files.writeString(inbox.resolve("no-event"), "[]");

            PluginHelper.getRoutesLoader(product.camel())
                    .loadRoutes(ResourceHelper.fromString("15-take-files.camel.yaml", here));
            try {
                WholeProduct.await(() -> Files.exists(inbox.resolve(".camel/event"))
                        && Files.exists(inbox.resolve("failed/no-event"))
                        && partner.requests().size() == 1);
            } finally {
                product.camel().getRouteController().stopRoute(ROUTE);
                product.camel().removeRoute(ROUTE);
            }
            assertEquals("Basic YWNtZTp0aGVpcnM=", partner.requests().get(0).header("Authorization"));
        }
    }
}
