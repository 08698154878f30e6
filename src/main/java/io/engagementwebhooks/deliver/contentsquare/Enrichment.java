package io.engagementwebhooks.deliver.contentsquare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.engagementwebhooks.deliver.request.MappedValue;
import io.engagementwebhooks.webhook.ContentsquareConnection.SchemaField;
import io.engagementwebhooks.webhook.ContentsquareConnection.SchemaField.Type;
import io.engagementwebhooks.webhook.template.BodyFault;
import io.engagementwebhooks.webhook.template.FieldValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The values of one enrichment, typed by the schema.
 *
 * @param values by field name, in the schema's order: Integer, Double, Boolean or String
 * @param notes for the customer: texts that were cut, optional values that did not fit
 */
record Enrichment(Map<String, Object> values, List<String> notes) {

    /**
     * @param event the event
     * @param fields the webhook's mapping, sent unchanged; if empty, the schema's mapping and conversion, or the field
     *     of the same name in data
     * @throws BodyFault if a required field has no value or a field is not in the schema; the message names it
     */
    static Enrichment of(JsonNode event, Map<String, FieldValue> fields, List<SchemaField> schema) {
        refuseUnknown(fields, schema);
        Enrichment enrichment = new Enrichment(new LinkedHashMap<>(), new ArrayList<>());
        for (SchemaField field : schema) {
            enrichment.put(field, event, fields);
        }
        return enrichment;
    }

    private static void refuseUnknown(Map<String, FieldValue> fields, List<SchemaField> schema) {
        for (String name : fields.keySet()) {
            if (schema.stream().noneMatch(field -> field.name().equals(name))) {
                throw new BodyFault("the field " + name + " is not in the schema of the Contentsquare connection");
            }
        }
    }

    private void put(SchemaField field, JsonNode event, Map<String, FieldValue> fields) {
        if (!fields.isEmpty()) {
            FieldValue asked = fields.get(field.name());
            JsonNode value = asked == null ? MissingNode.getInstance() : asked.of(field.name(), event);
            put(field, value, TypedValue.of(field.type(), field.zone(), value));
        } else if (field.from() != null) {
            converted(field, field.from().of(field.name(), event));
        } else if (CallerNumbers.isCallerNumber(field.name(), event.path("data"))) {
            leaveOut(field, "a caller's number is sent only where 'from' or 'fields' names it");
        } else {
            JsonNode value = event.path("data").path(field.name());
            converted(field, value.isContainerNode() ? MissingNode.getInstance() : value);
        }
    }

    private void converted(SchemaField field, JsonNode value) {
        put(field, value, TypedValue.converted(field, value));
    }

    private void put(SchemaField field, JsonNode value, Optional<Object> typed) {
        if (MappedValue.isEmpty(value)) {
            if (!field.optional()) {
                throw new BodyFault("the field " + field.name() + " is required and has no value in the event");
            }
        } else if (typed.isPresent()) {
            values.put(field.name(), typed.get());
            noteCut(field, value, typed.get());
        } else {
            leaveOut(field, "not a value of type " + field.type() + ", " + TypedValue.rule(field.type()));
        }
    }

    private void leaveOut(SchemaField field, String why) {
        if (!field.optional()) {
            throw new BodyFault("the field " + field.name() + " is required and cannot be sent: " + why);
        }
        notes.add(field.name() + " left out: " + why);
    }

    private void noteCut(SchemaField field, JsonNode value, Object typed) {
        if (field.type() == Type.STRING && !typed.equals(MappedValue.text(value))) {
            notes.add(field.name() + " cut to " + TypedValue.STRING_BYTES + " bytes");
        }
    }
}
