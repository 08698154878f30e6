package io.engagementwebhooks.console;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import java.util.Map;

/**
 * An OAuth client in the API, without its secrets.
 *
 * @param encoding of id and secret in the header; null: it does not send them there
 * @param assertion settings of the signed assertion; null: none
 * @param parameters further ones by name; secret values are null
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
        String authorizationMethod,
        @JsonInclude(JsonInclude.Include.NON_NULL) String encoding,
        @JsonUnwrapped Assertion assertion,
        String scope,
        String audience,
        List<String> resource,
        Map<String, String> parameters,
        TlsView tls,
        boolean certificateBoundTokens,
        String credentialSince,
        Long credentialAgeDays,
        LastToken lastToken,
        String problem,
        UsedBy usedBy,
        String managedBy,
        @JsonUnwrapped DefinedView defined)
        implements SettingView {

    /** Settings of a signed assertion. */
    public record Assertion(String algorithm, String keyId, String assertionAudience) {}

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
