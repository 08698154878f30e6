package io.engagementwebhooks.webhook.config;

import io.engagementwebhooks.webhook.AssertionKey;
import io.engagementwebhooks.webhook.ClientCredential;
import io.engagementwebhooks.webhook.ClientCredential.Encoding;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.PemException;
import io.engagementwebhooks.webhook.Secret;
import io.engagementwebhooks.webhook.SignatureAlgorithm;
import io.engagementwebhooks.webhook.Tls;
import io.engagementwebhooks.webhook.TokenParameters;
import io.engagementwebhooks.webhook.TokenParameters.FormField;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Reads one OAuth client: how it proves who it is, where, and what it asks for. */
final class OAuthClientReader {

    private static final String DEFAULT_METHOD = "header";

    /** Keys that go with some methods only; {@code encoding} was always taken beside {@code body}. */
    private static final Map<String, Set<String>> KEYS = Map.of(
            "header", Set.of("clientSecret", "encoding"),
            "body", Set.of("clientSecret", "encoding"),
            "private_key_jwt", Set.of("privateKey", "keyId", "algorithm", "assertionAudience"),
            "tls_client_auth", Set.of(),
            "self_signed_tls_client_auth", Set.of(),
            "none", Set.of());

    private static final Map<String, Encoding> ENCODINGS = Map.of("rfc6749", Encoding.RFC6749, "raw", Encoding.RAW);
    private static final Map<String, SignatureAlgorithm> ALGORITHMS =
            Arrays.stream(SignatureAlgorithm.values()).collect(Collectors.toMap(SignatureAlgorithm::text, a -> a));

    private final Mapping item;

    private OAuthClientReader(Mapping item) {
        this.item = item;
    }

    static Optional<OAuthClient> read(Mapping item, String account, Names names) {
        return new OAuthClientReader(item).client(account, names);
    }

    private Optional<OAuthClient> client(String account, Names names) {
        int before = item.reading().faults().count();
        Optional<String> name = names.claim(item, "name", Names.NAME, Names.NAME_RULE);
        Optional<String> method = method();
        Optional<String> clientId = item.need("clientId", "the client's id at the authentication endpoint");
        Optional<Tls> tls = TlsReader.read(item, "tls");
        Optional<ClientCredential> credential = method.flatMap(chosen -> credential(chosen, tls));
        Optional<URI> tokenUrl = tokenUrl();
        tokenUrl.ifPresent(this::refuseTlsOverPlainHttp);
        boolean bound = bound(tls);
        String scope = item.text("scope").orElse("");
        Optional<String> audience =
                item.has("audience") ? item.need("audience", "who is to take the token") : Optional.empty();
        List<URI> resources = resources();
        List<FormField> parameters = parameters();
        return item.reading().faults().count() > before
                ? Optional.empty()
                : Optional.of(new OAuthClient(
                        account,
                        name.orElseThrow(),
                        clientId.orElseThrow(),
                        credential.orElseThrow(),
                        tokenUrl.orElseThrow(),
                        new TokenParameters(scope, audience, resources, parameters),
                        tls.orElseThrow(),
                        bound));
    }

    private Optional<String> method() {
        Map<String, String> methods = KEYS.keySet().stream().collect(Collectors.toMap(m -> m, m -> m));
        Optional<String> method = item.has("authorizationMethod")
                ? item.choice("authorizationMethod", methods, Map.of())
                : Optional.of(DEFAULT_METHOD);
        method.ifPresent(this::refuseKeysOfOthers);
        return method;
    }

    private void refuseKeysOfOthers(String method) {
        Set<String> own = KEYS.get(method);
        Set<String> some = KEYS.values().stream().flatMap(Set::stream).collect(Collectors.toSet());
        for (String key : item.keys()) {
            if (some.contains(key) && !own.contains(key)) {
                item.fault(
                        key,
                        "authorizationMethod '" + method + "' does not take '" + key + "'",
                        own.isEmpty() ? "remove it" : "it takes " + String.join(", ", new TreeSet<>(own)));
            }
        }
    }

    private Optional<ClientCredential> credential(String method, Optional<Tls> tls) {
        return switch (method) {
            case "header" -> {
                Optional<Encoding> encoding = encoding();
                yield clientSecret()
                        .flatMap(secret -> encoding.map(chosen -> new ClientCredential.InHeader(secret, chosen)));
            }
            case "body" -> {
                encoding();
                yield clientSecret().map(ClientCredential.InForm::new);
            }
            case "private_key_jwt" -> assertion();
            case "tls_client_auth" -> certificate(tls, false);
            case "self_signed_tls_client_auth" -> certificate(tls, true);
            default -> Optional.of(new ClientCredential.None());
        };
    }

