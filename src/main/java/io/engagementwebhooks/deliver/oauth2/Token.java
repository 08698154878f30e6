package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.webhook.auth.Secret;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/**
 * A bearer token. Each token response is a separate token, even with the same text.
 *
 * @param value a legal header value
 * @param fetched when it was fetched
 * @param lifetime its lifetime; zero: for one attempt only
 * @param lifetimeKnown whether the lifetime comes from the endpoint
 */
record Token(Secret value, Instant fetched, Duration lifetime, boolean lifetimeKnown) {

    /** Lifetime of a token whose response has none. */
    static final Duration UNKNOWN_LIFE = Duration.ofHours(1);

    /** The longest safety margin before the end of a lifetime. */
    private static final Duration WIDEST_MARGIN = Duration.ofSeconds(30);

    /** The part of a lifetime after which the token is renewed, and its random spread. */
    private static final double AGEING = 0.80;

    private static final double SPREAD = 0.05;

    Token {
        Objects.requireNonNull(value);
        Objects.requireNonNull(fetched);
        Objects.requireNonNull(lifetime);
    }

    boolean usable(Instant now) {
        return now.isBefore(usableUntil());
    }

    Instant usableUntil() {
        Duration margin = lifetime.dividedBy(10);
        return expiresAt().minus(margin.compareTo(WIDEST_MARGIN) < 0 ? margin : WIDEST_MARGIN);
    }

    Instant expiresAt() {
        return fetched.plus(lifetime);
    }

    /**
     * When to renew the token ahead of its end.
     *
     * @param jitter from 0 to 1, so that tokens fetched together are not renewed together
     */
    Instant ageingFrom(double jitter) {
        return fetched.plusMillis((long) (lifetime.toMillis() * (AGEING + SPREAD * jitter)));
    }
}
