package io.engagementwebhooks.webhook.config;

import io.engagementwebhooks.webhook.AssertionKey;
import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.SalesforceLogin;
import io.engagementwebhooks.webhook.SalesforceLogin.ClientCredentials;
import io.engagementwebhooks.webhook.SalesforceLogin.JwtBearer;
import io.engagementwebhooks.webhook.SalesforceLogin.Password;
import io.engagementwebhooks.webhook.SalesforceLogin.RefreshToken;
import io.engagementwebhooks.webhook.SignatureAlgorithm;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads connections to Salesforce orgs. */
final class SalesforceConnectionReader {

    private static final String MY_DOMAIN = "the org's My Domain, such as https://acme.my.salesforce.com";
    private static final String PRODUCTION = "https://login.salesforce.com";
    private static final String SANDBOX = "https://test.salesforce.com";

    private final Mapping item;

    private SalesforceConnectionReader(Mapping item) {
        this.item = item;
    }

    static Optional<SalesforceConnection> read(Mapping item, String account, Names names) {
        return new SalesforceConnectionReader(item).connection(account, names);
    }

    private Optional<SalesforceConnection> connection(String account, Names names) {
        Optional<String> name = names.claim(item, "name");
        String type = item.text("login").orElse("");
        Optional<URI> loginUrl = loginUrl(type);
        Optional<SalesforceLogin> login = login(type, loginUrl);
        List<String> suffixes = item.texts("instanceSuffix");
        return item.isFaulty()
                ? Optional.empty()
                : Optional.of(new SalesforceConnection(
                        account,
                        name.orElseThrow(),
                        loginUrl.orElseThrow(),
                        item.text("clientId").orElseThrow(),
                        login.orElseThrow(),
                        item.text("apiVersion").orElseThrow(),
                        suffixes.isEmpty() ? SalesforceConnection.DEFAULT_INSTANCE_SUFFIXES : suffixes,
                        ThirdPartyReader.batch(item)));
    }

    private Optional<URI> loginUrl(String type) {
        Optional<URI> url = item.url("loginUrl");
        if (url.isPresent()
                && (url.get().getRawQuery() != null || url.get().getRawPath().length() > 1)) {
            item.fault("loginUrl", "login-url-path", "'loginUrl' has a path or query", MY_DOMAIN);
        }
        String host = url.map(URI::getHost).orElse("").toLowerCase(Locale.ROOT);
        boolean shared = host.equals("login.salesforce.com") || host.equals("test.salesforce.com");
        if (shared && type.equals(ClientCredentials.TYPE)) {
            item.fault("loginUrl", "login-host", "'loginUrl' is a host where client credentials never work", MY_DOMAIN);
        }
        return url;
    }

    private Optional<SalesforceLogin> login(String type, Optional<URI> loginUrl) {
        return switch (type) {
            case JwtBearer.TYPE -> jwtBearer(loginUrl);
            case RefreshToken.TYPE ->
                item.secret("refreshToken")
                        .map(token -> new RefreshToken(
                                token, item.secret("clientSecret").orElse(null)));
            case Password.TYPE -> password();
            default -> item.secret("clientSecret").map(ClientCredentials::new);
        };
    }

    private Optional<SalesforceLogin> jwtBearer(Optional<URI> loginUrl) {
        Optional<AssertionKey> key = item.privateKey("privateKey");
        if (key.filter(known -> !known.algorithms().contains(SignatureAlgorithm.RS256))
                .isPresent()) {
            item.fault("privateKey", "rsa-key", "'privateKey' is no RSA key", "Salesforce takes RSA keys only");
        }
        String audience = item.text("audience").orElseGet(() -> loginUrl.filter(SalesforceConnectionReader::isSandbox)
                .map(url -> SANDBOX)
                .orElse(PRODUCTION));
        return key.flatMap(known -> item.text("user").map(user -> new JwtBearer(known.pem(), user, audience)));
    }

    private static boolean isSandbox(URI loginUrl) {
        String host = loginUrl.getHost().toLowerCase(Locale.ROOT);
        return host.equals("test.salesforce.com") || host.endsWith(".sandbox.my.salesforce.com");
    }

    private Optional<SalesforceLogin> password() {
        String ends = "Salesforce refuses user and password from " + Password.ENDS + " on, without exception";
        String wayOut = "change to login: client-credentials or jwt-bearer before";
        if (!item.flag("allowPasswordLogin")) {
            item.fault(
                    "login",
                    "password-login",
                    "login 'password' is switched off: " + ends,
                    wayOut + ", or write allowPasswordLogin: true");
        } else {
            item.warn("login", "login 'password' is used: " + ends, wayOut);
        }
        return item.isFaulty()
                ? Optional.empty()
                : Optional.of(new Password(
                        item.secret("clientSecret").orElseThrow(),
                        item.text("user").orElseThrow(),
                        item.secret("password").orElseThrow()));
    }
}
