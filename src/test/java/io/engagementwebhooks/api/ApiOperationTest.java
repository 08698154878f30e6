package io.engagementwebhooks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.server.Problem;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

/** How an operation ends: with JSON or problem details. */
class ApiOperationTest {

    private final Exchange exchange = new DefaultExchange(new DefaultCamelContext());

    private void run(Processor step) {
        new ApiOperation(open -> {}, any -> {}, step).process(exchange);
        assertEquals(null, exchange.getException());
    }

    private void assertProblem(int status) {
        assertEquals(status, exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE));
        assertEquals(Problem.MEDIA_TYPE, exchange.getMessage().getHeader(Exchange.CONTENT_TYPE));
    }

    @Test
    void a_result_is_written_as_json() {
        run(step -> step.getMessage().setBody(Map.of("name", "crm")));
        assertEquals(
                "{\"name\":\"crm\"}", new String(exchange.getMessage().getBody(byte[].class), StandardCharsets.UTF_8));
    }

    @Test
    void an_error_of_a_step_is_a_problem() {
        run(failing -> {
            throw new StackOverflowError();
        });
        assertProblem(500);
    }

    @Test
    void a_result_that_cannot_be_written_is_a_problem() {
        run(step -> step.getMessage().setBody(new Object()));
        assertProblem(500);
    }
}
