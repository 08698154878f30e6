package io.engagementwebhooks.webhook;

import java.net.URI;
import java.util.Objects;

/**
 * Named credentials of the Settings page, for the client credentials grant (RFC 6749 section 4.4).
 *
 * @param account the account it belongs to
 * @param name unique within the account
 * @param clientId the client's id
 * @param clientSecret the client's secret
 * @param tokenUrl authentication endpoint and token path, joined
 * @param scope the scope asked for, or empty
 * @param method how the client authenticates at the token endpoint
 * @param encoding how id and secret are written into the Authorization header
 */
public record OAuthClient(
        String account,
        String name,
        String clientId,
        Secret clientSecret,
        URI tokenUrl,
        String scope,
        Method method,
        Encoding encoding) {

    public OAuthClient {
        Objects.requireNonNull(account);
        Objects.requireNonNull(name);
        Objects.requireNonNull(clientId);
        Objects.requireNonNull(clientSecret);
        Objects.requireNonNull(tokenUrl);
        Objects.requireNonNull(scope);
        Objects.requireNonNull(method);
        Objects.requireNonNull(encoding);
    }

    /** Token path where the client does not say. */
    public static final String DEFAULT_TOKEN_PATH = "/oauth2/token";

    /** How the client authenticates at the token endpoint. */
    public enum Method {
        /** {@code client_secret_basic}: id and secret in the Authorization header. */
        HEADER,
        /** {@code client_secret_post}: id and secret in the form. */
        BODY
    }

    /** How id and secret are written before Base64. */
    public enum Encoding {
        /** Form-encoded first, as RFC 6749 section 2.3.1 asks. */
        RFC6749,
        /** As they are, for servers that want them so. */
        RAW
    }

    @Override
    public String toString() {
        return "OAuth client '" + name + "' of account '" + account + "'";
    }
}
