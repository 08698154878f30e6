package io.engagementwebhooks.deliver.egress;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.hc.core5.http.Header;

/** Keeps a bounded part of an answer's headers: what decides anything first, then the others as long as there is room. */
final class AnswerHeaders {

    private static final String RETRY_AFTER = "retry-after";
    private static final int ROOM = 16 * 1024;

    private AnswerHeaders() {}

    static Map<String, String> of(Header[] headers) {
        Map<String, String> kept = new LinkedHashMap<>();
        int room = ROOM;
        for (Header header : headers) {
            String name = header.getName().toLowerCase(Locale.ROOT);
            String value = header.getValue() == null ? "" : header.getValue();
            int size = name.length() + value.length();
            if (size <= room || name.equals(RETRY_AFTER)) {
                kept.merge(name, value, (first, next) -> first + ", " + next);
                room -= size;
            }
        }
        return kept;
    }
}
