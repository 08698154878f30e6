package io.engagementwebhooks.webhook.config;

import io.engagementwebhooks.webhook.ContentsquareConnection;
import io.engagementwebhooks.webhook.ContentsquareConnection.SchemaField;
import io.engagementwebhooks.webhook.ContentsquareConnection.SchemaField.Conversion;
import io.engagementwebhooks.webhook.FieldValue;
import java.net.URI;
import java.nio.charset.StandardCharsets;
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
import java.util.stream.Collectors;

/** Reads a connection to a Contentsquare project with the schema of its integration, within the documented limits. */
final class ContentsquareConnectionReader {

    private static final int MOST_FIELDS_OF_A_TYPE = 10;
    private static final int LONGEST_FIELD_NAME = 30;

    private ContentsquareConnectionReader() {}

    static Optional<ContentsquareConnection> read(Mapping item, String account, Names names) {
        Optional<String> name = names.claim(item, "name");
        Optional<URI> tokenUrl = item.url("tokenUrl");
        List<SchemaField> schema = schema(item);
        return item.isFaulty()
                ? Optional.empty()
                : Optional.of(new ContentsquareConnection(
                        account,
                        name.orElseThrow(),
                        tokenUrl.orElseThrow(),
                        item.text("clientId").orElseThrow(),
                        item.secret("clientSecret").orElseThrow(),
                        item.text("scope").orElse(""),
                        item.whole("projectId").orElse(null),
                        item.whole("integrationVersion").orElseThrow().intValue(),
                        item.text("endpointSuffix").orElseThrow(),
                        schema,
                        ThirdPartyReader.batch(item),
                        item.text("createdOn")
                                .map(day -> LocalDate.parse(day.strip()))
                                .orElse(null)));
    }

    private static List<SchemaField> schema(Mapping item) {
        List<SchemaField> schema = new ArrayList<>();
        Map<SchemaField.Type, Integer> counts = new EnumMap<>(SchemaField.Type.class);
        Map<String, Integer> lines = new LinkedHashMap<>();
        for (YamlNode node : item.list("schema")) {
            Mapping.open(node, item.shapeOfItems("schema"), item.resource(), item.reading())
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
                        "too-many-of-type",
                        "'schema' has " + count + " fields of type " + type,
                        "Contentsquare takes at most " + MOST_FIELDS_OF_A_TYPE + " of each type");
            }
        });
        return schema;
    }

    private static Optional<SchemaField> schemaField(Mapping field, Map<String, Integer> lines) {
        Optional<String> name = field.text("name");
        Optional<SchemaField.Type> type = field.word("type", SchemaField.Type.class);
        FieldValue from = ThirdPartyReader.value(field, "from").orElse(null);
        if (name.isEmpty() || type.isEmpty()) {
            return Optional.empty();
        }
        int bytes = name.get().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > LONGEST_FIELD_NAME) {
            field.fault(
                    "name",
                    "field-name-too-long",
                    "the name of schema field '" + name.get() + "' has " + bytes + " bytes",
                    "Contentsquare takes names of at most " + LONGEST_FIELD_NAME + " bytes");
        }
        Integer first = lines.putIfAbsent(name.get(), field.line("name"));
        if (first != null) {
            field.fault(
                    "name",
                    "field-twice",
                    "schema field '" + name.get() + "' is in line " + first + " too",
                    "keep one of them");
        }
        return Optional.of(new SchemaField(
                name.get(),
                type.get(),
                field.flag("optional"),
                from,
                conversion(field, type.get()),
                zone(field, type.get())));
    }

    private static Conversion conversion(Mapping field, SchemaField.Type type) {
        Conversion conversion = field.word("convert", Conversion.class).orElse(Conversion.NONE);
        if (!conversion.makes(type)) {
            String fitting = Arrays.stream(Conversion.values())
                    .filter(one -> one.text() != null && one.makes(type))
                    .map(Conversion::text)
                    .sorted()
                    .collect(Collectors.joining(", "));
            field.fault(
                    "convert",
                    "conversion",
                    "'convert' " + conversion.text() + " makes no " + type,
                    fitting.isEmpty() ? "values of this type are not converted" : "for " + type + ": " + fitting);
        }
        return conversion;
    }

    private static ZoneId zone(Mapping field, SchemaField.Type type) {
        if (field.has("zone") && type != SchemaField.Type.DATETIME) {
            field.fault(
                    "zone",
                    "zone-of-field",
                    "'zone' stands at a field of type " + type,
                    "only times have one: remove it");
        }
        return field.text("zone").map(zone -> ZoneId.of(zone.strip())).orElse(ZoneOffset.UTC);
    }
}
