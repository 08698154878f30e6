package io.engagementwebhooks.webhook;

import java.time.Instant;
import java.util.Locale;
import java.util.Objects;

/**
 * The period in which a key signs. Keys with overlapping periods all sign, which permits a rotation.
 *
 * @param from from then on; {@link Instant#MIN}: always
 * @param until no more from then on; {@link Instant#MAX}: for ever
 */
public record Validity(Instant from, Instant until) {

    /** Always. */
    public static final Validity ALWAYS = new Validity(Instant.MIN, Instant.MAX);

    /** Where a moment stands to the times of a key. */
    public enum State {
        /** It is announced and does not sign yet. */
        COMING,
        /** It signs. */
        ACTIVE,
        /** It has signed and does no more. */
        EXPIRED;

        /** As the API writes it. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** @throws IllegalArgumentException if it ends before it begins */
    public Validity {
        Objects.requireNonNull(from);
        Objects.requireNonNull(until);
        if (!from.isBefore(until)) {
            throw new IllegalArgumentException("a key's time must end after it begins");
        }
    }

    public State at(Instant now) {
        if (now.isBefore(from)) {
            return State.COMING;
        }
        return now.isBefore(until) ? State.ACTIVE : State.EXPIRED;
    }

    public boolean covers(Instant now) {
        return at(now) == State.ACTIVE;
    }
}
