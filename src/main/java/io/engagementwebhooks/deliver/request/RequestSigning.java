package io.engagementwebhooks.deliver.request;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.webhook.SigningKey;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.signing.Signing;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * Step {@code sign-request}: adds message id, time and the webhook's signatures to the request on the message. Later
 * steps must not change the signed parts. Thread-safe.
 *
 * @param clock for the timestamp and the keys that sign
 */
public record RequestSigning(Clock clock) implements Processor {

    /** Headers that only this step sets. */
    static final List<String> NAMES = List.of(
            WebhookSigner.ID,
            WebhookSigner.TIMESTAMP,
            WebhookSigner.SIGNATURE,
            ContentDigest.HEADER,
            MessageSigner.INPUT,
            MessageSigner.SIGNATURE);

    private static final List<String> COVERED =
            List.of(MessageRequest.METHOD, MessageRequest.URL, MessageRequest.QUERY, Exchange.CONTENT_TYPE);

    @Override
    public void process(Exchange exchange) throws Exception {
        DeliveryContext context = DeliveryContext.of(exchange);
        Delivery delivery = context.delivery();
        Target.Http target = delivery.receiver();
        Message message = exchange.getMessage();
        byte[] body = message.getBody() == null ? new byte[0] : message.getMandatoryBody(byte[].class);
        message.setBody(body);
        MessageRequest.convertBytes(message);
        Map<String, Object> headers = message.getHeaders();
        sign(
                headers,
                MessageRequest.url(headers, target.url(), context.deadline()),
                MessageRequest.method(headers, target),
                body,
                target.signing(),
                delivery.messageId(),
                delivery.webhook().account(),
                clock.instant());
        context.signed(covered(message, target.signing()));
    }

    /** The signed parts and the signature headers, by name. */
    static Map<String, Object> covered(Message message, Signing signing) {
        Map<String, Object> covered = new LinkedHashMap<>();
        COVERED.forEach(name -> covered.put(name, message.getHeader(name)));
        NAMES.forEach(name -> covered.put(name, message.getHeader(name)));
        signing.custom()
                .ifPresent(custom -> custom.names().forEach(name -> covered.put(name, message.getHeader(name))));
        covered.put("the body", message.getBody());
        return covered;
    }

    /** The name of the first part that differs; empty if none does. */
    static Optional<String> difference(Map<String, Object> signed, Map<String, Object> now) {
        return signed.keySet().stream()
                .filter(name -> !Objects.deepEquals(signed.get(name), now.get(name)))
                .findFirst();
    }

    /**
     * Adds id, timestamp and signatures.
     *
     * @param headers of the request; earlier signature headers are removed
     * @param account the owner of the keys
     */
    static void sign(
            Map<String, Object> headers,
            URI url,
            String method,
            byte[] body,
            Signing signing,
            String messageId,
            String account,
            Instant now) {
        NAMES.forEach(headers::remove);
        long timestamp = now.getEpochSecond();
        headers.put(WebhookSigner.ID, messageId);
        headers.put(WebhookSigner.TIMESTAMP, Long.toString(timestamp));
        signing.custom().ifPresent(custom -> {
            custom.names().forEach(headers::remove);
            headers.putAll(custom.headers(messageId, body, now));
        });
        List<SigningKey> keys = signing.keysAt(now);
        if (keys.isEmpty()) {
            return;
        }
        if (signing.form().isStandard()) {
            headers.put(WebhookSigner.SIGNATURE, WebhookSigner.sign(messageId, timestamp, body, keys));
        }
        if (signing.form().isRfc9421()) {
            headers.put(ContentDigest.HEADER, ContentDigest.of(body));
            MessageSigner.sign(headers, url, method, account, keys, timestamp);
        }
    }
}
