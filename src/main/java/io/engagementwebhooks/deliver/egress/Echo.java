package io.engagementwebhooks.deliver.egress;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.engagementwebhooks.deliver.Answer;
import io.engagementwebhooks.deliver.OutgoingRequest;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Takes what we sent in confidence out of what came back: the credential, and headers and parameters of the query that are
 * named as if they held one. Many a receiver shows in its error pages what it was sent, and answers are kept and shown to
 * whoever may read deliveries.
 */
final class Echo {

    private static final String MASK = "***";
    /** Shorter texts are no secrets, and would be found in every word. */
    private static final int SHORTEST = 4;

    private static final Pattern CONFIDENTIAL =
            Pattern.compile("(?i).*(auth|key|token|secret|passw|pwd|cookie|credential|session).*|sig|code");

    private Echo() {}

    static Answer withoutCredential(Answer answer, OutgoingRequest request) {
        Set<String> forms = forms(request);
        if (forms.isEmpty()) {
            return answer;
        }
        Map<String, String> headers = answer.headers().entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, header -> masked(header.getValue(), forms)));
        // one character for each byte, whatever the answer's charset is
        String body = new String(answer.body(), StandardCharsets.ISO_8859_1);
        String masked = masked(body, forms);
        byte[] bytes = masked.equals(body) ? answer.body() : masked.getBytes(StandardCharsets.ISO_8859_1);
        return new Answer(answer.status(), headers, bytes, answer.note());
    }

    /** What a receiver may show of what it was sent, longer ones first. */
    private static Set<String> forms(OutgoingRequest request) {
        Set<String> forms =
                new TreeSet<>(Comparator.comparing(String::length).reversed().thenComparing(Comparator.naturalOrder()));
        String authorization = request.header("Authorization");
        request.credentials().forEach(credential -> {
            addCredential(forms, credential);
            if (!credential.equals(authorization)) {
                // without a scheme, so all of it is the secret
                add(forms, credential);
            }
        });
        request.headers().forEach((name, value) -> {
            // of a credential the scheme is no secret
            if (CONFIDENTIAL.matcher(name).matches() && !request.credentials().contains(value)) {
                add(forms, value);
            }
        });
        addQuery(forms, request.url().getRawQuery());
        return forms;
    }

    private static void addQuery(Set<String> forms, String query) {
        for (String pair : query == null ? new String[0] : query.split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0 && CONFIDENTIAL.matcher(pair.substring(0, equals)).matches()) {
                String value = pair.substring(equals + 1);
                add(forms, value);
                add(forms, decoded(value));
            }
        }
    }

    private static String decoded(String value) {
        try {
            return URLDecoder.decode(value, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return value;
        }
    }

    private static String masked(String text, Set<String> forms) {
        return forms.stream().reduce(text, (masked, form) -> masked.replace(form, MASK));
    }

    private static void addCredential(Set<String> forms, String authorization) {
        int space = authorization.indexOf(' ');
        String credential = authorization.substring(space + 1).strip();
        add(forms, credential);
        if (space > 0 && authorization.substring(0, space).equalsIgnoreCase("Basic")) {
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
            forms.add(asBytes(inJson(secret)));
            forms.add(asBytes(inJson(secret).replace("/", "\\/")));
            forms.add(URLEncoder.encode(secret, StandardCharsets.UTF_8));
        }
    }

    private static String inJson(String secret) {
        return new String(JsonStringEncoder.getInstance().quoteAsString(secret));
    }

    private static String asBytes(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }
}
