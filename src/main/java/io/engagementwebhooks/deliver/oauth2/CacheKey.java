package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.webhook.ClientCredential;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.TokenParameters;
import java.net.URI;
import java.util.stream.Stream;

/**
 * What makes two token requests the same one: everything that changes what the token is good for, and not the name,
 * which only we know. Accounts never share a token, and another secret is another key, so that a repaired
 * credential starts afresh.
 *
 * @param account whose it is
 * @param tokenUrl where it comes from
 * @param clientId whom it is given to
 * @param method how the client authenticates; a change requires a new token request
 * @param credential hash of what is secret in it
 * @param parameters what it is asked for
 * @param tls the certificate shown, to which a server may bind a token
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

    /** A unique key, equal in every process. It holds hashes of secrets, so it must not be shown. */
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
        // the length keeps two lists of parts from looking alike
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
