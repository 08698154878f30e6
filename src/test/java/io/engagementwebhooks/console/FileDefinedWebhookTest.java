package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The file defines a webhook; its state and what waits for it are run-time, and kept by its name (semantics 24).
 * {@link RestartTest} has what a restart does.
 */
@Timeout(300)
class FileDefinedWebhookTest {

    private final FileAccount acme = new FileAccount(RunningProduct::shared);

    @AfterEach
    void stop() {
        acme.close();
    }

    private HttpResponse<String> post(String what) {
        return acme.api.post("/v1/webhooks/calls/" + what, "");
    }

    @Test
    void what_came_due_while_its_webhook_was_not_in_the_file_goes_by_itself_when_it_returns() {
        acme.did("calls", "pause");
        acme.api.event("due");
        acme.setUp(" []");
        assertEquals(404, acme.statusOf("calls"));
        acme.status = 204;
        acme.setUp(acme.webhook("calls", ""));
        assertEquals("paused", acme.api.webhook("calls").get("state").asText());
        acme.setUp(" []");
        assertEquals(404, post("resume").statusCode());
        acme.setUp(acme.webhook("calls", ""));
        acme.did("calls", "resume");
        acme.api.idOf("due", "delivered");
    }

    @Test
    void what_waits_for_a_webhook_that_is_taken_out_of_the_file_is_discarded_by_a_person() {
        String id = acme.waiting("unwanted");
        acme.setUp(" []");
        assertEquals(1, acme.did("calls", "discard").get("deliveries").asInt());
        assertEquals("discarded", acme.stateOf(id));
        assertEquals(
                "discarded by key 'staff'", acme.api.delivery(id).get("reason").asText());
        assertEquals(404, post("discard").statusCode());
        acme.status = 204;
        acme.setUp(acme.webhook("calls", ""));
        assertEquals(0, acme.did("calls", "release").get("deliveries").asInt());
        assertEquals("discarded", acme.stateOf(id));
        assertEquals(1, acme.receiver.requests().size());
    }

    private static void assertFormerNameRefused(HttpResponse<String> answer) {
        assertEquals(422, answer.statusCode(), answer.body());
        JsonNode fault = RunningProduct.json(answer).at("/faults/0");
        assertEquals("/name", fault.path("pointer").asText());
        assertEquals(
                "webhook 'calls': the set-up file says 'was: calls' of its webhook 'ended calls', to which what waits"
                        + " under that name goes over",
                fault.path("detail").asText());
        assertEquals(
                "choose another name, or take 'was' out of the file first",
                fault.path("wayOut").asText());
    }

    @Test
    void a_name_that_a_webhook_of_the_file_was_called_by_is_given_to_no_other_until_the_file_says_so_no_more() {
        acme.setUp(acme.webhook("ended calls", ", was: calls"));
        acme.created("mine", "");
        assertFormerNameRefused(acme.create("calls", ""));
        assertFormerNameRefused(acme.change("PATCH", "mine", "{`name`: `calls`}"));

        acme.setUp(acme.webhook("ended calls", "") + acme.webhook("others", ""));
        assertEquals(200, acme.change("PATCH", "mine", "{`name`: `calls`}").statusCode());
        acme.did("calls", "pause");
        acme.api.event("own");
        Awaitility.await().until(() -> acme.waitingFor("calls") == 1);
        assertEquals(204, acme.change("DELETE", "calls", "").statusCode());
        acme.setUp(acme.webhook("ended calls", ""));
        assertEquals(404, acme.statusOf("others"));
        Awaitility.await().until(() -> acme.receiver.requests().size() == 2);
        acme.created("calls", "");
        assertEquals(1, acme.waitingFor("calls"));
    }

    @Test
    void what_waits_for_a_webhook_stays_its_own_where_the_file_has_one_that_was_called_so_once() {
        acme.setUp(acme.webhook("ended calls", ""));
        acme.created("calls", "");
        acme.did("calls", "pause");
        acme.did("ended%20calls", "pause");
        acme.api.event("own");
        acme.api.awaitDeliveries("own", 2, "paused");

        acme.setUp(acme.webhook("ended calls", ", was: calls"));
        assertEquals(1, acme.waitingFor("calls"));
        assertEquals(1, acme.waitingFor("ended%20calls"));
        HttpResponse<String> deleted = acme.change("DELETE", "calls", "");
        assertEquals(409, deleted.statusCode(), deleted.body());
        assertEquals(
                "webhook 'calls': the set-up file says 'was: calls' of its webhook 'ended calls', to which what waits"
                        + " under that name goes over; take 'was' out of the file first",
                RunningProduct.json(deleted).path("detail").asText());
        assertEquals(200, acme.change("PATCH", "calls", "{`retry`: [`1s`]}").statusCode());
        acme.did("calls", "resume");
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
        acme.setUp(acme.webhook("calls", "") + acme.webhook("others", ""));
        assertEquals(200, acme.statusOf("others"));
        assertEquals("paused", acme.api.webhook("calls").get("state").asText());
        assertEquals(1, acme.did("calls", "discard").get("deliveries").asInt());
        assertEquals("active", acme.did("calls", "resume").get("state").asText());
        assertEquals(before.get("definition"), acme.api.webhook("calls").get("definition"));
        for (String method : List.of("PUT", "PATCH", "DELETE")) {
            Api.assertProblem(409, "managed-by-file", acme.change(method, "calls", "{`retry`: [`1s`]}"));
        }
    }
}
