package io.engagementwebhooks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.ledger.AccountLedger;
import io.engagementwebhooks.ledger.BudgetExceededException;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.ledger.Reservation;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** A template of 22 KB with an event of 200 KB, and an account without free memory. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RenderedSizeApiTest {

    private static final String ADMIN = "acme-admin-key-00000";
    private static final String COPIES = "\"{data.s}\",".repeat(2_000) + "1";
    private static final String EVENT =
            "{`specversion`: `1.0`, `id`: `%s`, `source`: `/x`, `type`: `%s`, `data`: {`s`: `" + "s".repeat(200_000)
                    + "`}}";

    private static final long ROOM = 4 << 20;

    @AutoClose
    private final Receiver receiver = new Receiver(got -> new Receiver.Reply(200));

    @AutoClose
    private final RunningProduct product = RunningProduct.shared(TwoAccounts.ONLY_ACME
            + """
                    webhooks:
                      - name: body
                        events: [large.body]
                        delivery: {url: '%1$s', authentication: {type: none}, body: '[%2$s]'}
                      - name: header
                        events: [large.header]
                        delivery: {url: '%1$s', authentication: {type: none}, headers: {X-Data: 'data {data.s}'}}
                      - name: headers
                        events: [large.headers]
                        delivery:
                          url: '%1$s'
                          authentication: {type: none}
                          headers: {X-A: '%3$s', X-B: '%3$s', X-C: '%3$s'}
                      - name: small
                        events: [small]
                        delivery: {url: '%1$s', authentication: {type: none}, body: '{"id": "{id}"}'}
                """
                    .formatted(receiver.url(), COPIES, "x".repeat(8_000)));

    private final ApiClient acme = new ApiClient(product, ADMIN);

    private static String event(String id, String type) {
        return EVENT.formatted(id, type).replace('`', '"');
    }

    private void assertGivesUp(String kind, String reason) {
        assertEquals(
                202,
                product.postEvent(ADMIN, event("large-" + kind, "large." + kind))
                        .statusCode());

        JsonNode delivery = acme.delivery(acme.idOf("large-" + kind, "gave-up"));

        assertEquals(reason, delivery.get("reason").asText());
        assertEquals(0, delivery.get("attemptCount").asInt());
    }

    @Test
    void a_delivery_with_a_too_large_body_or_header_fails_with_the_reason() {
        assertGivesUp("body", "the body exceeds the limit of 1 MiB");
        assertGivesUp("header", "header X-Data exceeds the limit of 8 KiB");
        assertGivesUp("headers", "the size of all headers exceeds the limit of 16 KiB");
        assertTrue(receiver.requests().stream()
                .noneMatch(got -> got.header("webhook-id") != null && got.body().contains("large-")));
    }

    private void assertPreviewSays(String fault, String delivery) {
        String event = event("p", "call.ended");
        JsonNode preview = acme.posted(
                200,
                "/v1/webhooks/preview",
                "{`definition`: {`name`: `draft`, `events`: [`*`], `delivery`: {`url`: `https://crm.example/`, "
                        + delivery + "}}, `event`: " + event + "}");
        assertEquals(fault, preview.get("fault").asText(), preview.toString());
        assertTrue(preview.get("request").isNull());
    }

    @Test
    void so_does_a_preview_of_it() {
        String copies = COPIES.replace("\"", "\\\"");
        assertPreviewSays("the body exceeds the limit of 1 MiB", "`body`: `[" + copies + "]`");
        assertPreviewSays(
                "the body exceeds the limit of 1 MiB",
                "`format`: `form`, `body`: `" + "a={data.s}&".repeat(2_000) + "`");
        assertPreviewSays("header X-A exceeds the limit of 8 KiB", "`headers`: {`X-A`: `{data.s}{data.s}`}");
    }

    @Test
    void an_account_without_memory_gets_503_and_its_delivery_uses_no_attempt() {
        AccountLedger ledger = product.part("webhooksLedger", Ledger.class).of(product.account("acme"));
        String draft = "{`definition`: {`name`: `draft`, `events`: [`*`], `delivery`: {`url`: `" + receiver.url()
                + "`, `bodyJq`: `[range(12) | \\\"x\\\" * 500000 | length] | length`, `authentication`: {`type`: `none`}}}}";
        List<Reservation> all = allOf(ledger::reserve);
        try {
            // enough for the request, and little more
            all.get(0).close();
            ApiClient.assertProblem(503, "account-memory", acme.post("/v1/webhooks/preview", draft));
            HttpResponse<String> test = acme.post("/v1/webhooks/draft/test", draft);
            ApiClient.assertProblem(503, "account-memory", test);
            assertEquals("1", test.headers().firstValue("Retry-After").orElse(""));
        } finally {
            all.forEach(Reservation::close);
        }
        assertEquals(200, acme.post("/v1/webhooks/preview", draft).statusCode());
    }

    @Test
    void its_delivery_waits_and_uses_no_attempt() {
        AccountLedger ledger = product.part("webhooksLedger", Ledger.class).of(product.account("acme"));
        acme.did("small", "pause");
        assertEquals(
                202,
                product.postEvent(
                                ADMIN,
                                "{\"specversion\":\"1.0\",\"id\":\"s1\",\"source\":\"/x\",\"type\":\"small\",\"data\":{}}")
                        .statusCode());
        List<Reservation> all = allOf(ledger::reserveInFlight);
        try {
            acme.did("small", "resume");
            JsonNode waiting = Awaitility.await()
                    .until(
                            () -> product.read("/v1/deliveries?event=s1", ADMIN).at("/items/0"),
                            delivery -> delivery.path("reason").asText().contains("memory"));
            assertEquals("waiting", waiting.get("state").asText());
            assertEquals(0, waiting.get("attemptCount").asInt());
        } finally {
            all.forEach(Reservation::close);
        }
        assertEquals(
                1,
                acme.delivery(acme.idOf("s1", "delivered")).get("attemptCount").asInt());
    }

    /** All available memory, in parts of {@link #ROOM} first. */
    private static List<Reservation> allOf(LongFunction<Reservation> asking) {
        List<Reservation> all = new ArrayList<>(List.of(asking.apply(ROOM)));
        for (long bytes = 1L << 30; bytes > 0; bytes /= 2) {
            try {
                while (true) {
                    all.add(asking.apply(bytes));
                }
            } catch (BudgetExceededException e) {
                // half of it
                continue;
            }
        }
        return all;
    }
}
