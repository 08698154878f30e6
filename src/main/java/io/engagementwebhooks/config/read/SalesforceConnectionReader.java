package io.engagementwebhooks.config.read;

import io.engagementwebhooks.config.schema.Mapping;
import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.auth.AssertionKey;
import io.engagementwebhooks.webhook.auth.SalesforceLogin;
import io.engagementwebhooks.webhook.auth.SalesforceLogin.ClientCredentials;
import io.engagementwebhooks.webhook.auth.SalesforceLogin.JwtBearer;
import io.engagementwebhooks.webhook.auth.SalesforceLogin.Password;
import io.engagementwebhooks.webhook.auth.SalesforceLogin.RefreshToken;
import io.engagementwebhooks.webhook.auth.Secret;
import io.engagementwebhooks.webhook.signing.SignatureAlgorithm;
import java.net.URI;
import java.util.List;
import java.util.Locale;

/** Reads connections to Salesforce orgs. */
final class SalesforceConnectionReader {

    private static final String MY_DOMAIN = "the org's My Domain, such as https://acme.my.salesforce.com";
    private static final String PRODUCTION = "https://login.salesforce.com";
    private static final String SANDBOX = "https://test.salesforce.com";

    private final Mapping item;

    private SalesforceConnectionReader(Mapping item) {
        this.item = item;
    }

    static SalesforceConnection read(Mapping item, String account, Names names) {
        return new SalesforceConnectionReader(item).connection(account, names);
    }

    private SalesforceConnection connection(String account, Names names) {
        String name = names.claim(item, "name");
        String type = item.text("login");
        if (type.equals(Password.TYPE)) {
            checkPasswordLogin();
        }
        URI loginUrl = loginUrl(type);
        List<String> suffixes = item.texts("instanceSuffix");
        return new SalesforceConnection(
                account,
                name,
                loginUrl,
                item.text("clientId"),
                login(type, loginUrl),
                item.text("apiVersion"),
                suffixes.isEmpty() ? SalesforceConnection.DEFAULT_INSTANCE_SUFFIXES : suffixes,
                ThirdPartyReader.batch(item));
    }

    private URI loginUrl(String type) {
        URI url = item.url("loginUrl");
        if (url.getRawQuery() != null || url.getRawPath().length() > 1) {
            item.fault("loginUrl", "login-url-path", "'loginUrl' has a path or query", MY_DOMAIN);
        }
        String host = url.getHost().toLowerCase(Locale.ROOT);
        boolean shared = host.equals("login.salesforce.com") || host.equals("test.salesforce.com");
        if (shared && type.equals(ClientCredentials.TYPE)) {
            item.fault("loginUrl", "login-host", "'loginUrl' is a host where client credentials never work", MY_DOMAIN);
        }
        return url;
    }

    private SalesforceLogin login(String type, URI loginUrl) {
        return switch (type) {
            case JwtBearer.TYPE -> jwtBearer(loginUrl);
            case RefreshToken.TYPE ->
                new RefreshToken(
                        item.secret("refreshToken"),
                        item.find("clientSecret").map(Secret::of).orElse(null));
            case Password.TYPE -> new Password(item.secret("clientSecret"), item.text("user"), item.secret("password"));
            default -> new ClientCredentials(item.secret("clientSecret"));
        };
    }

    private SalesforceLogin jwtBearer(URI loginUrl) {
        AssertionKey key = item.privateKey("privateKey");
        if (!key.algorithms().contains(SignatureAlgorithm.RS256)) {
            item.fault("privateKey", "rsa-key", "'privateKey' is no RSA key", "Salesforce takes RSA keys only");
        }
        String audience = item.find("audience").orElse(isSandbox(loginUrl) ? SANDBOX : PRODUCTION);
        return new JwtBearer(key.pem(), item.text("user"), audience);
    }

    private static boolean isSandbox(URI loginUrl) {
        String host = loginUrl.getHost().toLowerCase(Locale.ROOT);
        return host.equals("test.salesforce.com") || host.endsWith(".sandbox.my.salesforce.com");
    }

    private void checkPasswordLogin() {
        String ends = "Salesforce refuses user and password from " + Password.ENDS + " on, without exception";
        String wayOut = "change to login: client-credentials or jwt-bearer before";
        if (item.flag("allowPasswordLogin")) {
            item.warn("login", "login 'password' is used: " + ends, wayOut);
        } else {
            item.fault(
                    "login",
                    "password-login",
                    "login 'password' is switched off: " + ends,
                    wayOut + ", or write allowPasswordLogin: true");
        }
    }
}
