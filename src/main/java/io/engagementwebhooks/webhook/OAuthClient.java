package io.engagementwebhooks.webhook;

import java.net.URI;
import java.util.Objects;

/**
 * Named credentials of the Settings page, for the client credentials grant (RFC 6749 section 4.4). Immutable.
 *
 * @param account the account it belongs to
 * @param name unique within the account
 * @param clientId the client's id
 * @param credential how the client proves at the token endpoint who it is
 * @param tokenUrl authentication endpoint and token path, joined
 * @param parameters what the token is asked for
 */
public record OAuthClient(
        String account,
        String name,
        String clientId,
        ClientCredential credential,
        URI tokenUrl,
        TokenParameters parameters) {

    public OAuthClient {
        Objects.requireNonNull(account);
        Objects.requireNonNull(name);
        Objects.requireNonNull(clientId);
        Objects.requireNonNull(credential);
        Objects.requireNonNull(tokenUrl);
        Objects.requireNonNull(parameters);
    }

    /** Token path where the client does not say. */
    public static final String DEFAULT_TOKEN_PATH = "/oauth2/token";

    @Override
    public String toString() {
        return "OAuth client '" + name + "' of account '" + account + "'";
    }
}
