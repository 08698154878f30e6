package io.engagementwebhooks.webhook.setup;

import io.engagementwebhooks.webhook.ContentsquareConnection;
import io.engagementwebhooks.webhook.ContentsquareConnection.SchemaField;
import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.Secret;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads connections to Salesforce and Contentsquare. */
final class CredentialsReader {

    private static final String DEFAULT_API_VERSION = "62.0";
    private static final int MOST_FIELDS_OF_A_TYPE = 10;
    private static final int LONGEST_FIELD_NAME = 30;

    private static final Map<String, SchemaField.Type> FIELD_TYPES = Map.of(
            "STRING", SchemaField.Type.STRING,
            "INT", SchemaField.Type.INT,
            "FLOAT", SchemaField.Type.FLOAT,
            "BOOL", SchemaField.Type.BOOL,
            "DATETIME", SchemaField.Type.DATETIME);

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

    static Optional<ContentsquareConnection> contentsquare(Mapping item, String account, Names names) {
        int before = item.reading().faults().count();
        Optional<String> name = names.claim(item, "name", Names.NAME, Names.NAME_RULE);
        item.choice("type", Map.of("contentsquare", true), Map.of());
        Optional<URI> tokenUrl =
                item.has("tokenUrl") ? item.url("tokenUrl") : Optional.of(ContentsquareConnection.DEFAULT_TOKEN_URL);
        Optional<String> clientId = item.need("clientId", "from the installed integration's credentials");
        Optional<Secret> clientSecret = item.needSecret("clientSecret", "from the installed integration's credentials");
        Optional<Long> projectId = item.whole("projectId", 1, Long.MAX_VALUE);
        long version = item.whole("integrationVersion", 1, Integer.MAX_VALUE).orElse(1L);
        String suffix = item.text("endpointSuffix").orElse(ContentsquareConnection.DEFAULT_ENDPOINT_SUFFIX);
        checkHost(item, "endpointSuffix", suffix);
        List<SchemaField> schema = schema(item);
        String scope = item.text("scope").orElse("");
        return item.reading().faults().count() > before
                ? Optional.empty()
                : Optional.of(new ContentsquareConnection(
                        account,
                        name.orElseThrow(),
                        tokenUrl.orElseThrow(),
                        clientId.orElseThrow(),
                        clientSecret.orElseThrow(),
                        scope,
                        projectId.orElse(null),
                        (int) version,
                        suffix,
                        schema));
    }

    private static List<SchemaField> schema(Mapping item) {
        List<SchemaField> schema = new ArrayList<>();
        Map<SchemaField.Type, Integer> counts = new EnumMap<>(SchemaField.Type.class);
        Map<String, Integer> lines = new LinkedHashMap<>();
        if (!item.has("schema")) {
            item.need("schema", "the fields of the integration: [{name, type, optional}]");
        }
        for (YamlNode node : item.list("schema")) {
            Mapping.open(node, Part.SCHEMA_FIELD, item.thing(), item.reading())
                    .flatMap(field -> schemaField(field, lines))
                    .ifPresent(field -> {
                        schema.add(field);
                        counts.merge(field.type(), 1, Integer::sum);
                    });
        }
        counts.forEach((type, count) -> {
            if (count > MOST_FIELDS_OF_A_TYPE) {
                item.fault(
                        "schema",
                        "'schema' has " + count + " fields of type " + type,
                        "Contentsquare takes at most " + MOST_FIELDS_OF_A_TYPE + " of each type");
            }
        });
        return schema;
    }

    private static Optional<SchemaField> schemaField(Mapping field, Map<String, Integer> lines) {
        Optional<String> name = field.need("name", "as the integration's schema has it");
        Optional<SchemaField.Type> type = field.need("type", "BOOL, DATETIME, FLOAT, INT or STRING")
                .flatMap(text -> field.choice("type", FIELD_TYPES, Map.of()));
        boolean optional = field.flag("optional").orElse(false);
        if (name.isEmpty() || type.isEmpty()) {
            return Optional.empty();
        }
        if (name.get().getBytes(StandardCharsets.UTF_8).length > LONGEST_FIELD_NAME) {
            field.fault("name", "a schema field's name is too long", "at most " + LONGEST_FIELD_NAME + " bytes");
        }
        Integer first = lines.putIfAbsent(name.get(), field.line("name"));
        if (first != null) {
            field.fault("name", "schema field '" + name.get() + "' is in line " + first + " too", "keep one of them");
        }
        return Optional.of(new SchemaField(name.get(), type.get(), optional));
    }

    /** A host under which answers may name hosts: too short a one would let anybody in. */
    private static void checkHost(Mapping item, String key, String host) {
        boolean name = host.matches("(?i)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+");
        boolean literal = host.matches("\\[?[0-9a-fA-F:]+:[0-9a-fA-F:.]*]?");
        if (!name && !literal && !host.equals("localhost")) {
            item.fault(key, "'" + key + "' is not a host name", "such as example.com, without scheme, port or slash");
        }
    }
}
