package io.engagementwebhooks.config.read;

import io.engagementwebhooks.config.schema.Mapping;
import io.engagementwebhooks.webhook.ContentsquareConnection;
import io.engagementwebhooks.webhook.ContentsquareConnection.SchemaField;
import io.engagementwebhooks.webhook.ContentsquareConnection.SchemaField.Conversion;
import io.engagementwebhooks.webhook.template.FieldValue;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Reads a connection to a Contentsquare project with the schema of its integration, within the documented limits. */
final class ContentsquareConnectionReader {

    private static final int MOST_FIELDS_OF_A_TYPE = 10;
    private static final int LONGEST_FIELD_NAME = 30;

    private ContentsquareConnectionReader() {}

    static ContentsquareConnection read(Mapping item, String account, Names names) {
        String name = names.claim(item, "name");
        List<SchemaField> schema = schema(item);
        return new ContentsquareConnection(
                account,
                name,
                item.url("tokenUrl"),
                item.text("clientId"),
                item.secret("clientSecret"),
                item.text("scope"),
                item.find("projectId").map(Long::valueOf).orElse(null),
                item.whole("integrationVersion"),
                item.text("endpointSuffix"),
                schema,
                ThirdPartyReader.batch(item),
                item.find("createdOn").map(day -> LocalDate.parse(day.strip())).orElse(null));
    }

    private static List<SchemaField> schema(Mapping item) {
        Map<String, Integer> lines = new HashMap<>();
        List<SchemaField> schema = item.mappings("schema").stream()
                .flatMap(each -> Mapping.readable(() -> schemaField(each, lines)).stream())
                .toList();
        Map<SchemaField.Type, Long> counts =
                schema.stream().collect(Collectors.groupingBy(SchemaField::type, TreeMap::new, Collectors.counting()));
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

    private static SchemaField schemaField(Mapping field, Map<String, Integer> lines) {
        String name = field.text("name");
        SchemaField.Type type = field.word("type", SchemaField.Type.class);
        FieldValue from =
                field.has("from") ? ThirdPartyReader.value(field, "from").orElse(null) : null;
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > LONGEST_FIELD_NAME) {
            field.fault(
                    "name",
                    "field-name-too-long",
                    "the name of schema field '" + name + "' has " + bytes + " bytes",
                    "Contentsquare takes names of at most " + LONGEST_FIELD_NAME + " bytes");
        }
        Integer first = lines.putIfAbsent(name, field.line("name"));
        if (first != null) {
            field.fault(
                    "name",
                    "field-twice",
                    "schema field '" + name + "' is " + (first > 0 ? "in line " + first + " too" : "there twice"),
                    "keep one of them");
        }
        return new SchemaField(name, type, field.flag("optional"), from, conversion(field, type), zone(field, type));
    }

    private static Conversion conversion(Mapping field, SchemaField.Type type) {
        Conversion conversion = field.has("convert") ? field.word("convert", Conversion.class) : Conversion.NONE;
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
        return ZoneId.of(field.text("zone").strip());
    }
}
