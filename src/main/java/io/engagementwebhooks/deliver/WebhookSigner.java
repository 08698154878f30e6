package io.engagementwebhooks.deliver;

import io.engagementwebhooks.webhook.SigningKey;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Signs what is sent, as Standard Webhooks has it: over id, timestamp and exactly the bytes of the body. Stateless. */
public final class WebhookSigner {

    private static final byte[] NOTHING = {};

    private WebhookSigner() {}

    /**
     * The value of {@code webhook-signature}: one signature per key, with spaces between.
     *
     * @param id the value of {@code webhook-id}
     * @param timestamp the value of {@code webhook-timestamp}, seconds since 1970
     * @param body the bytes sent
     * @param keys at least one
     * @throws IllegalArgumentException naming the key that cannot be read
     */
    public static String sign(String id, long timestamp, byte[] body, List<SigningKey> keys) {
        byte[] content = content(id, timestamp, body);
        return keys.stream().map(key -> Signature.of(key, content)).collect(Collectors.joining(" "));
    }

    /** Why a key cannot sign, or empty; for set-up. */
    public static Optional<String> fault(SigningKey key) {
        try {
            Signature.of(key, NOTHING);
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(e.getMessage());
        }
    }

    private static byte[] content(String id, long timestamp, byte[] body) {
        byte[] head = (id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8);
        byte[] content = new byte[head.length + body.length];
        System.arraycopy(head, 0, content, 0, head.length);
        System.arraycopy(body, 0, content, head.length, body.length);
        return content;
    }
}
