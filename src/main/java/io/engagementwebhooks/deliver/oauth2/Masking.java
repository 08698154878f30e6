package io.engagementwebhooks.deliver.oauth2;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.engagementwebhooks.webhook.ClientCredential;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.Secret;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.commons.text.StringEscapeUtils;

/**
 * Takes a client's secrets out of what a token endpoint said, in the forms in which they were sent, and whatever looks
 * like a signed token: an assertion that is repeated could be used by whoever reads it.
 */
final class Masking {

    private static final String MASK = "***";
    private static final Pattern SIGNED_TOKEN =
            Pattern.compile("eyJ[A-Za-z0-9_-]{5,}\\.[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]*)*");

    private Masking() {}

    static String mask(String text, OAuthClient client) {
        String masked = SIGNED_TOKEN.matcher(text).replaceAll(MASK);
        for (String form : forms(client)) {
            masked = masked.replace(form, MASK);
        }
        return masked;
    }

    /** Longer ones first, so that none is found in another. */
    private static List<String> forms(OAuthClient client) {
        List<String> forms = new ArrayList<>();
        client.credential()
                .secret()
                .filter(secret -> !(client.credential() instanceof ClientCredential.SignedAssertion))
                .ifPresent(secret -> addWithId(forms, client.clientId(), secret.reveal()));
        client.parameters().further().stream()
                .filter(field -> !field.shown())
                .forEach(field -> add(forms, field.value()));
        forms.removeIf(String::isEmpty);
        forms.sort(Comparator.comparing(String::length).reversed());
        return forms;
    }

    private static void addWithId(List<String> forms, String id, String secret) {
        forms.add(base64(encoded(id) + ":" + encoded(secret)));
        forms.add(base64(id + ":" + secret));
        add(forms, Secret.of(secret));
    }

    /** As it is, and as forms, JSON and pages write it. */
    private static void add(List<String> forms, Secret secret) {
        String text = secret.reveal();
        String json = new String(JsonStringEncoder.getInstance().quoteAsString(text));
        forms.addAll(List.of(text, encoded(text), encoded(text).replace("+", "%20"), json, json.replace("/", "\\/")));
        forms.add(StringEscapeUtils.escapeHtml4(text));
        forms.add(StringEscapeUtils.escapeXml11(text));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
