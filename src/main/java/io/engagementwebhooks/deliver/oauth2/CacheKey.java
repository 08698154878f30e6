package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.auth.ClientCredential;
import io.engagementwebhooks.webhook.auth.TokenParameters;
import java.net.URI;
import java.util.stream.Stream;

/**
 * Identifies tokens that are interchangeable: everything that affects a token, without the client's name. Accounts
 * never share a token. A new secret gives a new key, so that a fixed credential starts without backoff.
 *
 * @param account the owner
 * @param tokenUrl the token endpoint
 * @param clientId the client id
 * @param method how the client authenticates; a change requires a new token request
 * @param credential hash of the secret
 * @param parameters the requested scope, audience and other parameters
 * @param tls identity of the client certificate, to which a server may bind a token
 */
record CacheKey(
        String account,
        URI tokenUrl,
        String clientId,
        String method,
        String credential,
        TokenParameters parameters,
        String tls) {

    static CacheKey of(OAuthClient client) {
        ClientCredential credential = client.credential();
        return new CacheKey(
                client.account(),
                client.tokenUrl(),
                client.clientId(),
                method(credential),
                credential.fingerprint().orElse(""),
                client.parameters(),
                client.tls().identity());
    }

    /** The key as text, equal in every process. It contains hashes of secrets: do not show it. */
    String text() {
        StringBuilder text = new StringBuilder();
        Stream.of(account, tokenUrl.toString(), clientId, method, credential, tls, parameters.scope())
                .forEach(part -> add(text, part));
        add(text, parameters.audience().orElse(""));
        parameters.resources().forEach(resource -> add(text, resource.toString()));
        add(text, "");
        parameters.further().forEach(field -> {
            add(text, field.name());
            add(text, field.value().fingerprint());
        });
        return text.toString();
    }

    private static void add(StringBuilder text, String part) {
        // the length prefix makes the text unambiguous
        text.append(part.length()).append(':').append(part);
    }

    private static String method(ClientCredential credential) {
        if (credential instanceof ClientCredential.InHeader header) {
            return credential.method() + " " + header.encoding();
        }
        if (credential instanceof ClientCredential.SignedAssertion assertion) {
            return credential.method() + " " + assertion.algorithm().text() + " "
                    + assertion.keyId().orElse("") + " " + assertion.audience().orElse("");
        }
        return credential.method();
    }
}
