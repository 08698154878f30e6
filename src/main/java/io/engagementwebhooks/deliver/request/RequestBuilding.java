package io.engagementwebhooks.deliver.request;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.credential.Redactor;
import io.engagementwebhooks.deliver.AttemptTracing;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.Timing;
import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.template.BodyFault;
import io.engagementwebhooks.webhook.template.BoundedText;
import io.engagementwebhooks.webhook.template.Template;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.util.CaseInsensitiveMap;

/**
 * Step {@code build-request}: puts the request to an HTTP receiver on the message: method, URL, headers and body,
 * instead of earlier headers. The {@link DeliveryContext#delivery delivery} stays available. A body that cannot be
 * built ends the delivery by a {@link BodyFault}. Thread-safe.
 *
 * @param clock for the deadline, and for timestamp and keys of signed requests
 * @param tracing begins the attempt's span
 */
public record RequestBuilding(Clock clock, AttemptTracing tracing) implements Processor {

    /** Headers that this step sets beside the webhook's own. */
    static final List<String> NAMES = List.of(Exchange.CONTENT_TYPE, TraceParent.NAME);

    @Override
    public void process(Exchange exchange) {
        DeliveryContext context = DeliveryContext.of(exchange);
        Delivery delivery = context.delivery();
        Message message = exchange.getMessage();
        message.setHeaders(new CaseInsensitiveMap());
        message.setBody(build(message.getHeaders(), delivery, delivery.receiver(), tracing.begin(exchange)));
        context.built(deadline(delivery));
    }

    /**
     * The complete signed request to a target, with the webhook's body and headers.
     *
     * @throws BodyFault if it cannot be made from this event
     */
    public OutgoingRequest request(Exchange exchange, Target.Http target) {
        return request(DeliveryContext.delivery(exchange), target, tracing.begin(exchange));
    }

    /**
     * As above, for a preview without an attempt.
     *
     * @throws BodyFault if it cannot be made from this event
     */
    public OutgoingRequest request(Delivery delivery, Target.Http target) {
        return request(delivery, target, AttemptTracing.child(delivery));
    }

    private OutgoingRequest request(Delivery delivery, Target.Http target, Optional<TraceParent> trace) {
        Map<String, Object> headers = new CaseInsensitiveMap();
        byte[] body = build(headers, delivery, target, trace);
        RequestSigning.sign(
                headers,
                target.url(),
                target.method(),
                body,
                target.signing(),
                delivery.messageId(),
                delivery.webhook().account(),
                clock.instant());
        return MessageRequest.of(delivery, target, headers, body, Set.of(), deadline(delivery), new Timing());
    }

    private Instant deadline(Delivery delivery) {
        return clock.instant().plus(delivery.webhook().delivery().timeout());
    }

    /** @return the body */
    private static byte[] build(
            Map<String, Object> headers, Delivery delivery, Target.Http target, Optional<TraceParent> trace) {
        boolean reads = !RequestBody.isEventItself(target.body(), delivery)
                || !target.headers().isEmpty();
        JsonNode content = reads ? delivery.content() : null;
        RequestBody body = RequestBody.of(target.body(), delivery, content);
        MessageRequest.putTarget(headers, target.method(), target.url());
        addOwnHeaders(headers, target, content);
        headers.putIfAbsent(Exchange.CONTENT_TYPE, body.contentType());
        trace.ifPresent(step -> headers.put(TraceParent.NAME, step.toString()));
        return body.bytes();
    }

    private static void addOwnHeaders(Map<String, Object> headers, Target.Http target, JsonNode content) {
        int size = 0;
        for (Map.Entry<String, Template> header : target.headers().entrySet()) {
            String name = header.getKey();
            String value = header.getValue().render(content);
            if (!value.isEmpty()) {
                size += name.length() + value.length();
                if (size > MessageRequest.LARGEST_HEADERS) {
                    throw new BodyFault(BoundedText.breach("the size of all headers", MessageRequest.LARGEST_HEADERS));
                }
                headers.put(name, Redactor.isSensitive(name) ? Credential.of(value, target.url()) : value);
            }
        }
    }
}
