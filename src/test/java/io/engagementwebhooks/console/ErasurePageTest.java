package io.engagementwebhooks.console;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The pages of erasures (semantics 44), without JavaScript. */
@Timeout(300)
class ErasurePageTest {

    private static final String KEY = "acme-admin-key-of-erasures";
    private static final String READ = "acme-read-key-of-erasures";
    private static final String PAGE = "/console/events/erasures";
    private static final String NUMBER = "+46700000044";

    @AutoClose
    private final RunningProduct product = RunningProduct.shared(
            """
            accounts:
              - id: acme
                apiKeys: [{name: anna, role: admin, key: %s}, {name: ron, role: read, key: %s}]
            """
                    .formatted(KEY, READ));

    private final Visitor anna = Visitor.signedIn(product, KEY);

    private void send(String id, String number) {
        product.postEvent(
                KEY,
                "{\"id\": \"%s\", \"source\": \"/pbx\", \"type\": \"call.ended\", \"data\": {\"anum\": \"%s\"}}"
                        .formatted(id, number));
    }

    private String events() {
        return anna.get("/console/events/received").body();
    }

    @Test
    void rule_44_a_person_is_erased_after_a_count_and_the_receipts_are_downloaded_without_the_value() {
        send("one", NUMBER);
        send("two", NUMBER);
        send("other", "+46700000045");
        assertTrue(anna.get(PAGE).body().contains("No erasures yet"));

        String counted = anna.post(PAGE, "do", "erase", "field", "data.anum", "equals", NUMBER)
                .body();
        assertTrue(counted.contains("<b>2 events</b>"), counted);
        assertTrue(events().contains(">two<"), "not erased before it is counted");
        String[] form = Visitor.fields(counted, "erase");
        String other = anna.post(PAGE, Visitor.with(form, "do", "erase", "equals", "+46700000045"))
                .body();
        assertTrue(other.contains("<b>1 event</b>"), other);

        HttpResponse<String> started = anna.post(PAGE, Visitor.with(form, "do", "erase"));
        String receipt = started.headers().firstValue("Location").orElseThrow();
        await().atMost(Patience.LONG).until(() -> anna.get(receipt).body(), page -> page.contains("<span>done</span>"));
        assertFalse(anna.get(receipt).body().contains(NUMBER));
        assertTrue(anna.get(PAGE).body().contains(receipt));
        assertFalse(anna.get(PAGE).body().contains(NUMBER));
        assertFalse(events().contains(">two<"));
        assertTrue(events().contains(">other<"));

        String file = anna.get(PAGE + "/receipts.json").body();
        assertFalse(file.contains(NUMBER));
        JsonNode receipts = RunningProduct.json(anna.get(PAGE + "/receipts.json"));
        assertEquals(2, receipts.at("/items/0/events").asInt(), file);
        assertEquals(product.read("/v1/erasures", KEY).at("/items/0"), receipts.at("/items/0"));
    }

    @Test
    void a_wrong_field_is_named_and_readers_see_receipts_alone() {
        HttpResponse<String> refused = anna.post(PAGE, "do", "count", "field", "data..anum", "equals", "x");
        assertEquals(422, refused.statusCode());
        assertTrue(refused.body().contains("id=\"field-fault\""), refused.body());
        Visitor ron = Visitor.signedIn(product, READ);
        String page = ron.get(PAGE).body();
        assertTrue(page.contains("Receipts") && !page.contains("name=\"equals\""), page);
    }
}
