package io.engagementwebhooks.webhook;

import io.engagementwebhooks.webhook.auth.ClientCredential;
import io.engagementwebhooks.webhook.auth.Tls;
import io.engagementwebhooks.webhook.auth.TokenParameters;
import java.net.URI;
import java.util.Objects;

/**
 * Named credentials of the Settings page, for the client credentials grant (RFC 6749 section 4.4). Immutable.
 *
 * @param account the account it belongs to
 * @param name unique within the account
 * @param clientId the client's id
 * @param credential its authentication at the token endpoint
 * @param tokenUrl authentication endpoint and token path, joined
 * @param parameters parameters of token requests
 * @param tls client certificate and trusted authorities for the token endpoint
 * @param bound whether its tokens are bound to the certificate of {@code tls}, which is then used for receivers too
 *     (RFC 8705 section 3)
 */
public record OAuthClient(
        String account,
        String name,
        String clientId,
        ClientCredential credential,
        URI tokenUrl,
        TokenParameters parameters,
        Tls tls,
        boolean bound)
        implements OwnedResource {

    public OAuthClient {
        Objects.requireNonNull(account);
        Objects.requireNonNull(name);
        Objects.requireNonNull(clientId);
        Objects.requireNonNull(credential);
        Objects.requireNonNull(tokenUrl);
        Objects.requireNonNull(parameters);
        Objects.requireNonNull(tls);
    }

    @Override
    public ResourceKind kind() {
        return ResourceKind.OAUTH_CLIENT;
    }

    @Override
    public String toString() {
        return "OAuth client '" + name + "' of account '" + account + "'";
    }
}
