package io.engagementwebhooks.console;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import java.util.Map;

/**
 * An OAuth client as the API shows it, without its secrets.
 *
 * @param encoding of id and secret in the header; null: they are not there
 * @param assertion what signs for it; null: a secret or a certificate does
 * @param parameters further ones by name; null is a value that is not shown
 * @param credentialSince since when its credential is the same, or null
 * @param credentialAgeDays for how many days, or null
 * @param lastToken what became of the last request for a token, or null
 * @param problem why no token is had now, or null
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

    /** What signs for a client. */
    public record Assertion(String algorithm, String keyId, String assertionAudience) {}

    /** What became of a request for a token. */
    public record LastToken(String at, boolean ok, String problem, String expiresAt) {}

    /**
     * What a test found.
     *
     * @param expiresIn for how many seconds the token is good, or null
     * @param ms how long it took
     */
    public record Test(boolean ok, String problem, String message, String tokenUrl, Long expiresIn, long ms) {}
}
