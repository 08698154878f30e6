package io.engagementwebhooks.webhook.config;

import io.engagementwebhooks.webhook.AssertionKey;
import io.engagementwebhooks.webhook.PemException;
import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.SalesforceConnection.Batch;
import io.engagementwebhooks.webhook.SalesforceLogin;
import io.engagementwebhooks.webhook.SalesforceLogin.ClientCredentials;
import io.engagementwebhooks.webhook.SalesforceLogin.JwtBearer;
import io.engagementwebhooks.webhook.SalesforceLogin.Password;
import io.engagementwebhooks.webhook.SalesforceLogin.RefreshToken;
import io.engagementwebhooks.webhook.Secret;
import io.engagementwebhooks.webhook.SignatureAlgorithm;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Reads connections to Salesforce orgs. */
final class SalesforceConnectionReader {

    private static final String DEFAULT_API_VERSION = "62.0";
    private static final Duration SHORTEST_WAIT = Duration.ofMillis(1);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);
    private static final String MY_DOMAIN = "the org's My Domain, such as https://acme.my.salesforce.com";
    private static final String SECRET = "the consumer secret of the external client app";
    private static final String PRODUCTION = "https://login.salesforce.com";
    private static final String SANDBOX = "https://test.salesforce.com";

    /** The keys of each login, besides those that every connection has. */
    private static final Map<String, Set<String>> KEYS = Map.of(
            ClientCredentials.TYPE, Set.of("clientSecret"),
            JwtBearer.TYPE, Set.of("privateKey", "user", "audience"),
            RefreshToken.TYPE, Set.of("refreshToken", "clientSecret"),
            Password.TYPE, Set.of("clientSecret", "user", "password", "allowPasswordLogin"));

    private static final Set<String> ALL_KEYS =
            KEYS.values().stream().flatMap(Set::stream).collect(Collectors.toUnmodifiableSet());

    private final Mapping item;

    private SalesforceConnectionReader(Mapping item) {
        this.item = item;
    }

    static Optional<SalesforceConnection> read(Mapping item, String account, Names names) {
        return new SalesforceConnectionReader(item).connection(account, names);
    }

    private Optional<SalesforceConnection> connection(String account, Names names) {
        int before = item.reading().faults().count();
        Optional<String> name = names.claim(item, "name", Names.NAME, Names.NAME_RULE);
        item.choice("type", Map.of("salesforce", true), Map.of());
        String type = type();
        Optional<URI> loginUrl = loginUrl(type);
        Optional<String> clientId = item.need("clientId", "the consumer key of the external client app");
        Optional<SalesforceLogin> login = login(type, loginUrl);
        String apiVersion = apiVersion();
        List<String> suffixes = item.texts("instanceSuffix");
        suffixes.forEach(suffix -> CredentialsReader.checkHost(item, "instanceSuffix", suffix));
        Batch batch = batch();
        return item.reading().faults().count() > before
                ? Optional.empty()
                : Optional.of(new SalesforceConnection(
                        account,
                        name.orElseThrow(),
                        loginUrl.orElseThrow(),
                        clientId.orElseThrow(),
                        login.orElseThrow(),
                        apiVersion,
                        suffixes.isEmpty() ? SalesforceConnection.DEFAULT_INSTANCE_SUFFIXES : suffixes,
                        batch));
    }

    /** Empty: not known, which is a fault. */
    private String type() {
        Map<String, String> types = KEYS.keySet().stream().collect(Collectors.toMap(type -> type, type -> type));
        return item.has("login") ? item.choice("login", types, Map.of()).orElse("") : ClientCredentials.TYPE;
    }

    private Optional<URI> loginUrl(String type) {
        Optional<URI> url = item.need("loginUrl", MY_DOMAIN).flatMap(text -> item.url("loginUrl", text));
        if (url.isPresent()
                && (url.get().getRawQuery() != null || url.get().getRawPath().length() > 1)) {
            item.fault("loginUrl", "'loginUrl' has a path or query", MY_DOMAIN);
        }
        String host = url.map(URI::getHost).orElse("").toLowerCase(Locale.ROOT);
        boolean shared = host.equals("login.salesforce.com") || host.equals("test.salesforce.com");
        if (shared && type.equals(ClientCredentials.TYPE)) {
            item.fault("loginUrl", "'loginUrl' is a host where client credentials never work", MY_DOMAIN);
        }
        return url;
    }

    private Optional<SalesforceLogin> login(String type, Optional<URI> loginUrl) {
        if (type.isEmpty() || !onlyKeysOf(type)) {
            return Optional.empty();
        }
        return switch (type) {
            case JwtBearer.TYPE -> jwtBearer(loginUrl);
            case RefreshToken.TYPE -> refreshToken();
            case Password.TYPE -> password();
            default -> item.needSecret("clientSecret", SECRET).map(ClientCredentials::new);
        };
    }

    private boolean onlyKeysOf(String type) {
        boolean only = true;
        for (String key : item.keys()) {
            if (ALL_KEYS.contains(key) && !KEYS.get(type).contains(key)) {
                item.fault(
                        key,
                        "login '" + type + "' does not take '" + key + "'",
                        "it takes " + String.join(", ", new TreeSet<>(KEYS.get(type))) + "; that is a key of login "
                                + holders(key));
                only = false;
            }
        }
        return only;
    }

    private static String holders(String key) {
        return KEYS.entrySet().stream()
                .filter(login -> login.getValue().contains(key))
                .map(Map.Entry::getKey)
                .sorted()
                .collect(Collectors.joining(" and "));
    }

    private Optional<SalesforceLogin> jwtBearer(Optional<URI> loginUrl) {
        Optional<Secret> key = item.needSecret("privateKey", "the RSA key of the app's certificate, PKCS#8 in PEM");
        key.ifPresent(this::checkKey);
        Optional<String> user = item.need("user", "the name of the user that calls are written as");
        String audience = item.text("audience").orElseGet(() -> loginUrl.filter(SalesforceConnectionReader::isSandbox)
                .map(url -> SANDBOX)
                .orElse(PRODUCTION));
        return key.isEmpty() || user.isEmpty()
                ? Optional.empty()
                : Optional.of(new JwtBearer(key.get(), user.get(), audience));
    }

    private void checkKey(Secret key) {
        try {
            if (!AssertionKey.of(key).algorithms().contains(SignatureAlgorithm.RS256)) {
                item.fault("privateKey", "'privateKey' is no RSA key", "Salesforce takes RSA keys only");
            }
        } catch (PemException e) {
            item.fault("privateKey", "'privateKey' " + e.getMessage(), e.wayOut());
        }
    }

    private static boolean isSandbox(URI loginUrl) {
        String host = loginUrl.getHost().toLowerCase(Locale.ROOT);
        return host.equals("test.salesforce.com") || host.endsWith(".sandbox.my.salesforce.com");
    }

    private Optional<SalesforceLogin> refreshToken() {
        Optional<Secret> clientSecret =
                item.has("clientSecret") ? item.needSecret("clientSecret", SECRET) : Optional.empty();
        return item.needSecret("refreshToken", "the token that a person got by logging in for the app")
                .map(token -> new RefreshToken(token, clientSecret.orElse(null)));
    }

    private Optional<SalesforceLogin> password() {
        Optional<Secret> clientSecret = item.needSecret("clientSecret", SECRET);
        Optional<String> user = item.need("user", "the name of the user that calls are written as");
        Optional<Secret> password =
                item.needSecret("password", "the password with the user's security token behind it");
        String ends = "Salesforce refuses user and password from " + Password.ENDS + " on, without exception";
        String wayOut = "change to login: client-credentials or jwt-bearer before";
        if (!item.flag("allowPasswordLogin").orElse(false)) {
            item.fault(
                    "login",
                    "login 'password' is switched off: " + ends,
                    wayOut + ", or write allowPasswordLogin: true");
        } else {
            item.warn("login", "login 'password' is used: " + ends, wayOut);
        }
        return clientSecret.isEmpty() || user.isEmpty() || password.isEmpty()
                ? Optional.empty()
                : Optional.of(new Password(clientSecret.get(), user.get(), password.get()));
    }

    private Batch batch() {
        long size = item.whole("batchSize", 1, Batch.MOST).orElse((long) Batch.USUAL.size());
        Duration most = item.duration("batchWait", SHORTEST_WAIT, LONGEST_WAIT).orElse(Batch.USUAL.most());
        return new Batch((int) size, most);
    }

    private String apiVersion() {
        Optional<String> version = item.text("apiVersion");
        if (version.isPresent() && !version.get().matches("[2-9]\\d\\.0")) {
            item.fault("apiVersion", "'apiVersion' is not a version of the REST API", "such as \"62.0\", in quotes");
        }
        return version.orElse(DEFAULT_API_VERSION);
    }
}
