package io.engagementwebhooks.deliver.contentsquare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.engagementwebhooks.webhook.BodyFault;
import io.engagementwebhooks.webhook.ContentsquareConnection.SchemaField;
import io.engagementwebhooks.webhook.ContentsquareConnection.SchemaField.Type;
import io.engagementwebhooks.webhook.FieldValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The values of one enrichment, typed by the schema.
 *
 * @param values by field name, in the schema's order: Integer, Double, Boolean or String
 * @param notes what the customer should know: texts that were cut, values that did not fit an optional field
 */
record Enrichment(Map<String, Object> values, List<String> notes) {

    /** What names a person: a phone number is personal data at Contentsquare, so none is sent unless it is asked for. */
    private static final Set<String> CALLER =
            Set.of("anum", "anum_md5", "cnum", "caller", "caller_number", "phone", "phone_number", "msisdn");

    /**
     * @param event the event
     * @param fields what the webhook names; empty: each schema field from the field of the same name in data
     * @throws BodyFault naming the field, if a required one has no value or one is not in the schema
     */
    static Enrichment of(JsonNode event, Map<String, FieldValue> fields, List<SchemaField> schema) {
        refuseUnknown(fields, schema);
        Enrichment enrichment = new Enrichment(new LinkedHashMap<>(), new ArrayList<>());
        for (SchemaField field : schema) {
            enrichment.put(field, value(field.name(), event, fields));
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

    private static JsonNode value(String name, JsonNode event, Map<String, FieldValue> fields) {
        if (!fields.isEmpty()) {
            FieldValue asked = fields.get(name);
            return asked == null ? MissingNode.getInstance() : asked.of(event);
        }
        return CALLER.contains(name)
                ? MissingNode.getInstance()
                : event.path("data").path(name);
    }

    private void put(SchemaField field, JsonNode value) {
        if (isEmpty(value)) {
            if (!field.optional()) {
                throw new BodyFault("the field " + field.name() + " is required and has no value in the event");
            }
            return;
        }
        Optional<Object> typed = TypedValue.of(field.type(), value);
        if (typed.isPresent()) {
            values.put(field.name(), typed.get());
            noteCut(field, value, typed.get());
        } else if (field.optional()) {
            notes.add(field.name() + " left out: not a value of type " + field.type());
        } else {
            throw new BodyFault("the value of the field " + field.name() + " is not of type " + field.type());
        }
    }

    private void noteCut(SchemaField field, JsonNode value, Object typed) {
        if (field.type() == Type.STRING && !typed.equals(TypedValue.text(value))) {
            notes.add(field.name() + " cut to " + TypedValue.STRING_BYTES + " bytes");
        }
    }

    private static boolean isEmpty(JsonNode value) {
        return value == null
                || value.isMissingNode()
                || value.isNull()
                || (value.isTextual() && value.textValue().isEmpty());
    }
}
