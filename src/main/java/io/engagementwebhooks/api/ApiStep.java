package io.engagementwebhooks.api;

import java.util.Map;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * A step that responds to an authenticated request. The result replaces the message's body, and a later step writes it
 * as JSON. All request headers are removed. Thread-safe if its answerer is.
 */
public record ApiStep(Function<ApiRequest, ?> answerer, int status) implements Processor {

    /** Responds with 200. */
    public static ApiStep ok(Function<ApiRequest, ?> answerer) {
        return new ApiStep(answerer, 200);
    }

    /** Responds with 202: stored, and continues in the background. */
    public static ApiStep accepted(Function<ApiRequest, ?> answerer) {
        return new ApiStep(answerer, 202);
    }

    @Override
    public void process(Exchange exchange) {
        Object answer = answerer.apply(ApiRequest.of(exchange));
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        Answered all = answer instanceof Answered more ? more : new Answered(status, Map.of(), answer);
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, all.status());
        if (all.body() != null) {
            message.setHeader(Exchange.CONTENT_TYPE, "application/json");
        }
        all.headers().forEach(message::setHeader);
        message.setBody(all.body());
    }
}
