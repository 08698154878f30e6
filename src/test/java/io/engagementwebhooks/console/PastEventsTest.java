package io.engagementwebhooks.console;

import static io.engagementwebhooks.console.Visitor.with;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The builder starts a webhook with past events, and the page of the webhook shows them (semantics 45). */
class PastEventsTest {

    private static final String KEY = "acme-admin-key-of-past-events";

    @AutoClose
    private final Receiver receiver = new Receiver(got -> new Receiver.Reply(204));

    @AutoClose
    private final RunningProduct product = RunningProduct.shared(
            """
            accounts:
              - id: acme
                apiKeys: [{name: anna, role: admin, key: %s}]
                signingKeys: [{id: k1, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}]
            """
                    .formatted(KEY));

    private Visitor anna;
    private String[] fields;

    @BeforeEach
    void events_are_accepted() {
        for (int i = 0; i < 3; i++) {
            assertEquals(
                    202,
                    product.postEvent(KEY, "{\"id\": \"" + i + "\", \"source\": \"/pbx\", \"type\": \"call.ended\"}")
                            .statusCode());
        }
        anna = Visitor.signedIn(product, KEY);
        fields = with(
                Visitor.fields(anna.get("/console/builder").body(), "builder"),
                "name",
                "late",
                "event",
                "call.ended",
                "url",
                receiver.url().toString(),
                "auth",
                "none");
    }

    private HttpResponse<String> asked(String action, String since) {
        return anna.post("/console/builder", with(fields, "do", action, "since", since));
    }

    private static String hourAgo() {
        return Instant.now().minus(1, ChronoUnit.HOURS).toString().substring(0, 19);
    }

    @Test
    void past_events_are_counted_before_the_webhook_is_saved_and_sent_after_that() {
        String counted = asked("count", hourAgo()).body();
        assertTrue(counted.contains("3 past events would be sent after saving."), counted);
        assertFalse(anna.get("/console/webhooks").body().contains("late"));
        HttpResponse<String> saved = asked("save", hourAgo());
        assertEquals(303, saved.statusCode(), saved.body());
        String page =
                anna.get(saved.headers().firstValue("Location").orElseThrow()).body();
        assertTrue(page.contains("Webhook 'late' saved. 3 past events will be sent."), page);
        assertTrue(page.contains("id=\"past-events\""), page);
        await().until(() -> receiver.requests().size() == 3);
        await().until(() -> anna.get("/console/webhooks/late").body().contains("3 of 3"));
        assertTrue(anna.get("/console/replays").body().contains("past events"));
    }

    @Test
    void an_impossible_begin_is_shown_at_its_field_and_does_not_keep_the_webhook_from_being_saved() {
        for (String since : new String[] {"", "2126-01-01T00:00:00", "yesterday"}) {
            HttpResponse<String> refused = asked("count", since);
            assertEquals(422, refused.statusCode(), refused.body());
            assertTrue(refused.body().contains("id=\"since-fault\""), refused.body());
        }
        HttpResponse<String> saved = asked("save", "2126-01-01T00:00:00");
        String page =
                anna.get(saved.headers().firstValue("Location").orElseThrow()).body();
        assertTrue(page.contains("Past events will not be sent"), page);
    }

    @Test
    void without_a_begin_only_new_events_are_sent() {
        HttpResponse<String> saved = asked("save", "");
        String page =
                anna.get(saved.headers().firstValue("Location").orElseThrow()).body();
        assertFalse(page.contains("past-events"), page);
        assertTrue(product.read("/v1/replays", KEY).path("items").isEmpty());
    }
}
