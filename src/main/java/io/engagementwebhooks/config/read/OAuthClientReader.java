package io.engagementwebhooks.config.read;

import io.engagementwebhooks.config.schema.Mapping;
import io.engagementwebhooks.config.schema.UnreadableException;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.auth.AssertionKey;
import io.engagementwebhooks.webhook.auth.ClientCredential;
import io.engagementwebhooks.webhook.auth.ClientCredential.Encoding;
import io.engagementwebhooks.webhook.auth.Secret;
import io.engagementwebhooks.webhook.auth.Tls;
import io.engagementwebhooks.webhook.auth.TokenParameters;
import io.engagementwebhooks.webhook.auth.TokenParameters.FormField;
import io.engagementwebhooks.webhook.signing.SignatureAlgorithm;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Reads one OAuth client: its authentication, token endpoint and token parameters. */
final class OAuthClientReader {

    private static final URI NO_URI = URI.create("");

    private final Mapping item;

    private OAuthClientReader(Mapping item) {
        this.item = item;
    }

    static OAuthClient read(Mapping item, String account, Names names) {
        return new OAuthClientReader(item).client(account, names);
    }

    private OAuthClient client(String account, Names names) {
        String name = names.claim(item, "name");
        List<URI> resources = resources();
        List<FormField> parameters = parameters();
        Tls tls = TlsReader.read(item, "tls");
        ClientCredential credential = credential(tls);
        boolean bound = item.flag("certificateBoundTokens");
        if (bound) {
            requireCertificate(tls, "certificateBoundTokens", "to which they are bound");
        }
        return new OAuthClient(
                account,
                name,
                item.text("clientId"),
                credential,
                tokenUrl(),
                new TokenParameters(item.text("scope"), item.find("audience"), resources, parameters),
                tls,
                bound);
    }

    private ClientCredential credential(Tls tls) {
        return switch (item.text("authorizationMethod")) {
            case "header" ->
                new ClientCredential.InHeader(item.secret("clientSecret"), item.word("encoding", Encoding.class));
            case "body" -> new ClientCredential.InForm(item.secret("clientSecret"));
            case "private_key_jwt" -> assertion();
            case "tls_client_auth" -> certificate(tls, false);
            case "self_signed_tls_client_auth" -> certificate(tls, true);
            default -> new ClientCredential.None();
        };
    }

    private ClientCredential certificate(Tls tls, boolean selfSigned) {
        requireCertificate(tls, "authorizationMethod", "by which the server knows the client");
        return new ClientCredential.Certificate(tls, selfSigned);
    }

    /** @param key what needs a certificate under {@code tls} */
    private void requireCertificate(Tls tls, String key, String purpose) {
        if (tls.chain().isEmpty()) {
            String rule = "'" + key + "' lacks the certificate " + purpose;
            String wayOut = "give it under 'tls': certificate and key, or pkcs12";
            // the schema reports that 'tls' is missing
            throw item.has("tls") ? item.refused(key, "certificate", rule, wayOut) : new UnreadableException();
        }
    }

    private ClientCredential assertion() {
        AssertionKey key = item.privateKey("privateKey");
        return new ClientCredential.SignedAssertion(
                key, algorithm(key), item.find("keyId"), item.find("assertionAudience"));
    }

    private SignatureAlgorithm algorithm(AssertionKey key) {
        if (!item.has("algorithm")) {
            return key.algorithms().get(0);
        }
        SignatureAlgorithm algorithm = item.word("algorithm", SignatureAlgorithm.class);
        if (!key.algorithms().contains(algorithm)) {
            String known =
                    key.algorithms().stream().map(SignatureAlgorithm::text).collect(Collectors.joining(", "));
            String rule = "'algorithm' " + algorithm.text() + " does not fit the private key";
            throw item.refused("algorithm", "algorithm", rule, "this key signs by " + known);
        }
        return algorithm;
    }

    private URI tokenUrl() {
        String endpoint = item.text("authenticationEndpoint").strip();
        String path = item.text("tokenPath").strip();
        if (path.contains("://")) {
            throw item.refused(
                    "tokenPath",
                    "whole-url",
                    "'tokenPath' is a whole URL",
                    "write it as authenticationEndpoint, with tokenPath: \"\"");
        }
        URI url = item.url("authenticationEndpoint", TokenUrl.of(endpoint, path));
        TlsReader.refuseOverPlainHttp(item, url, "a token URL");
        return url;
    }

    private List<URI> resources() {
        List<URI> resources = new ArrayList<>();
        for (String text : item.texts("resource")) {
            try {
                resources.add(new URI(text.strip()));
            } catch (URISyntaxException e) {
                resources.add(NO_URI);
            }
        }
        resources.stream()
                .filter(uri -> !uri.isAbsolute() || uri.getRawFragment() != null)
                .forEach(uri -> item.fault(
                        "resource",
                        "absolute-uri",
                        "'resource' holds what is no absolute URI without a '#' part (RFC 8707)",
                        "such as https://api.example.com/ or urn:example:api"));
        return resources;
    }

    /** Further form fields. A value from a placeholder is treated as secret. */
    private List<FormField> parameters() {
        List<FormField> fields = new ArrayList<>();
        item.mapping("parameters").ifPresent(entries -> entries.texts().forEach((name, value) -> {
            if (TokenParameters.OURS.contains(name)) {
                entries.fault(
                        name,
                        "reserved-parameter",
                        "'parameters' may not set '" + name + "', which is written by us",
                        wayTo(name));
            } else {
                fields.add(new FormField(
                        name, Secret.of(value), entries.literal(name).equals(value)));
            }
        }));
        return fields;
    }

    private static String wayTo(String name) {
        return switch (name) {
            case "scope", "audience", "resource" -> "it has its own key: " + name;
            case "grant_type" -> "it is always client_credentials";
            default -> "see authorizationMethod";
        };
    }
}
