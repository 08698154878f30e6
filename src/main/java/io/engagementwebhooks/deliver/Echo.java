package io.engagementwebhooks.deliver;

import io.engagementwebhooks.webhook.SensitiveNames;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.hc.core5.http.HttpHeaders;

/**
 * Takes what we sent in confidence out of what came back: the credential, and headers, parameters of the query and fields
 * of a form that are named as if they held one. Many a receiver shows in its error pages what it was sent, and answers are
 * kept and shown to whoever may read deliveries.
 */
final class Echo {

    /** Shorter texts are no secrets, and would be found in every word. */
    private static final int SHORTEST = 4;

    private static final String RETRY_AFTER = "retry-after";

    private Echo() {}

    static Answer withoutCredential(Answer answer, OutgoingRequest request) {
        // one character for each byte, whatever the answer's charset is
        String body = new String(answer.body(), StandardCharsets.ISO_8859_1);
        List<String> secrets = secrets(request).stream()
                .filter(secret -> secret.length() >= SHORTEST && mayBeIn(answer, body, secret))
                .toList();
        if (secrets.isEmpty()) {
            return answer;
        }
        Map<String, String> headers = answer.headers().entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, header -> masked(header, secrets)));
        String masked = SecretForms.maskBytes(body, secrets);
        byte[] bytes = masked.equals(body) ? answer.body() : masked.getBytes(StandardCharsets.ISO_8859_1);
        return new Answer(answer.status(), headers, bytes, answer.note());
    }

    /** When to come again is read after this, and a short number may stand in a secret's place by chance. */
    private static String masked(Map.Entry<String, String> header, List<String> secrets) {
        return header.getKey().equalsIgnoreCase(RETRY_AFTER)
                ? header.getValue()
                : SecretForms.maskBytes(header.getValue(), secrets);
    }

    /** What was sent in confidence. */
    private static List<String> secrets(OutgoingRequest request) {
        List<String> secrets = new ArrayList<>();
        request.forEach((name, value) -> {
            if (name.equalsIgnoreCase(HttpHeaders.AUTHORIZATION)) {
                addAuthorization(secrets, OutgoingRequest.clear(value));
            } else if (value instanceof Credential credential
                    ? !credential.isShownInAnswers
                    : SensitiveNames.isName(name)) {
                secrets.add(OutgoingRequest.clear(value));
            }
        });
        addFields(secrets, request.url().getRawQuery());
        if (request.isForm()) {
            addFields(secrets, new String(request.body(), StandardCharsets.ISO_8859_1));
        }
        return secrets;
    }

    /** Of a query or a form. */
    private static void addFields(List<String> secrets, String fields) {
        for (String pair : fields == null ? new String[0] : fields.split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0 && SensitiveNames.isName(SensitiveNames.decoded(pair.substring(0, equals)))) {
                String value = pair.substring(equals + 1);
                secrets.add(value);
                secrets.add(SensitiveNames.decoded(value));
            }
        }
    }

    /** Whether a secret may be in an answer, in any of its forms. Few answers hold any, and looking for all forms costs. */
    private static boolean mayBeIn(Answer answer, String body, String secret) {
        String constant = SecretForms.constant(secret);
        if (constant.isEmpty() || body.contains(constant)) {
            return true;
        }
        for (String value : answer.headers().values()) {
            if (value.contains(constant)) {
                return true;
            }
        }
        return false;
    }

    /** The scheme is no secret. */
    private static void addAuthorization(List<String> secrets, String authorization) {
        int space = authorization.indexOf(' ');
        String credential = authorization.substring(space + 1).strip();
        secrets.add(credential);
        if (space > 0 && authorization.substring(0, space).equalsIgnoreCase("Basic")) {
            addPassword(secrets, credential);
        }
    }

    private static void addPassword(List<String> secrets, String credential) {
        try {
            String pair = new String(Base64.getDecoder().decode(credential), StandardCharsets.UTF_8);
            secrets.add(pair.substring(pair.indexOf(':') + 1));
        } catch (IllegalArgumentException e) {
            // not Base64, so there is no password in it
        }
    }
}
