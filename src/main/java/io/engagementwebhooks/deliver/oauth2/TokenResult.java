package io.engagementwebhooks.deliver.oauth2;

import java.time.Instant;

/**
 * Result of a token request, without the token.
 *
 * @param at when it ended
 * @param problem why it failed, without secrets; null on success
 * @param expiresAt when the token expires; null without a token or lifetime
 */
public record TokenResult(Instant at, String problem, Instant expiresAt) {

    static TokenResult of(Token token) {
        return new TokenResult(token.fetched(), null, token.lifetimeKnown() ? token.expiresAt() : null);
    }
}
