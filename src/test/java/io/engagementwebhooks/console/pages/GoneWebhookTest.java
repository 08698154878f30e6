package io.engagementwebhooks.console.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What waits of a webhook that is set up no more is seen and discarded by a person (semantics 24). */
@Timeout(300)
class GoneWebhookTest {

    private static final String KEY = "acme-admin-key-of-gone";
    private static final String READ = "acme-read-key-of-gone-1";
    private static final String ACCOUNT =
            """
            accounts:
              - id: acme
                apiKeys: [{name: anna, role: admin, key: %s}, {name: eve, role: read, key: %s}]
            """
                    .formatted(KEY, READ);

    private final Receiver receiver = new Receiver(got -> new Receiver.Reply(500));
    private RunningProduct product;

    @BeforeEach
    void leave_something_waiting(@TempDir Path folder) {
        product = RunningProduct.start(
                folder,
                ACCOUNT
                        + """
                              webhooks:
                                - {name: of-yore, events: [call.ended], retry: [1h], delivery: {url: "%s", authentication: {type: none}}}
                          """
                                .formatted(receiver.url()));
        product.postEvent(KEY, "{\"id\": \"1\", \"source\": \"/s\", \"type\": \"call.ended\", \"data\": {}}");
        product.awaitDeliveries(KEY, "1", 1, "waiting");
        product.stop();
        product.setUp(ACCOUNT);
        product.start();
        assertEquals(404, product.get("/v1/webhooks/of-yore", KEY).statusCode());
    }

    @AfterEach
    void stop() {
        product.close();
        receiver.close();
    }

    @Test
    void it_stands_on_the_pages_and_a_click_discards_it() {
        Visitor anna = Visitor.signedIn(product, KEY);
        String overview = anna.get("/console/overview").body();
        assertTrue(overview.contains("It is set up no more; 1 deliveries wait"), overview);
        String list = anna.get("/console/webhooks").body();
        assertTrue(list.contains("Set up no more") && list.contains("/console/webhooks/of-yore/discard"), list);
        String readers =
                Visitor.signedIn(product, READ).get("/console/webhooks").body();
        assertTrue(readers.contains("of-yore"), readers);
        assertFalse(readers.contains("/discard"), "who only reads has no button");

        assertEquals(303, anna.post("/console/webhooks/of-yore/discard").statusCode());

        String after = anna.get("/console/webhooks").body();
        assertTrue(after.contains("1 deliveries of 'of-yore' are discarded"), after);
        assertFalse(after.contains("Set up no more"), after);
        product.awaitDeliveries(KEY, "1", 1, "discarded");
    }

    @Test
    void the_api_discards_it_and_then_knows_it_no_more() {
        HttpResponse<String> discarded = product.post("/v1/webhooks/of-yore/discard", KEY, "application/json", "");
        assertEquals(200, discarded.statusCode(), discarded.body());
        assertEquals(1, RunningProduct.json(discarded).path("deliveries").asInt());
        product.awaitDeliveries(KEY, "1", 1, "discarded");
        assertEquals(
                404,
                product.post("/v1/webhooks/of-yore/discard", KEY, "application/json", "")
                        .statusCode());
    }
}
