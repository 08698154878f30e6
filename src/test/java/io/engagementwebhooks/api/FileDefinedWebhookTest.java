package io.engagementwebhooks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A webhook of the file: its state and pending deliveries are kept by its id (semantics 24). {@link DefinitionsRestartTest} has
 * the restart.
 */
@Timeout(300)
class FileDefinedWebhookTest {

    @AutoClose
    private final FileAccount acme = new FileAccount(RunningProduct::shared);

    private HttpResponse<String> post(String what) {
        return acme.api.post("/v1/webhooks/calls/" + what, "");
    }

    @Test
    void deliveries_due_while_their_webhook_was_not_in_the_file_are_sent_when_it_returns() {
        acme.did("calls", "pause");
        acme.api.event("due");
        acme.config(" []");
        assertEquals(404, acme.statusOf("calls"));
        acme.status = 204;
        acme.config(acme.webhook("calls", ""));
        assertEquals("paused", acme.api.webhook("calls").get("state").asText());
        acme.config(" []");
        assertEquals(404, post("resume").statusCode());
        acme.config(acme.webhook("calls", ""));
        acme.did("calls", "resume");
        acme.api.idOf("due", "delivered");
    }

    /** Semantics 24: "paused as removed from the file; waiting deliveries stay and are released when it returns". */
    @Test
    void a_webhook_removed_from_the_file_is_paused_until_it_returns() {
        String id = acme.waiting("kept");
        acme.config(" []");
        JsonNode waiting =
                acme.api.read("/v1/waiting?configured=false").get("items").get(0);
        assertEquals("paused", waiting.get("waitingFor").get("kind").asText(), waiting.toString());
        acme.status = 204;
        acme.config(acme.webhook("calls", ""));
        assertEquals("active", acme.api.webhook("calls").get("state").asText());
        assertEquals(1, acme.did("calls", "release").get("deliveries").asInt());
        acme.api.idOf("kept", "delivered");
        assertEquals("delivered", acme.stateOf(id));
    }

    @Test
    void deliveries_of_a_webhook_removed_from_the_file_can_be_discarded() {
        String id = acme.waiting("unwanted");
        acme.config(" []");
        assertEquals(1, acme.did("calls", "discard").get("deliveries").asInt());
        assertEquals("discarded", acme.stateOf(id));
        assertEquals(
                "discarded by key 'staff'", acme.api.delivery(id).get("reason").asText());
        assertEquals(404, post("discard").statusCode());
        acme.status = 204;
        acme.config(acme.webhook("calls", ""));
        assertEquals(0, acme.did("calls", "release").get("deliveries").asInt());
        assertEquals("discarded", acme.stateOf(id));
        assertEquals(1, acme.receiver.requests().size());
    }

    private String idOf(String webhook) {
        return acme.api.webhook(webhook).get("id").asText();
    }

    @Test
    void a_webhook_of_the_file_keeps_its_id_state_and_deliveries_under_each_new_name() {
        String delivery = acme.waiting("kept");
        String id = idOf("calls");
        acme.did("calls", "pause");
        acme.config(acme.webhook("ended calls", ", was: calls"));
        acme.config(acme.webhook("finished calls", ", was: ended calls"));
        assertEquals(404, acme.statusOf("calls"));
        assertEquals(404, acme.statusOf("ended%20calls"));
        JsonNode renamed = acme.api.webhook(id);
        assertEquals(acme.api.webhook("finished%20calls"), renamed);
        assertEquals("finished calls", renamed.get("name").asText());
        assertEquals("paused", renamed.get("state").asText());
        assertEquals(1, renamed.get("waiting").asInt());
        assertEquals(id, acme.api.delivery(delivery).get("webhookId").asText());
        assertEquals(
                "finished calls", acme.api.delivery(delivery).get("webhook").asText());
        assertEquals(
                acme.api.read("/v1/deliveries?webhook=finished%20calls").get("items"),
                acme.api.read("/v1/deliveries?webhook=" + id).get("items"));
    }

