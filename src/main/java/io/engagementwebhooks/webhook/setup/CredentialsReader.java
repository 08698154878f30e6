package io.engagementwebhooks.webhook.setup;

import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.Secret;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads connections to Salesforce. */
final class CredentialsReader {

    private static final String DEFAULT_API_VERSION = "62.0";

    private CredentialsReader() {}

    static Optional<SalesforceConnection> salesforce(Mapping item, String account, Names names) {
        int before = item.reading().faults().count();
        Optional<String> name = names.claim(item, "name", Names.NAME, Names.NAME_RULE);
        item.choice("type", Map.of("salesforce", true), Map.of());
        Optional<URI> loginUrl = loginUrl(item);
        Optional<String> clientId = item.need("clientId", "the consumer key of the connected app");
        Optional<Secret> clientSecret = item.needSecret("clientSecret", "the consumer secret of the connected app");
        String apiVersion = apiVersion(item);
        List<String> suffixes = item.texts("instanceSuffix");
        suffixes.forEach(suffix -> checkHost(item, "instanceSuffix", suffix));
        return item.reading().faults().count() > before
                ? Optional.empty()
                : Optional.of(new SalesforceConnection(
                        account,
                        name.orElseThrow(),
                        loginUrl.orElseThrow(),
                        clientId.orElseThrow(),
                        clientSecret.orElseThrow(),
                        apiVersion,
                        suffixes.isEmpty() ? SalesforceConnection.DEFAULT_INSTANCE_SUFFIXES : suffixes));
    }

    private static Optional<URI> loginUrl(Mapping item) {
        String what = "the org's My Domain, such as https://acme.my.salesforce.com";
        Optional<URI> url = item.need("loginUrl", what).flatMap(text -> item.url("loginUrl", text));
        if (url.isPresent()
                && (url.get().getRawQuery() != null || url.get().getRawPath().length() > 1)) {
            item.fault("loginUrl", "'loginUrl' has a path or query", what);
        }
        String host = url.map(URI::getHost).orElse("");
        if (host.equals("login.salesforce.com") || host.equals("test.salesforce.com")) {
            item.fault("loginUrl", "'loginUrl' is a host where client credentials never work", what);
        }
        return url;
    }

    private static String apiVersion(Mapping item) {
        Optional<String> version = item.text("apiVersion");
        if (version.isPresent() && !version.get().matches("[2-9]\\d\\.0")) {
            item.fault("apiVersion", "'apiVersion' is not a version of the REST API", "such as \"62.0\", in quotes");
        }
        return version.orElse(DEFAULT_API_VERSION);
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
