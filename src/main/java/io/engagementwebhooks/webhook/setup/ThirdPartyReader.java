package io.engagementwebhooks.webhook.setup;

import io.engagementwebhooks.webhook.FieldValue;
import io.engagementwebhooks.webhook.Target;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads what a webhook writes to Salesforce, and what all third parties have in common. */
final class ThirdPartyReader {

    private static final String DEFAULT_OBJECT = "Task";
    private static final Pattern API_NAME = Pattern.compile("[A-Za-z]\\w*(\\.\\w+)*");
    private static final Pattern PATH = Pattern.compile("\\w+(\\.\\w+)*");
    private static final Map<String, Target.Salesforce.Operation> OPERATIONS = Map.of(
            "create", Target.Salesforce.Operation.CREATE,
            "upsert", Target.Salesforce.Operation.UPSERT);
    private static final Map<String, String> LATER_OPERATIONS =
            Map.of("platform-event", "", "composite", "", "raw", "");

    private ThirdPartyReader() {}

    static Optional<Target> salesforce(Mapping delivery) {
        if (!delivery.has("salesforce")) {
            return Optional.of(new Target.Salesforce(
                    Target.Salesforce.Operation.CREATE, DEFAULT_OBJECT, Optional.empty(), Optional.empty(), Map.of()));
        }
        return delivery.mapping("salesforce", Part.SALESFORCE).flatMap(ThirdPartyReader::record);
    }

    private static Optional<Target> record(Mapping item) {
        int before = item.reading().faults().count();
        Target.Salesforce.Operation operation = item.has("operation")
                ? item.choice("operation", OPERATIONS, LATER_OPERATIONS).orElse(null)
                : Target.Salesforce.Operation.CREATE;
        String object =
                item.has("object") ? apiName(item, "object", "such as Task").orElse("") : DEFAULT_OBJECT;
        Optional<String> externalId = Optional.empty();
        Optional<FieldValue> externalIdValue = Optional.empty();
        if (operation == Target.Salesforce.Operation.UPSERT) {
            externalId = apiName(item, "externalId", "the external id field that upsert goes by, such as Call_Id__c");
            externalIdValue = externalIdValue(item);
        } else if (operation == Target.Salesforce.Operation.CREATE) {
            refuseExternalId(item);
        }
        Map<String, FieldValue> fields = fields(item);
        checkFields(item, object, externalId, fields);
        return item.reading().faults().count() > before
                ? Optional.empty()
                : Optional.of(new Target.Salesforce(operation, object, externalId, externalIdValue, fields));
    }

    private static void refuseExternalId(Mapping item) {
        for (String key : List.of("externalId", "externalIdValue")) {
            if (item.has(key)) {
                item.fault(
                        key,
                        "operation 'create' does not go by '" + key + "'",
                        "write operation: upsert, or remove it");
            }
        }
    }

    private static Optional<FieldValue> externalIdValue(Mapping item) {
        if (!item.has("externalIdValue")) {
            item.need("externalIdValue", "the external id's value, such as \"{cdr_id}\"");
            return Optional.empty();
        }
        return item.node("externalIdValue").flatMap(node -> value(item, "externalIdValue", node));
    }

    private static void checkFields(
            Mapping item, String object, Optional<String> externalId, Map<String, FieldValue> fields) {
        for (String field : fields.keySet()) {
            if (!API_NAME.matcher(field).matches()) {
                item.fault("fields", "field '" + field + "' is no API name", "such as CallDurationInSeconds");
            }
            if (externalId.filter(field::equalsIgnoreCase).isPresent()) {
                item.fault(
                        "fields",
                        "'fields' holds the external id '" + field + "' too",
                        "externalIdValue sets it: remove it");
            }
        }
        if (!item.has("fields") && !object.isEmpty() && !object.equals(DEFAULT_OBJECT)) {
            item.fault("object", "object '" + object + "' lacks 'fields'", "only Task has fields by default");
        }
    }

    private static Optional<String> apiName(Mapping item, String key, String what) {
        Optional<String> name = item.need(key, what);
        if (name.isPresent() && !API_NAME.matcher(name.get()).matches()) {
            item.fault(key, "'" + key + "' is no API name", what);
            return Optional.empty();
        }
        return name;
    }

    /** Fields of the user's choice; a given but empty mapping is a fault, for absence means the default mapping. */
    static Map<String, FieldValue> fields(Mapping item) {
        Map<String, FieldValue> fields = new LinkedHashMap<>();
        item.names("fields").ifPresent(entries -> {
            for (String name : entries.keys()) {
                entries.node(name)
                        .flatMap(node -> value(entries, name, node))
                        .ifPresent(value -> fields.put(name, value));
            }
            if (!entries.keys().iterator().hasNext()) {
                item.fault("fields", "'fields' is empty", "leave it out for the default mapping");
            }
        });
        return fields;
    }

    static Optional<FieldValue> value(Mapping item, String key, YamlNode node) {
        try {
            if (node instanceof YamlNode.Entries) {
                return Mapping.open(node, Part.FIELD_PROGRAM, item.thing(), item.reading())
                        .filter(program -> program.need("jq", "a jq program").isPresent())
                        .flatMap(program -> program.literal("jq"))
                        .map(text ->
                                new FieldValue.Program(item.reading().compiled().jq(text)));
            }
            return item.literal(key)
                    .map(text -> new FieldValue.Text(item.reading().compiled().text(text)));
        } catch (IllegalArgumentException e) {
            item.fault(key, "'" + key + "': " + e.getMessage(), "a text with {macros}, or {jq: \"a program\"}");
            return Optional.empty();
        }
    }

    /** A dotted path from the event. */
    static Optional<String> path(Mapping item, String key, String what) {
        Optional<String> path = item.need(key, what);
        if (path.isPresent() && !PATH.matcher(path.get()).matches()) {
            item.fault(key, "'" + key + "' is no path", what);
            return Optional.empty();
        }
        return path;
    }
}
