package io.engagementwebhooks.deliver.contentsquare;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.deliver.request.MappedValue;
import java.util.List;
import java.util.Set;

/**
 * Recognizes callers' phone numbers. They are personal data and are sent to Contentsquare only if the mapping names
 * them.
 */
final class CallerNumbers {

    private static final Set<String> NAMES =
            Set.of("anum", "anum_md5", "cnum", "caller", "caller_number", "phone", "phone_number", "msisdn");

    private static final List<String> HOLDERS = List.of("anum", "anum_md5", "cnum");

    /** Shorter digit sequences may be anything, such as a duration. */
    private static final int SHORTEST = 5;

    private CallerNumbers() {}

    /** Whether a field's name is that of a caller's number. */
    static boolean isCallerNumber(String name) {
        return NAMES.contains(name);
    }

    /** Whether a field of the event's data holds a caller's number, by name or value. */
    static boolean isCallerNumber(String name, JsonNode data) {
        JsonNode value = data.path(name);
        return isCallerNumber(name) || (value.isValueNode() && holds(data, MappedValue.text(value)));
    }

    private static boolean holds(JsonNode data, String text) {
        String plain = plain(text);
        return plain.length() >= SHORTEST
                && HOLDERS.stream()
                        .anyMatch(holder -> plain(data.path(holder).asText("")).equals(plain));
    }

    /** The number without spaces, dashes, brackets, plus and leading 00. */
    private static String plain(String number) {
        return number.replaceAll("[\\s()+./-]", "").replaceFirst("^00", "");
    }
}
