package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.SampleIntake;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A webhook made by the API that was renamed more than once. An instance that has not followed yet stores under a name that
 * the webhook had: the test does so in its place.
 */
@Timeout(300)
class FormerNamesTest {

    private static final String ADMIN = "an-admin-key-of-acme";

    private final Receiver receiver = new Receiver(got -> new Receiver.Reply(204));
    private final Receiver other = new Receiver(got -> new Receiver.Reply(204));
    private RunningProduct product;

    @BeforeEach
    void start(@TempDir Path folder) {
        product = RunningProduct.start(
                folder, "accounts:\n  - id: acme\n    apiKeys: [{name: staff, role: admin, key: " + ADMIN + "}]\n");
        create("one", receiver.url());
    }

    @AfterEach
    void stop() {
        product.close();
        receiver.close();
        other.close();
    }

    private void create(String name, URI url) {
        HttpResponse<String> made = product.post(
                "/v1/webhooks",
                ADMIN,
                "application/json",
                "{\"name\": \"" + name + "\", \"events\": [\"*\"], \"delivery\": {\"url\": \"" + url + "\"}}");
        assertEquals(201, made.statusCode(), made.body());
    }

    private HttpResponse<String> change(String method, String webhook, String body) {
        String path = "/v1/webhooks/" + webhook;
        String etag = product.get(path, ADMIN).headers().firstValue("ETag").orElseThrow();
        return product.send(product.request(path, ADMIN)
                .header("Content-Type", "application/json")
                .header("If-Match", etag)
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    private void rename(String from, String to) {
        HttpResponse<String> renamed = change("PATCH", from, "{\"name\": \"" + to + "\"}");
        assertEquals(200, renamed.statusCode(), renamed.body());
    }

    private void delete(String webhook) {
        assertEquals(204, change("DELETE", webhook, "").statusCode());
    }

    private void did(String webhook, String what) {
        HttpResponse<String> answer =
                product.post("/v1/webhooks/" + webhook + "/" + what, ADMIN, "application/json", "");
        assertEquals(200, answer.statusCode(), answer.body());
    }

    private JsonNode shown(String webhook) {
        return product.read("/v1/webhooks/" + webhook, ADMIN);
    }

    private JsonNode delivery(String id) {
        return product.read("/v1/deliveries/" + id, ADMIN);
    }

    /** As another instance does. */
    private String storedElsewhere(String event, String webhook) {
        SampleIntake intake = SampleIntake.event(event).to(webhook, Clock.systemUTC());
        product.part("store", Store.class)
                .accept(List.of(intake.intake()))
                .toCompletableFuture()
                .join();
        return intake.deliveryId();
    }

    /** Looked up before this instance followed, and stored afterwards. */
    private String storedHere(String event, String webhook) {
        SampleIntake intake = SampleIntake.event(event).to(webhook, Clock.systemUTC());
        product.part("outbox", Outbox.class)
                .accept(List.of(intake.intake()))
                .toCompletableFuture()
                .join();
        return intake.deliveryId();
    }

    private void restart() {
        product.stop();
        product.start();
    }

    @Test
    void what_was_stored_under_any_name_that_a_webhook_had_is_sent_for_it() {
        rename("one", "two");
        rename("two", "three");
        String first = storedElsewhere("first", "one");
        String second = storedElsewhere("second", "two");
        restart();
        product.awaitDeliveries(ADMIN, "first", 1, "delivered");
        product.awaitDeliveries(ADMIN, "second", 1, "delivered");
        assertEquals("three", delivery(first).get("webhook").asText());
        assertEquals("three", delivery(second).get("webhook").asText());
        assertEquals(2, receiver.requests().size());
    }

    @Test
    void an_instance_that_learns_of_two_renamings_at_once_lets_follow_what_it_stores_under_the_first_name() {
        rename("one", "two");
        rename("two", "three");
        restart(); // whoever starts has followed neither step by step
        String id = storedHere("late", "one");
        product.awaitDeliveries(ADMIN, "late", 1, "delivered");
        assertEquals("three", delivery(id).get("webhook").asText());
    }

    @Test
    void the_state_of_a_webhook_is_that_of_its_last_name() {
        did("one", "pause");
        rename("one", "two");
        String id = storedElsewhere("late", "one");
        rename("two", "three");
        assertEquals("paused", shown("three").get("state").asText());
        assertEquals(1, shown("three").get("waiting").asInt());
        assertEquals("three", delivery(id).get("webhook").asText());
        restart();
        assertEquals("paused", shown("three").get("state").asText());
        did("three", "resume");
        product.awaitDeliveries(ADMIN, "late", 1, "delivered");
    }

    @Test
    void a_former_name_that_another_webhook_got_is_nobodys_former_one_any_more() {
        rename("one", "two");
        rename("two", "three");
        create("one", other.url());
        did("one", "pause");
        did("three", "pause");
        assertEquals(202, product.postEvent(ADMIN, TwoAccounts.event("own")).statusCode());
        product.awaitDeliveries(ADMIN, "own", 2, "paused");
        delete("one");
        restart();
        assertEquals(1, shown("three").get("waiting").asInt());
        did("three", "resume");
        Awaitility.await().until(() -> receiver.requests().size() == 1);
        create("one", other.url());
        did("one", "resume");
        product.awaitDeliveries(ADMIN, "own", 2, "delivered");
        assertEquals(1, receiver.requests().size());
        assertEquals(1, other.requests().size());
    }

    @Test
    void of_many_former_names_the_last_ten_are_known() {
        rename("one", "name-1");
        for (int i = 1; i <= 10; i++) {
            rename("name-" + i, "name-" + (i + 1));
        }
        String eldest = storedElsewhere("eldest", "one");
        storedElsewhere("tenth", "name-1");
        storedElsewhere("last", "name-10");
        restart();
        product.awaitDeliveries(ADMIN, "tenth", 1, "delivered");
        product.awaitDeliveries(ADMIN, "last", 1, "delivered");
        assertEquals("one", delivery(eldest).get("webhook").asText());
    }

    @Test
    void a_webhook_that_is_given_its_former_name_again_keeps_the_one_between() {
        rename("one", "two");
        rename("two", "one");
        storedElsewhere("first", "one");
        storedElsewhere("second", "two");
        restart();
        product.awaitDeliveries(ADMIN, "first", 1, "delivered");
        product.awaitDeliveries(ADMIN, "second", 1, "delivered");
        assertEquals(0, shown("one").get("waiting").asInt());
    }
}
