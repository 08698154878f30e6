package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.credential.Redactor;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Keeps at most 16 KiB of a response's headers, in order; {@code Retry-After} always. Masks cookies, which are the
 * receiver's sessions.
 */
public final class AnswerHeaders {

    private static final String RETRY_AFTER = "retry-after";
    private static final Set<String> COOKIES = Set.of("set-cookie", "set-cookie2");
    private static final int SPACE = 16 * 1024;

    private AnswerHeaders() {}

    /** @param headers in their order, by any name; a value may be null */
    public static Map<String, String> of(Iterable<Map.Entry<String, String>> headers) {
        Map<String, String> kept = new LinkedHashMap<>();
        int space = SPACE;
        for (Map.Entry<String, String> header : headers) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            String value = value(name, header.getValue());
            int size = name.length() + value.length();
            if (size <= space || name.equals(RETRY_AFTER)) {
                kept.merge(name, value, (first, next) -> first + ", " + next);
                space -= size;
            }
        }
        return kept;
    }

    private static String value(String name, String value) {
        if (COOKIES.contains(name)) {
            return Redactor.MASK;
        }
        return value == null ? "" : value;
    }
}
