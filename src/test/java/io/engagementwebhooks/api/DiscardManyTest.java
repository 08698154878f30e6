package io.engagementwebhooks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.store.accept.Intake;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.webhook.WebhookId;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Discards a hundred thousand deliveries of one account: events of another account are accepted in between. */
@Timeout(300)
class DiscardManyTest {

    private static final String ACME = "acme-admin-key-00000";
    private static final String BETA = "beta-admin-key-00000";
    private static final int DELIVERIES = 100_000;
    private static final int TOGETHER = 2_000;

    @AutoClose
    private RunningProduct product;

    @BeforeEach
    void start() {
        product = RunningProduct.shared(
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: %s}]
                    webhooks: [{name: many, events: ['*'], delivery: {url: "https://receiver.example.com/", authentication: {type: none}}}]
                  - id: beta
                    apiKeys: [{name: staff, role: admin, key: %s}]
                """
                        .formatted(ACME, BETA));
        assertEquals(
                200,
                product.post("/v1/webhooks/many/pause", ACME, "application/json", "{}")
                        .statusCode());
        Outbox outbox = product.part("outbox", Outbox.class);
        Clock clock = Clock.systemUTC();
        WebhookId many = new WebhookId(product.account("acme"), product.webhookId(ACME, "many"), "many");
        for (int from = 0; from < DELIVERIES; from += TOGETHER) {
            List<Intake> intakes = new ArrayList<>();
            for (int i = from; i < from + TOGETHER; i++) {
                intakes.add(SampleIntake.event("e" + i)
                        .of(product.account("acme"))
                        .to(many, clock)
                        .intake());
            }
            outbox.acceptance().accept(intakes).toCompletableFuture().join();
        }
    }

    private int discardAll() {
        int all = 0;
        JsonNode done;
        do {
            HttpResponse<String> answer = product.post("/v1/webhooks/many/discard", ACME, "application/json", "{}");
            assertEquals(200, answer.statusCode(), answer.body());
            done = RunningProduct.json(answer);
            all += done.get("deliveries").asInt();
        } while (done.get("more").asBoolean());
        return all;
    }

    @Test
    void events_and_pages_of_other_accounts_are_served_in_the_meantime() {
        CompletableFuture<Integer> discarded = CompletableFuture.supplyAsync(this::discardAll);
        int taken = 0;
        while (!discarded.isDone()) {
            HttpResponse<String> event =
                    product.postEvent(BETA, "{\"id\": \"b" + taken + "\", \"source\": \"/t\", \"type\": \"a\"}");
            assertEquals(202, event.statusCode(), event.body());
            assertEquals(200, product.get("/v1/deliveries", BETA).statusCode());
            taken += discarded.isDone() ? 0 : 1;
        }
        assertEquals(DELIVERIES, discarded.join());
        assertTrue(taken >= 20, "so many events of the other account were accepted: " + taken);
    }
}
