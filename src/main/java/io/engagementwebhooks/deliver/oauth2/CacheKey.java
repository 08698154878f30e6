package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.Secret;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What makes two token requests the same one. Accounts never share a token, and another secret is another key, so that a
 * repaired credential starts afresh.
 */
record CacheKey(
        String account,
        URI tokenUrl,
        String clientId,
        String credential,
        String scope,
        OAuthClient.Method method,
        OAuthClient.Encoding encoding) {

    static CacheKey of(OAuthClient client) {
        return new CacheKey(
                client.account(),
                client.tokenUrl(),
                client.clientId(),
                hash(client.clientSecret()),
                client.scope(),
                client.method(),
                client.encoding());
    }

    private static String hash(Secret secret) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(sha256.digest(secret.reveal().getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
