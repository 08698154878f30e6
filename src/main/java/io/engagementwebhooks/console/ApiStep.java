package io.engagementwebhooks.console;

import java.util.Map;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * A step that answers a request which was authenticated before: the message's body becomes the answer, which a later step
 * writes as JSON. No header that came in is left. Thread-safe if its answerer is.
 */
public final class ApiStep implements Processor {

    private final Function<ApiRequest, ?> answerer;
    private final int status;

    private ApiStep(Function<ApiRequest, ?> answerer, int status) {
        this.answerer = answerer;
        this.status = status;
    }

    /** Answers 200. */
    static ApiStep ok(Function<ApiRequest, ?> answerer) {
        return new ApiStep(answerer, 200);
    }

    /** Answers 202: it was taken down and goes on. */
    static ApiStep accepted(Function<ApiRequest, ?> answerer) {
        return new ApiStep(answerer, 202);
    }

    @Override
    public void process(Exchange exchange) {
        answer(exchange, status, answerer.apply(ApiRequest.of(exchange)));
    }

    /** Makes something the answer; no header that came in is left. */
    static void answer(Exchange exchange, int status, Object answer) {
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
