package io.engagementwebhooks.deliver.request;

import io.engagementwebhooks.credential.Redactor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * The secrets of a request: its credentials, and headers, query parameters and form fields with secret-like names.
 * Receivers often repeat the request in error pages, and responses are stored and shown.
 */
public final class SentSecrets {

    /** Shorter texts would match parts of words. */
    private static final int SHORTEST = 4;

    private SentSecrets() {}

    /** Masks them in responses. */
    public static Redactor redactor(OutgoingRequest request) {
        List<String> secrets = new ArrayList<>();
        request.forEach((name, value) -> {
            if (name.equalsIgnoreCase(OutgoingRequest.AUTHORIZATION)) {
                addAuthorization(secrets, OutgoingRequest.clear(value));
            } else if (value instanceof Credential credential
                    ? !credential.isShownInAnswers
                    : Redactor.isSensitive(name)) {
                secrets.add(OutgoingRequest.clear(value));
            }
        });
        String query = request.url().getRawQuery();
        if (query != null) {
            secrets.addAll(Redactor.sensitiveValues(query));
        }
        if (request.isForm()) {
            secrets.addAll(Redactor.sensitiveValues(new String(request.body(), StandardCharsets.ISO_8859_1)));
        }
        secrets.removeIf(secret -> secret.length() < SHORTEST);
        return Redactor.of(secrets);
    }

    /** Adds the credential without its scheme. */
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
            // not Base64, so it holds no password
        }
    }
}
