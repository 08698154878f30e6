package io.engagementwebhooks.webhook.config;

import io.engagementwebhooks.webhook.AssertionKey;
import io.engagementwebhooks.webhook.ClientCredential;
import io.engagementwebhooks.webhook.ClientCredential.Encoding;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.Secret;
import io.engagementwebhooks.webhook.SignatureAlgorithm;
import io.engagementwebhooks.webhook.Tls;
import io.engagementwebhooks.webhook.TokenParameters;
import io.engagementwebhooks.webhook.TokenParameters.FormField;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Reads one OAuth client: its authentication, token endpoint and token parameters. */
final class OAuthClientReader {

    private final Mapping item;

    private OAuthClientReader(Mapping item) {
        this.item = item;
    }

    static Optional<OAuthClient> read(Mapping item, String account, Names names) {
        return new OAuthClientReader(item).client(account, names);
    }

    private Optional<OAuthClient> client(String account, Names names) {
        Optional<String> name = names.claim(item, "name");
        Optional<Tls> tls = TlsReader.read(item, "tls");
        Optional<ClientCredential> credential =
                item.text("authorizationMethod").flatMap(method -> credential(method, tls));
        Optional<URI> tokenUrl = tokenUrl();
        tokenUrl.ifPresent(url -> TlsReader.refuseOverPlainHttp(item, url, "a token URL"));
        boolean bound = bound(tls);
        List<URI> resources = resources();
        List<FormField> parameters = parameters();
        return item.isFaulty()
                ? Optional.empty()
                : Optional.of(new OAuthClient(
                        account,
                        name.orElseThrow(),
                        item.text("clientId").orElseThrow(),
                        credential.orElseThrow(),
                        tokenUrl.orElseThrow(),
                        new TokenParameters(
                                item.text("scope").orElse(""), item.text("audience"), resources, parameters),
                        tls.orElseThrow(),
                        bound));
    }

    private Optional<ClientCredential> credential(String method, Optional<Tls> tls) {
        return switch (method) {
            case "header" ->
                item.secret("clientSecret").flatMap(secret -> item.word("encoding", Encoding.class)
                        .map(encoding -> new ClientCredential.InHeader(secret, encoding)));
            case "body" -> item.secret("clientSecret").map(ClientCredential.InForm::new);
            case "private_key_jwt" -> assertion();
            case "tls_client_auth" -> certificate(tls, false);
            case "self_signed_tls_client_auth" -> certificate(tls, true);
            default -> Optional.of(new ClientCredential.None());
        };
    }

    private Optional<ClientCredential> certificate(Optional<Tls> tls, boolean selfSigned) {
        requireCertificate(tls, "authorizationMethod", "by which the server knows the client");
        return tls.filter(each -> !each.chain().isEmpty())
                .map(each -> new ClientCredential.Certificate(each, selfSigned));
    }

    private boolean bound(Optional<Tls> tls) {
        boolean bound = item.flag("certificateBoundTokens");
        if (bound) {
            requireCertificate(tls, "certificateBoundTokens", "to which they are bound");
        }
        return bound;
    }

    /** @param key what needs a certificate under {@code tls} */
    private void requireCertificate(Optional<Tls> tls, String key, String purpose) {
        if (item.has("tls") && tls.filter(each -> each.chain().isEmpty()).isPresent()) {
            item.fault(
                    key,
                    "certificate",
                    "'" + key + "' lacks the certificate " + purpose,
                    "give it under 'tls': certificate and key, or pkcs12");
        }
    }

    private Optional<ClientCredential> assertion() {
        Optional<AssertionKey> key = item.privateKey("privateKey");
        return key.flatMap(this::algorithm)
                .map(algorithm -> new ClientCredential.SignedAssertion(
                        key.get(), algorithm, item.text("keyId"), item.text("assertionAudience")));
    }

    private Optional<SignatureAlgorithm> algorithm(AssertionKey key) {
        if (!item.has("algorithm")) {
            return Optional.of(key.algorithms().get(0));
        }
        Optional<SignatureAlgorithm> algorithm = item.word("algorithm", SignatureAlgorithm.class);
        if (algorithm.isPresent() && !key.algorithms().contains(algorithm.get())) {
            item.fault(
                    "algorithm",
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
        Optional<String> endpoint = item.text("authenticationEndpoint").map(String::strip);
        Optional<String> path = item.text("tokenPath").map(String::strip);
        if (path.filter(text -> text.contains("://")).isPresent()) {
            item.fault(
                    "tokenPath",
                    "whole-url",
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
                                    "absolute-uri",
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

    /** Further form fields. A value from a placeholder is treated as secret. */
    private List<FormField> parameters() {
        Map<String, FormField> fields = new LinkedHashMap<>();
        item.mapping("parameters").ifPresent(entries -> {
            for (String name : entries.present()) {
                if (TokenParameters.OURS.contains(name)) {
                    entries.fault(
                            name,
                            "reserved-parameter",
                            "'parameters' may not set '" + name + "', which is written by us",
                            wayTo(name));
                } else {
                    entries.text(name)
                            .ifPresent(value -> fields.put(
                                    name,
                                    new FormField(
                                            name,
                                            Secret.of(value),
                                            entries.literal(name).equals(value))));
                }
            }
        });
        return List.copyOf(fields.values());
    }

    private static String wayTo(String name) {
        return switch (name) {
            case "scope", "audience", "resource" -> "it has its own key: " + name;
            case "grant_type" -> "it is always client_credentials";
            default -> "see authorizationMethod";
        };
    }
}
