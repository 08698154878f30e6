package io.engagementwebhooks.deliver.request;

import io.engagementwebhooks.webhook.SigningKey;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Signs id, timestamp and body bytes by Standard Webhooks. Stateless.
 *
 * @see <a href="https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md">Standard
 *     Webhooks</a>
 */
final class WebhookSigner {

    static final String ID = "webhook-id";
    static final String TIMESTAMP = "webhook-timestamp";
    static final String SIGNATURE = "webhook-signature";

    private WebhookSigner() {}

    /**
     * The value of {@code webhook-signature}: one {@code v1,<base64>} (HMAC-SHA256) or {@code v1a,<base64>} (Ed25519)
     * per key, separated by spaces.
     *
     * @param id the value of {@code webhook-id}
     * @param timestamp the value of {@code webhook-timestamp}, seconds since 1970
     * @param body the bytes sent
     * @param keys at least one
     */
    static String sign(String id, long timestamp, byte[] body, List<SigningKey> keys) {
        byte[] head = (id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8);
        return keys.stream()
                .map(key -> key.scheme().text() + "," + Base64.getEncoder().encodeToString(key.sign(head, body)))
                .collect(Collectors.joining(" "));
    }
}
