package io.engagementwebhooks.deliver.oauth2;

import java.time.Duration;
import java.util.Objects;

/**
 * Result of a test of a token request.
 *
 * @param problem a stable code, such as {@code client-refused}; null on success
 * @param message the text for a person, with a hint; without secrets
 * @param life the token's lifetime; null without a token or lifetime
 * @param took the duration of the request
 */
public record TokenTest(String problem, String message, Duration life, Duration took) {

    public TokenTest {
        Objects.requireNonNull(message);
        Objects.requireNonNull(took);
    }
}
