package io.engagementwebhooks.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.webhook.BodyFault;
import io.engagementwebhooks.webhook.BoundedText;
import io.engagementwebhooks.webhook.Signing;
import io.engagementwebhooks.webhook.SigningKey;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Template;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.hc.core5.http.HttpHeaders;

/**
 * Step {@code build-request}: what is sent to an HTTP receiver, anew for each attempt. The request is kept beside the
 * message; the message's body becomes the body to be sent, and the {@link Progress#delivery delivery} stays reachable.
 * A body that cannot be made ends the delivery by a {@link BodyFault}. Thread-safe.
 */
public final class RequestBuilding implements Processor {

    /** Largest names and values of a webhook's own headers together, in bytes: receivers such as IIS and Node take no more. */
    private static final int LARGEST_HEADERS = 16 << 10;

    private final Clock clock;
    private final AttemptTracing tracing;

    /**
     * @param clock for the timestamp, the keys that sign, and the deadline
     * @param tracing of which trace attempts are parts
     */
    public RequestBuilding(Clock clock, AttemptTracing tracing) {
        this.clock = clock;
        this.tracing = tracing;
    }

    @Override
    public void process(Exchange exchange) {
        Delivery delivery = Progress.delivery(exchange);
        OutgoingRequest request = request(exchange, target(delivery));
        exchange.setProperty(Progress.DELIVERY, delivery);
        exchange.setProperty(Progress.REQUEST, request);
        exchange.getMessage().setBody(request.body());
    }

    private static Target.Http target(Delivery delivery) {
        if (delivery.webhook().delivery().target() instanceof Target.Http target) {
            return target;
        }
        throw new IllegalStateException(delivery.webhook() + " delivers to no URL: the route chose the wrong branch");
    }

    OutgoingRequest request(Delivery delivery) {
        return request(delivery, target(delivery));
    }

    /**
     * The request of a target as if it were an HTTP receiver's, with the webhook's own body and headers, the message's id
     * and its signature.
     *
     * @throws BodyFault if it cannot be made from this event
     */
    public OutgoingRequest request(Exchange exchange, Target.Http target) {
        return request(Progress.delivery(exchange), target, tracing.begin(exchange));
    }

    /**
     * As above, of no attempt: what would be sent.
     *
     * @throws BodyFault if it cannot be made from this event
     */
    public OutgoingRequest request(Delivery delivery, Target.Http target) {
        return request(delivery, target, AttemptTracing.step(delivery));
    }

    private OutgoingRequest request(Delivery delivery, Target.Http target, Optional<TraceParent> trace) {
        Instant now = clock.instant();
        boolean reads = !RequestBody.isEventItself(target.body(), delivery)
                || !target.headers().isEmpty();
        JsonNode content = reads ? delivery.content() : null;
        RequestBody body = RequestBody.of(target.body(), delivery, content);
        Instant deadline = now.plus(delivery.webhook().delivery().timeout());
        OutgoingRequest request = new OutgoingRequest(
                delivery.webhook().account(), target.url(), target.method(), body.bytes(), deadline, target.tls());
        request.header(HttpHeaders.CONTENT_TYPE, body.contentType());
        addOwnHeaders(request, target, content);
        trace.ifPresent(step -> request.header(TraceParent.NAME, step.toString()));
        sign(request, target.signing(), delivery.messageId(), delivery.webhook().account(), now);
        return request;
    }

    private static void addOwnHeaders(OutgoingRequest request, Target.Http target, JsonNode content) {
        int size = 0;
        for (Map.Entry<String, Template> header : target.headers().entrySet()) {
            String value = header.getValue().render(content);
            if (!value.isEmpty()) {
                size += header.getKey().length() + value.length();
                if (size > LARGEST_HEADERS) {
                    throw new BodyFault(BoundedText.breach("the size of all headers", LARGEST_HEADERS));
                }
                request.header(header.getKey(), value);
            }
        }
    }

    /**
     * Adds id, timestamp and the signatures that are asked for.
     *
     * @param account whose keys they are
     */
    static void sign(OutgoingRequest request, Signing signing, String messageId, String account, Instant now) {
        long timestamp = now.getEpochSecond();
        request.header(WebhookSigner.ID, messageId);
        request.header(WebhookSigner.TIMESTAMP, Long.toString(timestamp));
        List<SigningKey> keys = signing.keysAt(now);
        if (keys.isEmpty()) {
            return;
        }
        if (signing.form().isStandard()) {
            request.header(WebhookSigner.SIGNATURE, WebhookSigner.sign(messageId, timestamp, request.body(), keys));
        }
        if (signing.form().isRfc9421()) {
            MessageSigner.sign(request, account, keys, timestamp);
        }
    }
}
