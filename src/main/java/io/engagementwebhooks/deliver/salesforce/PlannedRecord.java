package io.engagementwebhooks.deliver.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.deliver.request.MappedValue;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.template.BodyFault;
import io.engagementwebhooks.webhook.template.FieldSizes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A record of the webhook's mapping, before it is fitted to the org's description.
 *
 * @param name unique within the request
 * @param operation create or upsert
 * @param object API name
 * @param idField the external id field for an upsert, otherwise empty
 * @param idValue its value for an upsert, otherwise empty
 * @param fields by API name, without empty values
 * @param links field names mapped to names of other records of the request
 * @param lookedUp whether it is only looked up by its external id, for records that link to it
 */
record PlannedRecord(
        String name,
        Target.Salesforce.Operation operation,
        String object,
        String idField,
        String idValue,
        ObjectNode fields,
        Map<String, String> links,
        boolean lookedUp) {

    static final Pattern API_NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_]*");
    private static final Pattern ID = Pattern.compile("[a-zA-Z0-9]{15}([a-zA-Z0-9]{3})?");

    /**
     * @param sizes limits the sum of all fields of the request
     * @throws BodyFault if the record cannot be built from this event
     */
    static PlannedRecord of(
            String name, Target.Salesforce target, Map<String, String> links, JsonNode event, FieldSizes sizes) {
        boolean upsert = target.operation() == Target.Salesforce.Operation.UPSERT;
        String idField = upsert ? idField(target) : "";
        String idValue = upsert ? idValue(target, idField, event, sizes) : "";
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        values(target, event, sizes).properties().forEach(field -> {
            if (!MappedValue.isEmpty(field.getValue())) {
                fields.set(field.getKey(), field.getValue());
            }
        });
        if (upsert) {
            fields.remove(List.of(idField, "Id"));
        }
        return new PlannedRecord(
                name, target.operation(), apiName(target.object()), idField, idValue, fields, links, false);
    }

    /** The same record, looked up instead of written. */
    PlannedRecord asLookedUp() {
        return new PlannedRecord(
                name, operation, object, idField, idValue, JsonNodeFactory.instance.objectNode(), Map.of(), true);
    }

    boolean isUpsert() {
        return operation == Target.Salesforce.Operation.UPSERT;
    }

    /** The key of an upserted record in the org (semantics 20). */
    Stream<String> key() {
        // API names are case-insensitive
        return isUpsert() && !lookedUp
                ? Stream.of((object + "/" + idField + "/").toLowerCase(Locale.ROOT) + idValue)
                : Stream.empty();
    }

    /** API names of all written fields, including the external id. */
    Stream<String> fieldNames() {
        Stream<String> own =
                Stream.concat(fields.properties().stream().map(Map.Entry::getKey), links.keySet().stream());
        return isUpsert() ? Stream.concat(Stream.of(idField), own) : own;
    }

    /** Ids of the referenced records, which Salesforce locks during the write. */
    Stream<String> parents(ObjectFields described) {
        List<String> ids = new ArrayList<>();
        fields.properties().forEach(field -> {
            boolean refers = described
                    .field(field.getKey())
                    .map(known -> known.type().equals("reference"))
                    .orElse(field.getKey().endsWith("Id"));
            String text = MappedValue.text(field.getValue());
            // the first 15 characters identify a record; the last 3 encode their case
            if (refers && ID.matcher(text).matches()) {
                ids.add(text.substring(0, 15));
            }
        });
        return ids.stream();
    }

    /**
     * The fields, fitted to the org's description.
     *
     * @param described the object's description
     * @param exists whether the record is known to exist, so that create-only fields are omitted
     * @param notes receives the changes
     * @throws BodyFault if a required field has no value
     */
    ObjectNode fitted(ObjectFields described, boolean exists, List<String> notes) {
        ObjectNode fitted = JsonNodeFactory.instance.objectNode();
        fields.properties().forEach(field -> {
            ObjectFields.Field known = described.field(field.getKey()).orElse(null);
            if (known == null) {
                fitted.set(field.getKey(), field.getValue());
            } else if (!(isUpsert() && exists && known.createable() && !known.updateable())) {
                fitted.set(field.getKey(), FieldFit.fit(known, field.getValue(), notes));
            }
        });
        if (!isUpsert()) {
            described.byName().values().stream()
                    .filter(ObjectFields.Field::required)
                    .map(ObjectFields.Field::name)
                    .filter(name -> !has(name))
                    .findFirst()
                    .ifPresent(name -> {
                        throw new BodyFault("the event has no value for " + name + ", which " + object + " requires");
                    });
        }
        return fitted;
    }

    private boolean has(String field) {
        return links.keySet().stream().anyMatch(field::equalsIgnoreCase)
                || fields.properties().stream().map(Map.Entry::getKey).anyMatch(field::equalsIgnoreCase);
    }

    private static String idField(Target.Salesforce target) {
        return apiName(target.externalId()
                .orElseThrow(() -> new BodyFault("the webhook upserts without naming an external id field")));
    }

    private static String idValue(Target.Salesforce target, String field, JsonNode event, FieldSizes sizes) {
        JsonNode value = target.externalIdValue()
                .orElseThrow(() -> new BodyFault("the webhook names no value for the external id field " + field))
                .of(field, event);
        sizes.add(value);
        if (MappedValue.isEmpty(value)) {
            throw new BodyFault("the event has no value for the external id field " + field);
        }
        String text = MappedValue.text(value);
        // a dot segment would change the path, in any encoding
        if (!value.isValueNode() || text.equals(".") || text.equals("..")) {
            throw new BodyFault("the value for the external id field " + field + " is not a usable id");
        }
        return text;
    }

    private static String apiName(String name) {
        if (!API_NAME.matcher(name).matches()) {
            throw new BodyFault("'" + name + "' is not an API name of Salesforce");
        }
        return name;
    }

    private static ObjectNode values(Target.Salesforce target, JsonNode event, FieldSizes sizes) {
        if (!target.fields().isEmpty()) {
            ObjectNode computed = JsonNodeFactory.instance.objectNode();
            target.fields().forEach((name, value) -> computed.set(name, sizes.add(value.of(name, event))));
            return computed;
        }
        if (!target.object().equals(TaskFields.OBJECT)) {
            throw new BodyFault(
                    "the webhook names no fields for " + target.object() + "; only Task has a default mapping");
        }
        return CallTask.of(event);
    }
}
