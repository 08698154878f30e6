package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.webhook.Secret;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/**
 * A bearer token in use. Each answer of a token endpoint is another token, also where its text is the same.
 *
 * @param value a legal header value
 * @param fetched when it was fetched
 * @param life how long it is used; zero: for the one attempt it was fetched for
 */
record Token(Secret value, Instant fetched, Duration life) {

    /** Life of a token whose answer does not tell, unless a receiver refuses it before. */
    static final Duration UNKNOWN_LIFE = Duration.ofHours(1);

    /** What is left unused of a life at most, so that a token does not expire on its way. */
    private static final Duration WIDEST_MARGIN = Duration.ofSeconds(30);

    Token {
        Objects.requireNonNull(value);
        Objects.requireNonNull(fetched);
        Objects.requireNonNull(life);
    }

    boolean usable(Instant now) {
        Duration margin = life.dividedBy(10);
        return now.isBefore(fetched.plus(life).minus(margin.compareTo(WIDEST_MARGIN) < 0 ? margin : WIDEST_MARGIN));
    }

    /** Whether a new one should be fetched while this one is still good. */
    boolean ageing(Instant now) {
        return now.isAfter(fetched.plus(life.multipliedBy(8).dividedBy(10)));
    }
}
