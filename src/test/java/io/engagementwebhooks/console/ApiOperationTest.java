package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.server.Problem;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.AsyncProcessorSupport;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

/** How an operation ends: always once, with JSON or problem details. */
class ApiOperationTest {

    private static final Processor PUBLIC = exchange -> {};

    private final Exchange exchange = new DefaultExchange(new DefaultCamelContext());
    private final AtomicInteger ended = new AtomicInteger();

    private void run(Processor step) {
        new ApiOperation(PUBLIC, step).process(exchange, doneSync -> ended.incrementAndGet());
        assertEquals(1, ended.get());
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
    void an_error_of_a_step_ends_the_exchange_once() {
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

    @Test
    void an_error_of_an_asynchronous_step_ends_the_exchange_once() {
        run(new AsyncProcessorSupport() {
            @Override
            public boolean process(Exchange failing, AsyncCallback callback) {
                throw new NoClassDefFoundError("as after a broken deployment");
            }
        });
        assertProblem(500);
    }

    @Test
    void a_result_that_comes_later_is_written_when_it_comes() {
        AsyncCallback[] waiting = new AsyncCallback[1];
        new ApiOperation(PUBLIC, new AsyncProcessorSupport() {
                    @Override
                    public boolean process(Exchange late, AsyncCallback callback) {
                        waiting[0] = callback;
                        return false;
                    }
                })
                .process(exchange, doneSync -> ended.incrementAndGet());
        assertEquals(0, ended.get());
        exchange.getMessage().setBody(List.of(1));
        waiting[0].done(false);
        assertEquals("[1]", new String(exchange.getMessage().getBody(byte[].class), StandardCharsets.UTF_8));
        assertEquals(1, ended.get());
    }
}
