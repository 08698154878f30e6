package io.engagementwebhooks.deliver.egress;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.engagementwebhooks.deliver.Answer;
import io.engagementwebhooks.deliver.OutgoingRequest;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Takes what we sent in confidence out of what came back: the credential, and headers, parameters of the query and fields of a form that are
 * named as if they held one. Many a receiver shows in its error pages what it was sent, and answers are kept and shown to
 * whoever may read deliveries.
 */
final class Echo {

    private static final String MASK = "***";
    /** Shorter texts are no secrets, and would be found in every word. */
    private static final int SHORTEST = 4;

    private static final Pattern CONFIDENTIAL =
            Pattern.compile("(?i).*(auth|key|token|secret|passw|pwd|cookie|credential|session).*|sig|code");

    private static final int MOST_NAMES = 10_000;
    private static final Map<String, Boolean> CONFIDENTIAL_NAMES = new ConcurrentHashMap<>();

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
        Set<String> forms = forms(secrets);
        Map<String, String> headers = answer.headers().entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, header -> masked(header.getValue(), forms)));
        String masked = masked(body, forms);
        byte[] bytes = masked.equals(body) ? answer.body() : masked.getBytes(StandardCharsets.ISO_8859_1);
        return new Answer(answer.status(), headers, bytes, answer.note());
    }

    /** What was sent in confidence. */
    private static List<String> secrets(OutgoingRequest request) {
        List<String> secrets = new ArrayList<>();
        String authorization = request.header("Authorization");
        List<String> credentials = request.credentials();
        for (String credential : credentials) {
            addCredential(secrets, credential);
            if (!credential.equals(authorization)) {
                // without a scheme, so all of it is the secret
                secrets.add(credential);
            }
        }
        request.headers().forEach((name, value) -> {
            // of a credential the scheme is no secret
            if (isConfidential(name) && !credentials.contains(value)) {
                secrets.add(value);
            }
        });
        addFields(secrets, request.url().getRawQuery());
        if (request.isForm()) {
            addFields(secrets, new String(request.body(), StandardCharsets.ISO_8859_1));
        }
        return secrets;
    }

    /** Names of headers are few and come again with each request. */
    private static boolean isConfidential(String name) {
        Boolean known = CONFIDENTIAL_NAMES.get(name);
        if (known == null) {
            known = CONFIDENTIAL.matcher(name).matches();
            if (CONFIDENTIAL_NAMES.size() < MOST_NAMES) {
                CONFIDENTIAL_NAMES.put(name, known);
            }
        }
        return known;
    }

    /** Of a query or a form. */
    private static void addFields(List<String> secrets, String fields) {
        for (String pair : fields == null ? new String[0] : fields.split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0 && isConfidential(decoded(pair.substring(0, equals)))) {
                String value = pair.substring(equals + 1);
                secrets.add(value);
                secrets.add(decoded(value));
            }
        }
    }

    /**
     * Whether a secret may be in an answer, in any of its forms: letters and digits are the same in all of them. Few
     * answers hold any, and making the forms costs more than all else here.
     */
    private static boolean mayBeIn(Answer answer, String body, String secret) {
        String constant = longestPlain(secret);
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

    private static String longestPlain(String secret) {
        int best = 0;
        int bestEnd = 0;
        int length = 0;
        for (int i = 0; i < secret.length(); i++) {
            length = isPlain(secret.charAt(i)) ? length + 1 : 0;
            if (length > best) {
                best = length;
                bestEnd = i + 1;
            }
        }
        return secret.substring(bestEnd - best, bestEnd);
    }

    private static boolean isPlain(char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    }

    /** In what forms a receiver may show them, longer ones first. */
    private static Set<String> forms(List<String> secrets) {
        Set<String> forms =
                new TreeSet<>(Comparator.comparing(String::length).reversed().thenComparing(Comparator.naturalOrder()));
        secrets.forEach(secret -> add(forms, secret));
        return forms;
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

    private static void addCredential(List<String> secrets, String authorization) {
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

    private static void add(Set<String> forms, String secret) {
        forms.add(asBytes(secret));
        forms.add(asBytes(inJson(secret)));
        forms.add(asBytes(inJson(secret).replace("/", "\\/")));
        forms.add(URLEncoder.encode(secret, StandardCharsets.UTF_8));
    }

    private static String inJson(String secret) {
        return new String(JsonStringEncoder.getInstance().quoteAsString(secret));
    }

    private static String asBytes(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }
}
