package io.engagementwebhooks.credential;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Masks secrets in external texts by {@value #MASK}: plain, in JSON, URLs, forms, HTML, XML and Base64. Each format has
 * several {@linkplain Escapes escapes} of a character. Thread-safe.
 */
public final class Redactor {

    /** The mask of a secret. */
    public static final String MASK = "***";

    private static final Pattern SENSITIVE = Pattern.compile(
            "(?i).*(auth|key|token|secret|passw|passphrase|pwd|cookie|credential|session|assertion|bearer|jwt).*"
                    + "|sig|code|(.*[-_])?(pass|pin|otp)");

    private static final Pattern SIGNED_TOKEN =
            Pattern.compile("eyJ[A-Za-z0-9_-]{5,}\\.[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]*)*");

    private static final int MOST_KNOWN_NAMES = 10_000;
    private static final Map<String, Boolean> KNOWN_NAMES = new ConcurrentHashMap<>();

    private final List<SearchedSecret> secrets;
    private final int shortest;
    private final int shortestBase64;

    /** A secret as bytes, its longest part that no escape changes, and the Base64 forms of that part at each offset. */
    private static final class SearchedSecret {

        private final String secret;
        private final String bytes;
        private final String constant;
        /** Made when a text first has enough characters of Base64 in a row. */
        private List<String> base64;

        /** Made when a text first has the constant part. */
        private Pattern escaped;

        SearchedSecret(String secret) {
            this.secret = secret;
            this.bytes = asBytes(secret);
            this.constant = Redactor.constant(secret);
        }

        /** A secret without letters and digits may be in any Base64. */
        boolean mayBeBase64In(String text) {
            List<String> forms = base64;
            if (forms == null) {
                forms = Redactor.base64(constant);
                base64 = forms;
            }
            for (String form : forms) {
                if (text.contains(form)) {
                    return true;
                }
            }
            return constant.isEmpty();
        }

        void find(String text, BitSet found) {
            for (int at = text.indexOf(bytes); at >= 0; at = text.indexOf(bytes, at + bytes.length())) {
                found.set(at, at + bytes.length());
            }
            if (constant.length() < bytes.length()) {
                Matcher escaped = escaped().matcher(text);
                while (escaped.find()) {
                    found.set(escaped.start(), escaped.end());
                }
            }
        }

        private Pattern escaped() {
            Pattern known = escaped;
            if (known == null) {
                known = Escapes.of(secret);
                escaped = known;
            }
            return known;
        }
    }

    private Redactor(List<SearchedSecret> secrets) {
        this.secrets = secrets;
        this.shortest =
                secrets.stream().mapToInt(secret -> secret.bytes.length()).min().orElse(Integer.MAX_VALUE);
        this.shortestBase64 = shortest + (shortest - 1) / 3 + 1;
    }

    /** @param secrets in clear text; empty ones are ignored */
    public static Redactor of(Collection<String> secrets) {
        return new Redactor(secrets.stream()
                .filter(secret -> !secret.isEmpty())
                .map(SearchedSecret::new)
                .toList());
    }

    /** The text with secrets masked; the same object if it has none. */
    public String redact(String text) {
        String bytes = asBytes(text);
        String redacted = redactBytes(bytes);
        return redacted.equals(bytes)
                ? text
                : new String(redacted.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    /** As {@link #redact(String)}, for a text in UTF-8 or another superset of ASCII. */
    public byte[] redact(byte[] text) {
        String bytes = new String(text, StandardCharsets.ISO_8859_1);
        String redacted = redactBytes(bytes);
        return redacted.equals(bytes) ? text : redacted.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** As {@link #redact(byte[])}. @param bytes one character for each byte */
    public String redactBytes(String bytes) {
        if (bytes.length() < shortest) {
            return bytes;
        }
        BitSet found = new BitSet();
        find(bytes, found);
        findBase64(bytes, found);
        return found.isEmpty() ? bytes : without(found, bytes);
    }

    /** Whether a header, field or parameter has a secret-like name. */
    public static boolean isSensitive(String name) {
        Boolean known = KNOWN_NAMES.get(name);
        if (known == null) {
            known = SENSITIVE.matcher(name).matches();
            if (KNOWN_NAMES.size() < MOST_KNOWN_NAMES) {
                KNOWN_NAMES.put(name, known);
            }
        }
        return known;
    }

    /** A form or query with the values of secret-like fields masked. */
    public static String redactFields(String form) {
        return Arrays.stream(form.split("&", -1))
                .map(field -> isSensitiveField(field) ? field.substring(0, field.indexOf('=') + 1) + MASK : field)
                .collect(Collectors.joining("&"));
    }

    /** The values of secret-like fields, encoded and decoded. */
    public static List<String> sensitiveValues(String form) {
        List<String> values = new ArrayList<>();
        for (String field : form.split("&")) {
            if (isSensitiveField(field)) {
                String value = field.substring(field.indexOf('=') + 1);
                values.add(value);
                values.add(decoded(value));
            }
        }
        return values;
    }

    private static boolean isSensitiveField(String field) {
        int equals = field.indexOf('=');
        return equals > 0 && isSensitive(decoded(field.substring(0, equals)));
    }

    private static String decoded(String field) {
        try {
            return URLDecoder.decode(field, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return field;
        }
    }

    /** The text with signed tokens (JWT) masked, which a reader could use. */
    public static String redactSignedTokens(String text) {
        return SIGNED_TOKEN.matcher(text).replaceAll(MASK);
    }

    private void find(String bytes, BitSet found) {
        for (SearchedSecret secret : secrets) {
            if (bytes.contains(secret.constant)) {
                secret.find(bytes, found);
            }
        }
    }

    /** Marks whole Base64 texts that contain a secret, with their padding. */
    private void findBase64(String bytes, BitSet found) {
        int start = 0;
        for (int at = 0; at <= bytes.length(); at++) {
            if (at == bytes.length() || !isBase64(bytes.charAt(at))) {
                if (at - start >= shortestBase64 && isBase64OfSecret(bytes.substring(start, at))) {
                    found.set(start, afterPadding(bytes, at));
                }
                start = at + 1;
            }
        }
    }

    /** Checks all four alignments, since preceding characters may look like Base64. */
    private boolean isBase64OfSecret(String text) {
        if (!mayHoldSecret(text)) {
            return false;
        }
        String standard = text.replace('-', '+').replace('_', '/');
        BitSet found = new BitSet();
        for (int start = 0; start < 4 && standard.length() - start >= shortestBase64; start++) {
            int excess = (standard.length() - start) % 4 == 1 ? 1 : 0;
            byte[] decoded = Base64.getDecoder().decode(standard.substring(start, standard.length() - excess));
            find(new String(decoded, StandardCharsets.ISO_8859_1), found);
        }
        return !found.isEmpty();
    }

    private boolean mayHoldSecret(String base64) {
        for (SearchedSecret secret : secrets) {
            if (secret.mayBeBase64In(base64)) {
                return true;
            }
        }
        return false;
    }

    /**
     * The Base64 forms of a text at each offset, in both alphabets, limited to the characters that neighbors cannot
     * change. Empty for an empty text.
     */
    private static List<String> base64(String text) {
        List<String> written = new ArrayList<>();
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        for (int before = 0; before < 3 && bytes.length > 0; before++) {
            byte[] moved = new byte[before + bytes.length];
            System.arraycopy(bytes, 0, moved, before, bytes.length);
            String all = Base64.getEncoder().encodeToString(moved);
            String fixed = all.substring(before == 0 ? 0 : before + 1, moved.length * 8 / 6);
            written.add(fixed);
            written.add(fixed.replace('+', '-').replace('/', '_'));
        }
        return written.stream().distinct().toList();
    }

    private static boolean isBase64(char c) {
        return isPlain(c) || c == '+' || c == '/' || c == '-' || c == '_';
    }

    private static int afterPadding(String bytes, int end) {
        int at = end;
        while (at < bytes.length() && bytes.charAt(at) == '=') {
            at++;
        }
        return at;
    }

    /**
     * The longest sequence of letters and digits in a secret, which no escape changes. A text without it does not
     * contain the secret.
     */
    private static String constant(String secret) {
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

    private static String asBytes(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    private static String without(BitSet secret, String bytes) {
        StringBuilder masked = new StringBuilder();
        int end = 0;
        for (int start = secret.nextSetBit(0); start >= 0; start = secret.nextSetBit(end)) {
            masked.append(bytes, end, start).append(MASK);
            end = secret.nextClearBit(start);
        }
        return masked.append(bytes, end, bytes.length()).toString();
    }
}
