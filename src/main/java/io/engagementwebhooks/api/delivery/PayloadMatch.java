package io.engagementwebhooks.api.delivery;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonStreamContext;
import io.engagementwebhooks.event.EventJson;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The condition that a field of an event has a value, such as {@code data.order = SE4711}. A number matches as it is
 * written; in a list, any element matches. Immutable.
 *
 * @param path names from {@code data} to the field, with dots between them
 * @param value of the field, without quotes
 */
public record PayloadMatch(String path, String value) implements Predicate<byte[]> {

    private static final Pattern FORM = Pattern.compile("(data(?:\\.[^\\s.=]+)+)\\s*=\\s*(\\S.*)");
    private static final Pattern QUOTED = Pattern.compile("^\"(.+)\"$");

    /** @return empty: the text is no such condition */
    public static Optional<PayloadMatch> of(String text) {
        Matcher match = FORM.matcher(text.strip());
        return match.matches()
                ? Optional.of(new PayloadMatch(
                        match.group(1), QUOTED.matcher(match.group(2)).replaceAll("$1")))
                : Optional.empty();
    }

    /** @param document JSON of a stored event */
    @Override
    public boolean test(byte[] document) {
        try (JsonParser json = EventJson.mapper().createParser(document)) {
            while (json.nextToken() != null) {
                if (json.currentToken().isScalarValue()
                        && json.getText().equals(value)
                        && path(json.getParsingContext()).equals(path)) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            // stored before today's limits
            return false;
        }
    }

    private static String path(JsonStreamContext at) {
        if (at.inRoot()) {
            return "";
        }
        String outer = path(at.getParent());
        return !at.inObject() ? outer : outer.isEmpty() ? at.getCurrentName() : outer + "." + at.getCurrentName();
    }
}
