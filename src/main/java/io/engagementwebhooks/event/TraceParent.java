package io.engagementwebhooks.event;

import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The trace context of an event. Immutable.
 *
 * @param trace the trace's id, 32 hex digits
 * @param parent the id of the sender's span, 16 hex digits
 * @param flags 2 hex digits
 * @see <a href="https://www.w3.org/TR/trace-context/">W3C Trace Context</a>
 */
public record TraceParent(String trace, String parent, String flags) {

    /** The name of the header, and of the attribute of CloudEvents' extension for distributed tracing. */
    public static final String NAME = "traceparent";

    /** Later versions may append fields; those of version 00 are read. */
    private static final Pattern FORM =
            Pattern.compile("(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?");

    public TraceParent {
        Objects.requireNonNull(trace);
        Objects.requireNonNull(parent);
        Objects.requireNonNull(flags);
    }

    /** Parses a header; empty: it is invalid. */
    public static Optional<TraceParent> of(String text) {
        Matcher form = FORM.matcher(text == null ? "" : text.strip());
        boolean isOne = form.matches() && !(form.group(1).equals("00") && form.group(5) != null);
        return isOne ? Optional.of(new TraceParent(form.group(2), form.group(3), form.group(4))) : Optional.empty();
    }

    /** A context in the same trace, with a new span id. @param random source of ids; 0 is skipped */
    public TraceParent child(LongSupplier random) {
        long id = random.getAsLong();
        while (id == 0) {
            id = random.getAsLong();
        }
        return new TraceParent(trace, "%016x".formatted(id), flags);
    }

    /** The value of the header. */
    @Override
    public String toString() {
        return "00-" + trace + "-" + parent + "-" + flags;
    }
}