    private Optional<ClientCredential> certificate(Optional<Tls> tls, boolean selfSigned) {
        if (tls.isPresent() && tls.get().chain().isEmpty()) {
            item.fault(
                    "authorizationMethod",
                    "'authorizationMethod' lacks the certificate by which the server knows the client",
                    "give it under 'tls': certificate and key, or pkcs12");
            return Optional.empty();
        }
        return tls.map(shown -> new ClientCredential.Certificate(shown, selfSigned));
    }

    private boolean bound(Optional<Tls> tls) {
        boolean bound = item.flag("certificateBoundTokens").orElse(false);
        if (bound && tls.isPresent() && tls.get().chain().isEmpty()) {
            item.fault(
                    "certificateBoundTokens",
                    "'certificateBoundTokens' lacks the certificate to which they are bound",
                    "give it under 'tls': certificate and key, or pkcs12");
        }
        return bound;
    }

    private void refuseTlsOverPlainHttp(URI tokenUrl) {
        if (item.has("tls") && "http".equalsIgnoreCase(tokenUrl.getScheme())) {
            item.fault("tls", "'tls' does not go with a token URL of plain http", "use https, or remove 'tls'");
        }
    }

    private Optional<Secret> clientSecret() {
        return item.needSecret("clientSecret", "the client's secret");
    }

    private Optional<Encoding> encoding() {
        return item.has("encoding") ? item.choice("encoding", ENCODINGS, Map.of()) : Optional.of(Encoding.RFC6749);
    }

    private Optional<ClientCredential> assertion() {
        Optional<AssertionKey> key = item.needSecret(
                        "privateKey", "the private key in PKCS#8 PEM, such as \"{{file:client-key.pem}}\"")
                .flatMap(this::privateKey);
        Optional<SignatureAlgorithm> algorithm = key.flatMap(this::algorithm);
        Optional<String> keyId =
                item.has("keyId") ? item.need("keyId", "by which the server finds the public key") : Optional.empty();
        Optional<String> audience = item.has("assertionAudience")
                ? item.need("assertionAudience", "what the server calls itself; without it: the token URL")
                : Optional.empty();
        return key.isEmpty() || algorithm.isEmpty()
                ? Optional.empty()
                : Optional.of(new ClientCredential.SignedAssertion(key.get(), algorithm.get(), keyId, audience));
    }

    private Optional<AssertionKey> privateKey(Secret pem) {
        try {
            return Optional.of(AssertionKey.of(pem));
        } catch (PemException e) {
            item.fault("privateKey", "'privateKey' " + e.getMessage(), e.wayOut());
            return Optional.empty();
        }
    }

    private Optional<SignatureAlgorithm> algorithm(AssertionKey key) {
        if (!item.has("algorithm")) {
            return Optional.of(key.algorithms().get(0));
        }
        Optional<SignatureAlgorithm> algorithm = item.choice("algorithm", ALGORITHMS, Map.of());
        if (algorithm.isPresent() && !key.algorithms().contains(algorithm.get())) {
            item.fault(
                    "algorithm",
                    "'algorithm' " + algorithm.get().text() + " does not fit the private key",
                    "this key signs by "
                            + key.algorithms().stream()
                                    .map(SignatureAlgorithm::text)
                                    .collect(Collectors.joining(", ")));
            return Optional.empty();
        }
        return algorithm;
    }

    private Optional<URI> tokenUrl() {
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

    private List<URI> resources() {
        List<URI> resources = new ArrayList<>();
        for (String text : item.texts("resource")) {
            resource(text)
                    .ifPresentOrElse(
                            resources::add,
                            () -> item.fault(
                                    "resource",
                                    "'resource' holds what is no absolute URI without a '#' part (RFC 8707)",
                                    "such as https://api.example.com/ or urn:example:api"));
        }
        return resources;
    }

    private static Optional<URI> resource(String text) {
        try {
            return Optional.of(new URI(text.strip())).filter(uri -> uri.isAbsolute() && uri.getRawFragment() == null);
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    /** Values may be placeholders; what one brings is taken for a secret. */
    private List<FormField> parameters() {
        Map<String, FormField> fields = new LinkedHashMap<>();
        item.names("parameters").ifPresent(entries -> {
            for (String name : entries.keys()) {
                if (TokenParameters.OURS.contains(name)) {
                    entries.fault(name, "'parameters' may not set '" + name + "', which is written by us", wayTo(name));
                } else {
                    entries.text(name).ifPresent(value -> {
                        boolean shown =
                                entries.literal(name).filter(value::equals).isPresent();
                        fields.put(name, new FormField(name, Secret.of(value), shown));
                    });
                }
            }
        });
        return List.copyOf(fields.values());
    }

    private static String wayTo(String name) {
        return switch (name) {
            case "scope", "audience", "resource" -> "it has a key of its own: " + name;
            case "grant_type" -> "it is always client_credentials";
            default -> "see authorizationMethod";
        };
    }
}
