package io.engagementwebhooks.deliver.contentsquare;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Set;

/**
 * Keeps phone numbers of callers, which are personal data, out of Contentsquare. It sends none unless the mapping
 * names it explicitly, by any field name.
 */
final class CallerNumbers {

    private static final Set<String> NAMES =
            Set.of("anum", "anum_md5", "cnum", "caller", "caller_number", "phone", "phone_number", "msisdn");

    private static final List<String> HOLDERS = List.of("anum", "anum_md5", "cnum");

    /** Shorter runs of digits are anything: a duration, a campaign. */
    private static final int SHORTEST = 5;

    private CallerNumbers() {}

    /** Whether a field is a caller's number by its name. */
    static boolean isOne(String name) {
        return NAMES.contains(name);
    }

    /** Whether a field of the event's data is a caller's number, by its name or value. */
    static boolean isOne(String name, JsonNode data) {
        JsonNode value = data.path(name);
        return isOne(name) || (value.isValueNode() && holds(data, TypedValue.text(value)));
    }

    private static boolean holds(JsonNode data, String text) {
        String plain = plain(text);
        return plain.length() >= SHORTEST
                && HOLDERS.stream()
                        .anyMatch(holder -> plain(data.path(holder).asText("")).equals(plain));
    }

    /** Spaces, dashes, brackets and the plus are ways to write the same number. */
    private static String plain(String number) {
        return number.replaceAll("[\\s()+./-]", "").replaceFirst("^00", "");
    }
}
