package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.Secret;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Keeps the refresh tokens that an app with rotation gives in place of the configured one: each is good once, so the
 * latest must outlive the process. Thread-safe.
 *
 * @see <a href="https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_refresh_token_flow.htm">OAuth 2.0
 *     Refresh Token Flow for Renewed Sessions</a>
 */
public interface RefreshTokens {

    /** The latest that took the place of the connection's own; empty: none did. */
    Optional<Secret> latest(SalesforceConnection connection);

    /** Keeps one. Completes when it is safe; fails if it could not be kept beyond this process. */
    CompletionStage<Void> keep(SalesforceConnection connection, Secret token);

    /**
     * No other login runs for the connection until the {@link #end}, or until a time has passed: two that use one refresh
     * token at the same moment would lose it.
     *
     * @return false: another process does now
     */
    default boolean begin(SalesforceConnection connection, Duration most) {
        return true;
    }

    default void end(SalesforceConnection connection) {}
}
