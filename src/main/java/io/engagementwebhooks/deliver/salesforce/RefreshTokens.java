package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.auth.Secret;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Stores rotated refresh tokens, which replace the configured one. Each can be used once, so the latest must survive a
 * restart. Thread-safe.
 *
 * @see <a href="https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_refresh_token_flow.htm">OAuth 2.0
 *     Refresh Token Flow for Renewed Sessions</a>
 */
public interface RefreshTokens {

    /** The latest rotated token; empty if the configured one is current. */
    Optional<Secret> latest(SalesforceConnection connection);

    /** Stores a token, which a login has just returned. Completes once it is durable; fails if it could not be stored durably. */
    CompletionStage<Void> keep(SalesforceConnection connection, Secret token);

    /** Notes that a login has just used the current token, which stays valid. */
    default void used(SalesforceConnection connection) {}

    /**
     * Claims the login that keeps a token alive: at most one instance gets it within a minute.
     *
     * @param idle time since the last login from which a token is idle; one without a known login is idle
     */
    default boolean claimIdle(SalesforceConnection connection, Duration idle) {
        return false;
    }

    /**
     * Locks the connection's refresh token until {@link #end} or a time limit: two concurrent uses would invalidate it.
     *
     * @return false if another instance holds the lock
     */
    default boolean begin(SalesforceConnection connection, Duration timeout) {
        return true;
    }

    default void end(SalesforceConnection connection) {}
}
