package io.engagementwebhooks.operate.log;

import java.util.LinkedHashMap;
import java.util.Map;

/** The named values of a message, those written as {@code name={}}, with or without quotes. */
final class NamedValues {

    private static final String PLACE = "{}";

    private NamedValues() {}

    /** By name, in order. @param values may be null */
    static Map<String, Object> in(String message, Object[] values) {
        Map<String, Object> named = new LinkedHashMap<>();
        if (message == null || values == null) {
            return named;
        }
        int at = message.indexOf(PLACE);
        for (int i = 0; at >= 0 && i < values.length; i++) {
            String name = nameBefore(message, at);
            if (!name.isEmpty()) {
                named.put(name, values[i]);
            }
            at = message.indexOf(PLACE, at + PLACE.length());
        }
        return named;
    }

    private static String nameBefore(String message, int place) {
        int end = place > 0 && message.charAt(place - 1) == '"' ? place - 1 : place;
        if (end == 0 || message.charAt(end - 1) != '=') {
            return "";
        }
        int start = end - 1;
        while (start > 0 && Character.isLetterOrDigit(message.charAt(start - 1))) {
            start--;
        }
        return message.substring(start, end - 1);
    }
}
