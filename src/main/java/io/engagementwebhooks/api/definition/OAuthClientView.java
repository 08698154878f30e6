package io.engagementwebhooks.api.definition;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.engagementwebhooks.api.SettingView;

/**
 * An OAuth client in the API: its state and its definition.
 *
 * @param clientId its client id
 * @param tokenUrl its endpoint and path, without the values of the query
 * @param certificateExpires when its client certificate expires, or null
 * @param credentialSince since when its credential is the same, or null
 * @param credentialAgeDays for how many days, or null
 * @param lastToken result of the last token request, or null
 * @param problem why it has no token now, or null
 */
public record OAuthClientView(
        String id,
        String name,
        String clientId,
        String tokenUrl,
        String certificateExpires,
        String credentialSince,
        Long credentialAgeDays,
        LastToken lastToken,
        String problem,
        UsedBy usedBy,
        String managedBy,
        @JsonUnwrapped DefinedView defined)
        implements SettingView {

    /** Result of a token request. */
    public record LastToken(String at, boolean ok, String problem, String expiresAt) {}

    /**
     * Result of a test.
     *
     * @param expiresIn lifetime of the token in seconds, or null
     * @param ms duration
     */
    public record Test(boolean ok, String problem, String message, String tokenUrl, Long expiresIn, long ms) {}
}
