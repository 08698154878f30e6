package io.engagementwebhooks.webhook.config;

import io.engagementwebhooks.webhook.ContentsquareConnection;
import io.engagementwebhooks.webhook.ContentsquareConnection.SchemaField;
import io.engagementwebhooks.webhook.FieldValue;
import io.engagementwebhooks.webhook.Shown;
import io.engagementwebhooks.webhook.Target;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads what a webhook sends to Contentsquare: an enrichment of a session, or a body of its own to a path. */
final class ContentsquareTargetReader {

    private static final String KEY = "contentsquare";

    private ContentsquareTargetReader() {}

    /** Whether the delivery sends a body of its own, for which the keys of an HTTP receiver are good but {@code url}. */
    static boolean isOwnRequest(Mapping delivery) {
        return delivery.node(KEY)
                .filter(YamlNode.Entries.class::isInstance)
                .map(YamlNode.Entries.class::cast)
                .filter(party -> party.entries().stream()
                        .anyMatch(entry -> entry.key() instanceof YamlNode.Scalar name
                                && name.value().equals("path")))
                .isPresent();
    }

    static Optional<Target> read(Mapping delivery, ContentsquareConnection connection, SigningReader signings) {
        if (!delivery.has(KEY)) {
            return Optional.of(new Target.Contentsquare(Map.of(), Target.Contentsquare.DEFAULT_SESSION_PATH));
        }
        return delivery.mapping(KEY, Part.CONTENTSQUARE)
                .flatMap(
                        item -> item.has("path") ? ownRequest(delivery, item, signings) : enrichment(item, connection));
    }

    private static Optional<Target> ownRequest(Mapping delivery, Mapping item, SigningReader signings) {
        int before = item.reading().faults().count();
        for (String key : List.of("fields", "session")) {
            if (item.has(key)) {
                item.fault(
                        key,
                        "'path' does not go with '" + key + "'",
                        "keep 'path' for a body of your own, or remove it");
            }
        }
        Optional<Target> target = HttpTargetReader.ownRequest(delivery, item, signings);
        return item.reading().faults().count() > before ? Optional.empty() : target;
    }

    private static Optional<Target> enrichment(Mapping item, ContentsquareConnection connection) {
        int before = item.reading().faults().count();
        Map<String, FieldValue> fields = ThirdPartyReader.fields(item);
        if (item.has("fields")) {
            checkAgainst(connection, item, fields);
        }
        String session = item.has("session")
                ? ThirdPartyReader.path(item, "session", "a path from the event, such as data.web.contentsquare")
                        .orElse("")
                : Target.Contentsquare.DEFAULT_SESSION_PATH;
        return item.reading().faults().count() > before
                ? Optional.empty()
                : Optional.of(new Target.Contentsquare(fields, session));
    }

    private static void checkAgainst(ContentsquareConnection connection, Mapping item, Map<String, FieldValue> fields) {
        List<String> known = connection.schema().stream().map(SchemaField::name).toList();
        for (String field : fields.keySet()) {
            if (!known.contains(field)) {
                item.fault(
                        "fields",
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
                        "'fields' lacks '" + field.name() + "', which the schema of connection '" + connection.name()
                                + "' requires",
                        "give it, or make it optional: true in the schema");
            }
        }
    }
}
