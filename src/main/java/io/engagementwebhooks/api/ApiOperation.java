package io.engagementwebhooks.api;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.server.ProblemResponse;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * An operation of the API: authenticates the caller, runs a step and writes the result, or problem details, as JSON.
 * One processor for all of it: Camel gives each processor of a route its own error handler, and the API has seventy
 * routes, which are built at each start. Thread-safe if both steps are.
 *
 * @param check refuses requests that the step would not read in whole
 */
record ApiOperation(Processor authentication, Consumer<ApiRequest> check, Processor step) implements Processor {

    private static final JsonMapper JSON = new JsonMapper();

    @Override
    public void process(Exchange exchange) {
        try {
            authentication.process(exchange);
            check.accept(ApiRequest.of(exchange));
            step.process(exchange);
            Object body = exchange.getMessage().getBody();
            if (body != null && !(body instanceof byte[])) {
                // bytes are sent at once, with their length; a stream would be copied in pieces
                exchange.getMessage().setBody(JSON.writeValueAsBytes(body));
            }
        } catch (Exception | Error e) {
            FatalErrors.check(e);
            ProblemResponse.write(exchange, ProblemResponse.problem(e, false));
        }
    }
}
