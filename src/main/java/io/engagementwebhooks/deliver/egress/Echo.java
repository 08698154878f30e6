package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.deliver.Answer;
import io.engagementwebhooks.deliver.OutgoingRequest;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Takes the credential that we sent out of what came back. Many a receiver shows in its error pages the headers that it
 * was sent, and answers are kept and shown to whoever may read deliveries.
 */
final class Echo {

    private static final String MASK = "***";
    /** Shorter texts are no secrets, and would be found in every word. */
    private static final int SHORTEST = 4;

    private Echo() {}

    static Answer withoutCredential(Answer answer, OutgoingRequest request) {
        if (request.credentials().isEmpty()) {
            return answer;
        }
        Set<String> forms = new LinkedHashSet<>();
        request.credentials().forEach(credential -> addForms(forms, credential));
        Map<String, String> headers = answer.headers().entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, header -> masked(header.getValue(), forms)));
        // one character for each byte, whatever the answer's charset is
        String body = new String(answer.body(), StandardCharsets.ISO_8859_1);
        String masked = masked(body, forms);
        byte[] bytes = masked.equals(body) ? answer.body() : masked.getBytes(StandardCharsets.ISO_8859_1);
        return new Answer(answer.status(), headers, bytes, answer.note());
    }

    private static String masked(String text, Set<String> forms) {
        return forms.stream().reduce(text, (masked, form) -> masked.replace(form, MASK));
    }

    /** What a receiver may show of it, longer ones first. */
    private static void addForms(Set<String> forms, String value) {
        int space = value.indexOf(' ');
        String credential = value.substring(space + 1).strip();
        add(forms, credential);
        if (space > 0 && value.substring(0, space).equalsIgnoreCase("Basic")) {
            addPassword(forms, credential);
        }
    }

    private static void addPassword(Set<String> forms, String credential) {
        try {
            String pair = new String(Base64.getDecoder().decode(credential), StandardCharsets.UTF_8);
            add(forms, pair.substring(pair.indexOf(':') + 1));
        } catch (IllegalArgumentException e) {
            // not Base64, so there is no password in it
        }
    }

    private static void add(Set<String> forms, String secret) {
        if (secret.length() >= SHORTEST) {
            forms.add(asBytes(secret));
            forms.add(asBytes(secret.replace("/", "\\/")));
            forms.add(URLEncoder.encode(secret, StandardCharsets.UTF_8));
        }
    }

    private static String asBytes(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }
}
