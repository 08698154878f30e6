package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.webhook.OAuthClient;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.stream.Stream;

/** Takes a client's secret out of what a token endpoint said, in the forms in which it was sent. */
final class Masking {

    private static final String MASK = "***";

    private Masking() {}

    static String mask(String text, OAuthClient client) {
        String id = client.clientId();
        String secret = client.clientSecret().reveal();
        return Stream.of(
                        base64(encoded(id) + ":" + encoded(secret)), base64(id + ":" + secret), encoded(secret), secret)
                .filter(form -> !form.isEmpty())
                .reduce(text, (masked, form) -> masked.replace(form, MASK));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
