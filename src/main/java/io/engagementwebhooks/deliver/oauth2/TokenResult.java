package io.engagementwebhooks.deliver.oauth2;

import java.time.Instant;

/**
 * Result of a token request, without the token.
 *
 * @param at when
 * @param problem what went wrong, in words without secrets, or null: a token came
 * @param expiresAt when the token expires, or null where there is none or the endpoint did not tell
 */
public record TokenResult(Instant at, String problem, Instant expiresAt) {

    static TokenResult of(Token token) {
        return new TokenResult(token.fetched(), null, token.lifetimeKnown() ? token.expiresAt() : null);
    }
}
