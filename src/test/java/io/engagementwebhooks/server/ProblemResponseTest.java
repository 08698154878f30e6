package io.engagementwebhooks.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.engagementwebhooks.event.EventIdentity;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.accept.IdentityReusedException;
import io.engagementwebhooks.testkit.LogLines;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class ProblemResponseTest {

    private final Exchange exchange = new DefaultExchange(new DefaultCamelContext());

    /** Semantics 3. */
    @Test
    void an_identity_used_again_in_a_batch_is_reported_with_its_item() throws Exception {
        exchange.setProperty(ProblemResponse.BATCH, true);

        JsonNode problem = answer();

        assertEquals(409, problem.path("status").intValue());
        assertEquals(2, problem.path("index").intValue());
    }

    @Test
    void an_identity_used_again_by_an_event_alone_names_no_item() throws Exception {
        assertEquals("", answer().path("index").asText(""));
    }

    @Test
    void a_store_that_cannot_be_written_is_logged_once_a_minute() {
        exchange.setProperty(Exchange.EXCEPTION_CAUGHT, new StoreException("the disk is full", null));
        try (LogLines lines = new LogLines(ProblemResponse.class)) {
            for (int i = 0; i < 60; i++) {
                new ProblemResponse().process(exchange);
            }

            assertTrue(lines.texts().size() <= 1, lines.texts().toString());
        }
    }

    private JsonNode answer() throws Exception {
        exchange.setProperty(
                Exchange.EXCEPTION_CAUGHT, new IdentityReusedException(new EventIdentity("acme", "s", "1"), 2));
        new ProblemResponse().process(exchange);
        return new JsonMapper().readTree(exchange.getMessage().getBody(byte[].class));
    }
}