    @Test
    void a_name_that_moved_away_belongs_to_another_webhook_when_it_is_used_again() {
        String id = idOf("calls");
        acme.config(acme.webhook("ended calls", ", was: calls"));
        acme.created("calls", "");
        String other = idOf("calls");
        assertNotEquals(id, other);
        acme.did("calls", "pause");
        acme.did("ended%20calls", "pause");
        acme.api.event("own");
        acme.api.awaitDeliveries("own", 2, "paused");

        // 'was' applies only once
        acme.config(acme.webhook("ended calls", ", was: calls") + acme.webhook("others", ""));
        assertEquals(200, acme.statusOf("others"));
        assertEquals(id, idOf("ended%20calls"));
        assertEquals(other, idOf("calls"));
        assertEquals(1, acme.waitingFor("calls"));
        assertEquals(1, acme.waitingFor("ended%20calls"));
        assertEquals(204, acme.change("DELETE", "calls", "").statusCode());
        acme.config(acme.webhook("ended calls", "") + acme.webhook("calls", ""));
        assertEquals(other, idOf("calls"), "it is there again, in the file");
        assertEquals(0, acme.waitingFor("calls"), "deleting it canceled its deliveries");
    }

    @Test
    void deliveries_of_a_webhook_whose_name_was_reused_are_found_by_its_id() {
        String delivery = acme.waiting("left");
        String id = idOf("calls");
        acme.config(" []");
        acme.created("mine", "");
        String mine = idOf("mine");
        assertEquals(200, acme.change("PATCH", "mine", "{`name`: `calls`}").statusCode());
        assertEquals(mine, idOf("calls"));
        assertEquals(0, acme.waitingFor("calls"));
        JsonNode waiting =
                acme.api.read("/v1/waiting?configured=false").get("items").get(0);
        assertEquals(id, waiting.get("webhookId").asText());
        assertEquals("calls", waiting.get("webhook").asText());
        assertEquals(404, acme.statusOf(id));
        assertEquals(1, acme.did(id, "discard").get("deliveries").asInt());
        assertEquals("discarded", acme.stateOf(delivery));
    }

    @Test
    void a_webhook_keeps_its_deliveries_if_the_file_reuses_its_former_name() {
        acme.config(acme.webhook("ended calls", ""));
        acme.created("mine", "");
        acme.did("mine", "pause");
        acme.did("ended%20calls", "pause");
        acme.api.event("own");
        acme.api.awaitDeliveries("own", 2, "paused");

        acme.config(acme.webhook("ended calls", ", was: mine") + acme.webhook("new calls", ", was: calls"));
        assertEquals(1, acme.waitingFor("mine"));
        assertEquals(1, acme.waitingFor("ended%20calls"));
        acme.did("mine", "resume");
        Awaitility.await().until(() -> acme.other.requests().size() == 1);
        acme.api.awaitDeliveries("own", 2, "paused", "delivered");
        assertEquals(0, acme.receiver.requests().size());
    }

    @Test
    void the_state_of_a_webhook_of_the_file_is_changed_while_it_runs_and_its_definition_is_not() {
        JsonNode before = acme.api.webhook("calls");
        assertEquals("file", before.get("managedBy").asText());
        assertEquals("paused", acme.did("calls", "pause").get("state").asText());
        acme.api.event("held");
        acme.api.awaitDeliveries("held", 1, "paused");
        assertEquals(409, post("release").statusCode());
        acme.config(acme.webhook("calls", "") + acme.webhook("others", ""));
        assertEquals(200, acme.statusOf("others"));
        assertEquals("paused", acme.api.webhook("calls").get("state").asText());
        assertEquals(1, acme.did("calls", "discard").get("deliveries").asInt());
        assertEquals("active", acme.did("calls", "resume").get("state").asText());
        assertEquals(before.get("definition"), acme.api.webhook("calls").get("definition"));
        for (String method : List.of("PUT", "PATCH", "DELETE")) {
            ApiClient.assertProblem(409, "managed-by-file", acme.change(method, "calls", "{`retry`: [`1s`]}"));
        }
    }
}
