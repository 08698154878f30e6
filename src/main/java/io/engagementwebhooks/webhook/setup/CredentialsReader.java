package io.engagementwebhooks.webhook.setup;

import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.Secret;
import java.net.URI;
import java.util.Map;
import java.util.Optional;

/** Reads named credentials: OAuth clients. */
final class CredentialsReader {

    private static final Map<String, OAuthClient.Method> METHODS =
            Map.of("header", OAuthClient.Method.HEADER, "body", OAuthClient.Method.BODY);
    private static final Map<String, String> LATER_METHODS =
            Map.of("private_key_jwt", "", "tls_client_auth", "", "none", "");
    private static final Map<String, OAuthClient.Encoding> ENCODINGS =
            Map.of("rfc6749", OAuthClient.Encoding.RFC6749, "raw", OAuthClient.Encoding.RAW);

    private CredentialsReader() {}

    static Optional<OAuthClient> oauthClient(Mapping item, String account, Names names) {
        int before = item.reading().faults().count();
        Optional<String> name = names.claim(item, "name", Names.NAME, Names.NAME_RULE);
        Optional<OAuthClient.Method> method = item.has("authorizationMethod")
                ? item.choice("authorizationMethod", METHODS, LATER_METHODS)
                : Optional.of(OAuthClient.Method.HEADER);
        Optional<OAuthClient.Encoding> encoding = item.has("encoding")
                ? item.choice("encoding", ENCODINGS, Map.of())
                : Optional.of(OAuthClient.Encoding.RFC6749);
        Optional<String> clientId = item.need("clientId", "the client's id at the authentication endpoint");
        Optional<Secret> clientSecret = item.needSecret("clientSecret", "the client's secret");
        Optional<URI> tokenUrl = tokenUrl(item);
        String scope = item.text("scope").orElse("");
        return item.reading().faults().count() > before
                ? Optional.empty()
                : Optional.of(new OAuthClient(
                        account,
                        name.orElseThrow(),
                        clientId.orElseThrow(),
                        clientSecret.orElseThrow(),
                        tokenUrl.orElseThrow(),
                        scope,
                        method.orElseThrow(),
                        encoding.orElseThrow()));
    }

    private static Optional<URI> tokenUrl(Mapping item) {
        Optional<String> endpoint = item.need("authenticationEndpoint", "such as https://auth.example.com")
                .map(String::strip);
        Optional<String> path = item.has("tokenPath")
                ? item.text("tokenPath").map(String::strip)
                : Optional.of(OAuthClient.DEFAULT_TOKEN_PATH);
        if (path.filter(text -> text.contains("://")).isPresent()) {
            item.fault(
                    "tokenPath",
                    "'tokenPath' is a whole URL",
                    "write it as authenticationEndpoint, with tokenPath: \"\"");
            return Optional.empty();
        }
        return endpoint.isEmpty() || path.isEmpty()
                ? Optional.empty()
                : item.url("authenticationEndpoint", TokenUrl.of(endpoint.get(), path.get()));
    }

    /** A host under which answers may name hosts: too short a one would let anybody in. */
    static void checkHost(Mapping item, String key, String host) {
        boolean name = host.matches("(?i)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+");
        boolean literal = host.matches("\\[?[0-9a-fA-F:]+:[0-9a-fA-F:.]*]?");
        if (!name && !literal && !host.equals("localhost")) {
            item.fault(key, "'" + key + "' is not a host name", "such as example.com, without scheme, port or slash");
        }
    }
}
