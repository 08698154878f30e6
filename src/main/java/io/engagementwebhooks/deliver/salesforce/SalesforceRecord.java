package io.engagementwebhooks.deliver.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.Progress;
import io.engagementwebhooks.store.RecordKey;
import io.engagementwebhooks.webhook.Authentication;
import io.engagementwebhooks.webhook.BodyFault;
import io.engagementwebhooks.webhook.FieldValue;
import io.engagementwebhooks.webhook.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.salesforce.SalesforceEndpointConfig;

/**
 * Step <i>build-record</i>: the record as JSON text in the message's body, what to do with it in the property
 * {@value #OPERATION}, and exactly the headers that Camel's Salesforce component needs. Every other header is removed
 * first, since the component lets headers steer it. Thread-safe.
 *
 * @throws BodyFault if the webhook asks for a record that cannot be made from this event
 */
public final class SalesforceRecord implements Processor {

    /** String: the operation of Camel's Salesforce component. */
    public static final String OPERATION = "salesforceOperation";

    private static final Pattern API_NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_]*");

    @Override
    public void process(Exchange exchange) {
        Delivery delivery = Progress.delivery(exchange);
        exchange.setProperty(Progress.DELIVERY, delivery);
        Target.Salesforce target =
                (Target.Salesforce) delivery.webhook().delivery().target();
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        message.setHeader(SalesforceEndpointConfig.SOBJECT_NAME, apiName(target.object()));
        message.setHeader(
                OrgRequest.TIMEOUT_HEADER,
                Long.toString(delivery.webhook().delivery().timeout().toMillis()));
        if (target.operation() == Target.Salesforce.Operation.UPSERT) {
            exchange.setProperty(OPERATION, "upsertSObject");
            identify(message, target, delivery.content());
            exchange.setProperty(Progress.RECORD, written(delivery, target, message));
        } else {
            exchange.setProperty(OPERATION, "createSObject");
        }
        List<String> notes = new ArrayList<>();
        message.setBody(record(target, delivery.content(), notes).toString());
        note(exchange, notes);
    }

    private static void identify(Message message, Target.Salesforce target, JsonNode event) {
        String field = target.externalId()
                .orElseThrow(() -> new BodyFault("the webhook upserts without naming an external id field"));
        JsonNode value = target.externalIdValue()
                .orElseThrow(() -> new BodyFault("the webhook names no value for the external id field " + field))
                .of(event);
        message.setHeader(SalesforceEndpointConfig.SOBJECT_EXT_ID_NAME, apiName(field));
        message.setHeader(SalesforceEndpointConfig.SOBJECT_EXT_ID_VALUE, idText(field, value));
    }

    /** Writes to one record go in the order of events; what is created is a record of its own. */
    private static RecordKey written(Delivery delivery, Target.Salesforce target, Message message) {
        Authentication.Salesforce org =
                (Authentication.Salesforce) delivery.webhook().delivery().authentication();
        return RecordKey.of(
                delivery.webhook().account(),
                "salesforce",
                org.connection().name(),
                target.object(),
                message.getHeader(SalesforceEndpointConfig.SOBJECT_EXT_ID_NAME),
                message.getHeader(SalesforceEndpointConfig.SOBJECT_EXT_ID_VALUE));
    }

    private static String idText(String field, JsonNode value) {
        if (isEmpty(value)) {
            throw new BodyFault("the event has no value for the external id field " + field);
        }
        String text = TaskFields.text(value);
        // a path segment that means another path, whatever encoding it has
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

    private static ObjectNode record(Target.Salesforce target, JsonNode event, List<String> notes) {
        boolean task = target.object().equals(TaskFields.OBJECT);
        ObjectNode record = JsonNodeFactory.instance.objectNode();
        values(target, event).properties().forEach(field -> {
            if (!isEmpty(field.getValue())) {
                JsonNode value = field.getValue();
                record.set(field.getKey(), task ? TaskFields.fit(field.getKey(), value, notes) : value);
            }
        });
        if (target.operation() == Target.Salesforce.Operation.UPSERT) {
            target.externalId().ifPresent(record::remove);
            record.remove("Id");
        }
        return record;
    }

    private static ObjectNode values(Target.Salesforce target, JsonNode event) {
        if (!target.fields().isEmpty()) {
            return computed(target.fields(), event);
        }
        if (!target.object().equals(TaskFields.OBJECT)) {
            throw new BodyFault(
                    "the webhook names no fields for " + target.object() + "; only Task has a default mapping");
        }
        return CallTask.of(event);
    }

    private static ObjectNode computed(Map<String, FieldValue> fields, JsonNode event) {
        ObjectNode computed = JsonNodeFactory.instance.objectNode();
        fields.forEach((name, value) -> computed.set(name, value.of(event)));
        return computed;
    }

    private static boolean isEmpty(JsonNode value) {
        return value == null
                || value.isMissingNode()
                || value.isNull()
                || (value.isTextual() && value.textValue().isEmpty());
    }

    private static void note(Exchange exchange, List<String> notes) {
        if (!notes.isEmpty()) {
            exchange.setProperty(Progress.NOTE, String.join("; ", notes));
        }
    }
}
