package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.deliver.SecretForms;
import io.engagementwebhooks.webhook.ClientCredential;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.SensitiveNames;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Takes a client's secrets out of what a token endpoint said, however it writes them, and whatever looks like a signed
 * token: an assertion that is repeated could be used by whoever reads it.
 */
final class Masking {

    private static final Pattern SIGNED_TOKEN =
            Pattern.compile("eyJ[A-Za-z0-9_-]{5,}\\.[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]*)*");

    private Masking() {}

    static String mask(String text, OAuthClient client) {
        return SecretForms.mask(SIGNED_TOKEN.matcher(text).replaceAll(SensitiveNames.MASK), secrets(client));
    }

    private static List<String> secrets(OAuthClient client) {
        List<String> secrets = new ArrayList<>();
        client.credential()
                .secret()
                .filter(secret -> !(client.credential() instanceof ClientCredential.SignedAssertion))
                .ifPresent(secret -> addWithId(secrets, client.clientId(), secret.reveal()));
        client.parameters().further().stream()
                .filter(field -> !field.shown())
                .forEach(field -> secrets.add(field.value().reveal()));
        return secrets;
    }

    private static void addWithId(List<String> secrets, String id, String secret) {
        secrets.add(base64(encoded(id) + ":" + encoded(secret)));
        secrets.add(base64(id + ":" + secret));
        secrets.add(secret);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
