package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.webhook.Secret;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/**
 * A bearer token in use. Each token response is a separate token, even with the same text.
 *
 * @param value a legal header value
 * @param fetched when it was fetched
 * @param life how long it is used; zero: for the one attempt it was fetched for
 * @param lifetimeKnown whether the endpoint said so
 */
record Token(Secret value, Instant fetched, Duration life, boolean lifetimeKnown) {

    /** Lifetime of a token whose response names none, unless a receiver refuses it earlier. */
    static final Duration UNKNOWN_LIFE = Duration.ofHours(1);

    /** Maximum unused end of a lifetime, so that a token does not expire in transit. */
    private static final Duration WIDEST_MARGIN = Duration.ofSeconds(30);

    /** The share of a life after which the next token is fetched, and how far that is spread. */
    private static final double AGEING = 0.80;

    private static final double SPREAD = 0.05;

    Token {
        Objects.requireNonNull(value);
        Objects.requireNonNull(fetched);
        Objects.requireNonNull(life);
    }

    boolean usable(Instant now) {
        return now.isBefore(usableUntil());
    }

    Instant usableUntil() {
        Duration margin = life.dividedBy(10);
        return expiresAt().minus(margin.compareTo(WIDEST_MARGIN) < 0 ? margin : WIDEST_MARGIN);
    }

    Instant expiresAt() {
        return fetched.plus(life);
    }

    /**
     * From when on the next one should be fetched while this one is still good.
     *
     * @param jitter from 0 to 1, so that tokens fetched together are not renewed together
     */
    Instant ageingFrom(double jitter) {
        return fetched.plusMillis((long) (life.toMillis() * (AGEING + SPREAD * jitter)));
    }
}
