package io.engagementwebhooks.webhook.config;

import io.engagementwebhooks.webhook.FieldValue;
import io.engagementwebhooks.webhook.Shown;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Target.Salesforce;
import io.engagementwebhooks.webhook.Target.SalesforceComposite;
import io.engagementwebhooks.webhook.jq.JqProgram;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
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

    static Optional<Target> read(Mapping delivery, SigningReader signings) {
        if (!delivery.has("salesforce")) {
            return Optional.of(new Salesforce(
                    Salesforce.Operation.CREATE, DEFAULT_OBJECT, Optional.empty(), Optional.empty(), Map.of()));
        }
        return delivery.mapping("salesforce").flatMap(item -> target(delivery, item, signings));
    }

    private static Optional<? extends Target> target(Mapping delivery, Mapping item, SigningReader signings) {
        String operation = item.has("operation") ? item.text("operation").orElse("") : operation(item);
        return switch (operation) {
            case "raw" -> HttpTargetReader.ownRequest(delivery, item, signings);
            case "composite" -> composite(item);
            case "upsert" -> record(item, Salesforce.Operation.UPSERT);
            case "platform-event" -> record(item, Salesforce.Operation.PLATFORM_EVENT);
            case "create" -> record(item, Salesforce.Operation.CREATE);
            default -> Optional.empty();
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
        boolean event =
                item.text("object").filter(name -> name.endsWith(EVENT_SUFFIX)).isPresent();
        return event ? "platform-event" : "create";
    }

    private static Optional<Salesforce> record(Mapping item, Salesforce.Operation operation) {
        String object = item.text("object").orElse("");
        checkObject(item, operation, object);
        boolean isUpsert = operation == Salesforce.Operation.UPSERT;
        Optional<String> externalId = isUpsert ? item.text("externalId") : Optional.empty();
        Optional<FieldValue> externalIdValue =
                isUpsert ? ThirdPartyReader.value(item, "externalIdValue") : Optional.empty();
        Map<String, FieldValue> fields = ThirdPartyReader.fields(item);
        checkFields(item, object, externalId, fields);
        return item.isFaulty()
                ? Optional.empty()
                : Optional.of(new Salesforce(operation, object, externalId, externalIdValue, fields));
    }

    private static void checkObject(Mapping item, Salesforce.Operation operation, String object) {
        boolean event = object.endsWith(EVENT_SUFFIX);
        if (operation == Salesforce.Operation.PLATFORM_EVENT && !event && !object.isEmpty()) {
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
        if (!item.has("fields") && !object.isEmpty() && !object.equals(DEFAULT_OBJECT)) {
            item.fault(
                    "object",
                    "fields-required",
                    "object '" + object + "' lacks 'fields'",
                    "only Task has fields by default");
        }
    }

    private static Optional<Target> composite(Mapping item) {
        List<SalesforceComposite.Part> parts = new ArrayList<>();
        Set<String> names = new LinkedHashSet<>();
        for (YamlNode node : item.list("records")) {
            Mapping.open(node, item.shapeOfItems("records"), item.resource(), item.reading())
                    .flatMap(part -> part(part, names))
                    .ifPresent(parts::add);
        }
        return item.isFaulty() ? Optional.empty() : Optional.of(new SalesforceComposite(parts));
    }

    private static Optional<SalesforceComposite.Part> part(Mapping item, Set<String> names) {
        String name = item.has("name")
                ? item.text("name").orElse("")
                : item.text("object")
                        .orElse(DEFAULT_OBJECT)
                        .replaceAll("\\W|__[a-z]$", "")
                        .toLowerCase(Locale.ROOT);
        Map<String, String> links = links(item, names);
        boolean isRefused = item.has("name") && name.isEmpty();
        if (!isRefused && (!RECORD_NAME.matcher(name).matches() || !names.add(name))) {
            item.fault(
                    "name",
                    "record-name",
                    "record '" + name + "' needs its own 'name'",
                    "letters, digits and '_', at most 30, the first a letter");
        }
        Optional<JqProgram> when = item.condition("when", "such as .data.customer_id == null");
        Salesforce.Operation operation =
                item.has("externalId") ? Salesforce.Operation.UPSERT : Salesforce.Operation.CREATE;
        return record(item, operation).map(record -> new SalesforceComposite.Part(name, when, record, links));
    }

    private static Map<String, String> links(Mapping item, Set<String> earlier) {
        Map<String, String> links = new LinkedHashMap<>();
        item.mapping("links").ifPresent(entries -> {
            for (String field : entries.present()) {
                entries.text(field).ifPresent(name -> {
                    String shown = Shown.of(entries.literal(field));
                    if (!API_NAME.matcher(field).matches() || !earlier.contains(name)) {
                        entries.fault(
                                field,
                                "record-link",
                                "link '" + Shown.of(field) + ": " + shown + "' names no earlier record",
                                earlier.isEmpty()
                                        ? "records stand in the order in which they are written"
                                        : "known: " + String.join(", ", earlier));
                    }
                    links.put(field, name);
                });
            }
        });
        return links;
    }
}
