package io.engagementwebhooks.config.read;

import io.engagementwebhooks.config.schema.Mapping;
import io.engagementwebhooks.webhook.Shown;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Target.Salesforce;
import io.engagementwebhooks.webhook.Target.SalesforceComposite;
import io.engagementwebhooks.webhook.jq.JqProgram;
import io.engagementwebhooks.webhook.template.FieldValue;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads a webhook's Salesforce target. */
final class SalesforceTargetReader {

    private static final String DEFAULT_OBJECT = "Task";
    private static final String EVENT_SUFFIX = "__e";
    private static final Pattern API_NAME = Pattern.compile("[A-Za-z]\\w*(\\.\\w+)*");

    /** The form of record names. */
    private static final Pattern RECORD_NAME = Pattern.compile("[A-Za-z]\\w{0,29}");

    private SalesforceTargetReader() {}

    static Target read(Mapping delivery, SigningReader signings) {
        return delivery.mapping("salesforce")
                .map(item -> target(delivery, item, signings))
                .orElseGet(() -> new Salesforce(
                        Salesforce.Operation.CREATE, DEFAULT_OBJECT, Optional.empty(), Optional.empty(), Map.of()));
    }

    private static Target target(Mapping delivery, Mapping item, SigningReader signings) {
        return switch (item.find("operation").orElseGet(() -> operation(item))) {
            case "raw" -> HttpTargetReader.ownRequest(delivery, item, signings);
            case "composite" -> composite(item);
            case "upsert" -> record(item, Salesforce.Operation.UPSERT);
            case "platform-event" -> record(item, Salesforce.Operation.PLATFORM_EVENT);
            default -> record(item, Salesforce.Operation.CREATE);
        };
    }

    /** The default operation, from the other keys. */
    private static String operation(Mapping item) {
        if (item.has("path")) {
            return "raw";
        }
        return item.has("records") ? "composite" : ofOneRecord(item);
    }

    private static String ofOneRecord(Mapping item) {
        if (item.has("externalId")) {
            return "upsert";
        }
        return item.text("object").endsWith(EVENT_SUFFIX) ? "platform-event" : "create";
    }

    private static Salesforce record(Mapping item, Salesforce.Operation operation) {
        String object = item.text("object");
        checkObject(item, operation, object);
        boolean isUpsert = operation == Salesforce.Operation.UPSERT;
        Optional<String> externalId = isUpsert ? item.find("externalId") : Optional.empty();
        Optional<FieldValue> externalIdValue =
                isUpsert ? ThirdPartyReader.value(item, "externalIdValue") : Optional.empty();
        Map<String, FieldValue> fields = ThirdPartyReader.fields(item);
        checkFields(item, object, externalId, fields);
        return new Salesforce(operation, object, externalId, externalIdValue, fields);
    }

    private static void checkObject(Mapping item, Salesforce.Operation operation, String object) {
        boolean event = object.endsWith(EVENT_SUFFIX);
        if (operation == Salesforce.Operation.PLATFORM_EVENT && !event) {
            item.fault(
                    item.has("object") ? "object" : "operation",
                    "no-platform-event",
                    "object '" + object + "' is no platform event",
                    "give 'object', the event's API name, which ends with " + EVENT_SUFFIX);
        } else if (operation != Salesforce.Operation.PLATFORM_EVENT && event) {
            item.fault(
                    "object",
                    "platform-event",
                    "object '" + object + "' is a platform event",
                    "write operation: platform-event");
        }
    }

    private static void checkFields(
            Mapping item, String object, Optional<String> externalId, Map<String, FieldValue> fields) {
        for (String field : fields.keySet()) {
            if (!API_NAME.matcher(field).matches()) {
                item.fault(
                        "fields",
                        "api-name",
                        "field '" + Shown.of(field) + "' is no API name",
                        "such as CallDurationInSeconds");
            }
            if (externalId.filter(field::equalsIgnoreCase).isPresent()) {
                item.fault(
                        "fields",
                        "external-id-in-fields",
                        "'fields' holds the external id '" + field + "' too",
                        "externalIdValue sets it: remove it");
            }
        }
        if (!item.has("fields") && !object.equals(DEFAULT_OBJECT)) {
            item.fault(
                    "object",
                    "fields-required",
                    "object '" + object + "' lacks 'fields'",
                    "only Task has fields by default");
        }
    }

    private static Target composite(Mapping item) {
        Set<String> names = new LinkedHashSet<>();
        return new SalesforceComposite(item.mappings("records").stream()
                .flatMap(each -> Mapping.readable(() -> part(each, names)).stream())
                .toList());
    }

    private static SalesforceComposite.Part part(Mapping item, Set<String> names) {
        String name = item.find("name")
                .orElseGet(
                        () -> item.text("object").replaceAll("\\W|__[a-z]$", "").toLowerCase(Locale.ROOT));
        Map<String, String> links = links(item, names);
        if (!RECORD_NAME.matcher(name).matches() || !names.add(name)) {
            item.fault(
                    "name",
                    "record-name",
                    "record '" + name + "' needs its own 'name'",
                    "letters, digits and '_', at most 30, the first a letter");
        }
        Optional<JqProgram> when = item.condition("when", "such as .data.customer_id == null");
        Salesforce.Operation operation =
                item.has("externalId") ? Salesforce.Operation.UPSERT : Salesforce.Operation.CREATE;
        return new SalesforceComposite.Part(name, when, record(item, operation), links);
    }

    private static Map<String, String> links(Mapping item, Set<String> earlier) {
        Map<String, String> links = item.mapping("links").map(Mapping::texts).orElse(Map.of());
        links.forEach((field, name) -> {
            if (!API_NAME.matcher(field).matches() || !earlier.contains(name)) {
                Mapping entries = item.mapping("links").orElseThrow();
                entries.fault(
                        field,
                        "record-link",
                        "link '" + Shown.of(field) + ": " + Shown.of(entries.literal(field))
                                + "' names no earlier record",
                        earlier.isEmpty()
                                ? "records stand in the order in which they are written"
                                : "known: " + String.join(", ", earlier));
            }
        });
        return links;
    }
}
