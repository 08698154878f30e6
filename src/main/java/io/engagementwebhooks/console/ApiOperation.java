package io.engagementwebhooks.console;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.server.ProblemResponse;
import org.apache.camel.AsyncCallback;
import org.apache.camel.AsyncProcessor;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.AsyncProcessorSupport;

/**
 * An operation of the API: authenticates the caller, runs a step and writes the result, or problem details, as JSON.
 * One processor for all of it: Camel gives each processor of a route its own error handler, and the API has seventy
 * routes, which are built at each start. Thread-safe if both steps are.
 */
final class ApiOperation extends AsyncProcessorSupport {

    private static final JsonMapper JSON = new JsonMapper();

    private final Processor authentication;
    private final Processor step;

    ApiOperation(Processor authentication, Processor step) {
        this.authentication = authentication;
        this.step = step;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        try {
            authentication.process(exchange);
            if (step instanceof AsyncProcessor async) {
                return async.process(exchange, doneSync -> {
                    write(exchange);
                    callback.done(doneSync);
                });
            }
            step.process(exchange);
            write(exchange);
        } catch (Exception | Error e) {
            FatalErrors.check(e);
            fail(exchange, e);
        }
        callback.done(true);
        return true;
    }

    private static void write(Exchange exchange) {
        try {
            Object body = exchange.getMessage().getBody();
            if (exchange.getException() != null) {
                fail(exchange, exchange.getException());
            } else if (body != null && !(body instanceof byte[])) {
                // bytes are sent at once, with their length; a stream would be copied in pieces
                exchange.getMessage().setBody(JSON.writeValueAsBytes(body));
            }
        } catch (Exception | Error e) {
            FatalErrors.check(e);
            fail(exchange, e);
        }
    }

    private static void fail(Exchange exchange, Throwable failure) {
        exchange.setException(null);
        ProblemResponse.write(exchange, ProblemResponse.problem(failure, false));
    }
}
