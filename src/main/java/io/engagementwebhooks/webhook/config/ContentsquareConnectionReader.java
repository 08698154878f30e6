package io.engagementwebhooks.webhook.config;

import io.engagementwebhooks.webhook.ContentsquareConnection;
import io.engagementwebhooks.webhook.ContentsquareConnection.Batch;
import io.engagementwebhooks.webhook.ContentsquareConnection.SchemaField;
import io.engagementwebhooks.webhook.ContentsquareConnection.SchemaField.Conversion;
import io.engagementwebhooks.webhook.FieldValue;
import io.engagementwebhooks.webhook.Secret;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Reads a connection to a Contentsquare project with the schema of its integration, within the documented limits. */
final class ContentsquareConnectionReader {

    private static final int MOST_FIELDS_OF_A_TYPE = 10;
    private static final int LONGEST_FIELD_NAME = 30;
    private static final int LONGEST_SHOWN = 60;
    private static final int LARGEST_BATCH = 1000;
    private static final Duration SHORTEST_WAIT = Duration.ofMillis(1);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

    private static final Map<String, SchemaField.Type> FIELD_TYPES = Map.of(
            "STRING", SchemaField.Type.STRING,
            "INT", SchemaField.Type.INT,
            "FLOAT", SchemaField.Type.FLOAT,
            "BOOL", SchemaField.Type.BOOL,
            "DATETIME", SchemaField.Type.DATETIME);

    private static final Map<String, Conversion> CONVERSIONS = Arrays.stream(Conversion.values())
            .filter(conversion -> conversion.text() != null)
            .collect(Collectors.toUnmodifiableMap(Conversion::text, Function.identity()));

    private ContentsquareConnectionReader() {}

    static Optional<ContentsquareConnection> read(Mapping item, String account, Names names) {
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
        CredentialsReader.checkHost(item, "endpointSuffix", suffix);
        List<SchemaField> schema = schema(item);
        String scope = item.text("scope").orElse("");
        Batch batch = batch(item);
        Optional<LocalDate> createdOn = item.text("createdOn").flatMap(text -> day(item, text));
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
                        schema,
                        batch,
                        createdOn.orElse(null)));
    }

    private static Batch batch(Mapping item) {
        long size = item.whole("batchSize", 1, LARGEST_BATCH).orElse((long) Batch.USUAL.size());
        Duration most = item.duration("batchWait", SHORTEST_WAIT, LONGEST_WAIT).orElse(Batch.USUAL.most());
        return new Batch((int) size, most);
    }

    private static Optional<LocalDate> day(Mapping item, String text) {
        try {
            return Optional.of(LocalDate.parse(text.strip()));
        } catch (DateTimeException e) {
            item.fault("createdOn", "'createdOn' is no day", "such as 2026-11-24, when the credentials were made");
            return Optional.empty();
        }
    }

    private static List<SchemaField> schema(Mapping item) {
        List<SchemaField> schema = new ArrayList<>();
        Map<SchemaField.Type, Integer> counts = new EnumMap<>(SchemaField.Type.class);
        Map<String, Integer> lines = new LinkedHashMap<>();
        if (!item.has("schema")) {
            item.need("schema", "the fields of the integration: [{name, type, optional}]");
        }
        for (YamlNode node : item.list("schema")) {
            Mapping.open(node, Part.SCHEMA_FIELD, item.resource(), item.reading())
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
        FieldValue from = field.node("from")
                .flatMap(node -> ThirdPartyReader.value(field, "from", node))
                .orElse(null);
        if (name.isEmpty() || type.isEmpty()) {
            return Optional.empty();
        }
        int bytes = name.get().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > LONGEST_FIELD_NAME) {
            field.fault(
                    "name",
                    "the name of schema field '" + shortened(name.get()) + "' has " + bytes + " bytes",
                    "Contentsquare takes names of at most " + LONGEST_FIELD_NAME + " bytes");
        }
        Integer first = lines.putIfAbsent(name.get(), field.line("name"));
        if (first != null) {
            field.fault("name", "schema field '" + name.get() + "' is in line " + first + " too", "keep one of them");
        }
        return Optional.of(new SchemaField(
                name.get(), type.get(), optional, from, conversion(field, type.get()), zone(field, type.get())));
    }

    /** API and console show these names too: none is a secret. */
    private static String shortened(String name) {
        return name.length() <= LONGEST_SHOWN ? name : name.substring(0, LONGEST_SHOWN) + "…";
    }

    private static Conversion conversion(Mapping field, SchemaField.Type type) {
        Conversion conversion = field.choice("convert", CONVERSIONS, Map.of()).orElse(Conversion.NONE);
        if (!conversion.makes(type)) {
            String fitting = CONVERSIONS.values().stream()
                    .filter(one -> one.makes(type))
                    .map(Conversion::text)
                    .sorted()
                    .collect(Collectors.joining(", "));
            field.fault(
                    "convert",
                    "'convert' " + conversion.text() + " makes no " + type,
                    fitting.isEmpty() ? "values of this type are not converted" : "for " + type + ": " + fitting);
        }
        return conversion;
    }

    private static ZoneId zone(Mapping field, SchemaField.Type type) {
        Optional<String> zone = field.text("zone");
        if (zone.isEmpty()) {
            return ZoneOffset.UTC;
        }
        if (type != SchemaField.Type.DATETIME) {
            field.fault("zone", "'zone' stands at a field of type " + type, "only times have one: remove it");
        }
        try {
            return ZoneId.of(zone.get().strip());
        } catch (DateTimeException e) {
            field.fault("zone", "'zone' is no time zone", "such as Europe/Berlin or +01:00");
            return ZoneOffset.UTC;
        }
    }
}
