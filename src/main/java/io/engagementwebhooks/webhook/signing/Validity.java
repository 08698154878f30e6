package io.engagementwebhooks.webhook.signing;

import java.time.Instant;
import java.util.Locale;
import java.util.Objects;

/**
 * The period in which a key signs. Keys with overlapping periods all sign, which permits a rotation.
 *
 * @param from inclusive; {@link Instant#MIN}: no start
 * @param until exclusive; {@link Instant#MAX}: no end
 */
public record Validity(Instant from, Instant until) {

    /** Always. */
    public static final Validity ALWAYS = new Validity(Instant.MIN, Instant.MAX);

    /** The state of a key at a time. */
    public enum State {
        /** Not valid yet. */
        COMING,
        /** Valid; it signs. */
        ACTIVE,
        /** Expired. */
        EXPIRED;

        /** The name in the API. */
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
