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

    /** Stores a token. Completes once it is durable; fails if it could not be stored durably. */
    CompletionStage<Void> keep(SalesforceConnection connection, Secret token);

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
