package io.engagementwebhooks.config.read;

import io.engagementwebhooks.config.schema.Mapping;
import io.engagementwebhooks.config.schema.Nearest;
import io.engagementwebhooks.webhook.ContentsquareConnection;
import io.engagementwebhooks.webhook.ContentsquareConnection.SchemaField;
import io.engagementwebhooks.webhook.Shown;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.template.FieldValue;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads a webhook's Contentsquare target: an enrichment of a session, or its own body and a path. */
final class ContentsquareTargetReader {

    private ContentsquareTargetReader() {}

    static Target read(Mapping delivery, ContentsquareConnection connection, SigningReader signings) {
        Optional<Mapping> item = delivery.mapping("contentsquare");
        if (item.isEmpty()) {
            return new Target.Contentsquare(Map.of(), Target.Contentsquare.DEFAULT_SESSION_PATH);
        }
        return item.get().has("path")
                ? HttpTargetReader.ownRequest(delivery, item.get(), signings)
                : enrichment(item.get(), connection);
    }

    private static Target enrichment(Mapping item, ContentsquareConnection connection) {
        Map<String, FieldValue> fields = ThirdPartyReader.fields(item);
        if (item.has("fields") && !item.isFaulty()) {
            checkAgainst(connection, item, fields);
        }
        return new Target.Contentsquare(fields, item.text("session"));
    }

    private static void checkAgainst(ContentsquareConnection connection, Mapping item, Map<String, FieldValue> fields) {
        List<String> known = connection.schema().stream().map(SchemaField::name).toList();
        for (String field : fields.keySet()) {
            if (!known.contains(field)) {
                item.fault(
                        "fields",
                        "not-in-schema",
                        "field '" + Shown.of(field) + "' is not in the schema of connection '" + connection.name()
                                + "'",
                        Nearest.to(field, known)
                                .map(near -> "did you mean '" + near + "'?")
                                .orElse("known: " + String.join(", ", known)));
            }
        }
        for (SchemaField field : connection.schema()) {
            if (!field.optional() && !fields.containsKey(field.name())) {
                item.fault(
                        "fields",
                        "schema-requires",
                        "'fields' lacks '" + field.name() + "', which the schema of connection '" + connection.name()
                                + "' requires",
                        "give it, or make it optional: true in the schema");
            }
        }
    }
}
