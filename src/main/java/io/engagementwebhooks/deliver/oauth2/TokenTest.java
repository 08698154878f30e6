package io.engagementwebhooks.deliver.oauth2;

import java.time.Duration;
import java.util.Objects;

/**
 * Result of a token request on trial.
 *
 * @param problem a code that stays, such as {@code client-refused}, or null: a token came
 * @param message the same in words for a person, with the way out; without secrets
 * @param life how long the token is good for, or null where there is none or the endpoint did not tell
 * @param took how long it took
 */
public record TokenTest(String problem, String message, Duration life, Duration took) {

    public TokenTest {
        Objects.requireNonNull(message);
        Objects.requireNonNull(took);
    }
}
