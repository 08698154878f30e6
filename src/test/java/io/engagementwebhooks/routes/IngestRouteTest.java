package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.server.ProblemResponse;
import io.engagementwebhooks.store.StoreException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.component.mock.MockEndpoint;
import org.junit.jupiter.api.Test;

class IngestRouteTest extends RouteAlone {

    private static final String ROUTE = "ingest-events";

    private MockEndpoint store;

    IngestRouteTest() {
        super("10-ingest.camel.yaml");
    }

    private void start() throws Exception {
        advise(ROUTE, a -> a.replaceFromWith("direct:start"));
        store = inPlaceOf(ROUTE, "store-events");
        step("buildProblemResponse", new ProblemResponse());
        context.start();
    }

    @Test
    void an_event_is_stored_before_it_is_answered_as_json() throws Exception {
        start();
        step("lookUpWebhooks", exchange -> exchange.getMessage().setBody("events with deliveries"));
        step("buildAcceptedResponse", exchange -> {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("id", "e1");
            answer.put("deliveries", 2);
            exchange.getMessage().setBody(answer);
        });
        store.expectedBodiesReceived("events with deliveries");
        store.whenAnyExchangeReceived(
                exchange -> assertEquals(List.of("authenticateCaller", "readEvents", "lookUpWebhooks"), taken()));

        Exchange answered = send("direct:start");

        assertEquals("{\"id\":\"e1\",\"deliveries\":2}", answered.getMessage().getBody(String.class));
        assertEquals(List.of("authenticateCaller", "readEvents", "lookUpWebhooks", "buildAcceptedResponse"), taken());
        assertNull(answered.getException());
        store.assertIsSatisfied();
    }

    @Test
    void what_is_wrong_with_a_request_is_answered_as_problem_json_and_nothing_is_stored() throws Exception {
        start();
        step("readEvents", exchange -> {
            throw new ProblemException(Problem.badRequest("not-json", "the body is not JSON"));
        });
        store.expectedMessageCount(0);

        Exchange answered = send("direct:start");

        assertProblem(400, "the body is not JSON", answered);
        assertEquals(List.of("authenticateCaller", "readEvents", "buildProblemResponse"), taken());
        store.assertIsSatisfied();
    }

    @Test
    void a_caller_without_a_key_gets_no_further_than_the_first_step() throws Exception {
        start();
        step("authenticateCaller", exchange -> {
            throw new ProblemException(Problem.unauthorized("send your API key"));
        });

        Exchange answered = send("direct:start");

        assertProblem(401, "send your API key", answered);
        assertEquals("Bearer", answered.getMessage().getHeader("WWW-Authenticate"));
        assertEquals(List.of("authenticateCaller", "buildProblemResponse"), taken());
    }

    @Test
    void a_store_that_cannot_take_it_is_answered_by_503_and_when_to_come_back() throws Exception {
        start();
        store.whenAnyExchangeReceived(exchange -> exchange.setException(new StoreException("the disk is full", null)));

        Exchange answered = send("direct:start");

        assertProblem(503, "nothing was stored", answered);
        assertEquals("5", answered.getMessage().getHeader("Retry-After"));
        assertFalse(taken().contains("buildAcceptedResponse"));
    }

    @Test
    void a_fault_of_ours_tells_nothing_of_itself() throws Exception {
        start();
        step("lookUpWebhooks", exchange -> {
            throw new IllegalStateException("internals");
        });

        Exchange answered = send("direct:start");

        assertProblem(500, "an error in the product", answered);
        assertFalse(answered.getMessage().getBody(String.class).contains("internals"));
    }

    private static void assertProblem(int status, String detail, Exchange answered) {
        assertNull(answered.getException());
        assertEquals(status, answered.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE));
        assertEquals("application/problem+json", answered.getMessage().getHeader(Exchange.CONTENT_TYPE));
        String body = answered.getMessage().getBody(String.class);
        assertTrue(body.contains(detail), body);
    }
}
