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
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Reads what a webhook writes to Salesforce. */
final class SalesforceTargetReader {

    private static final String DEFAULT_OBJECT = "Task";
    private static final String EVENT_SUFFIX = "__e";
    private static final String COMPOSITE = "composite";
    private static final String RAW = "raw";
    private static final Pattern API_NAME = Pattern.compile("[A-Za-z]\\w*(\\.\\w+)*");
    private static final Pattern PART_NAME = Pattern.compile("[A-Za-z]\\w{0,29}");
    private static final String EXTERNAL_ID = "the external id field that upsert goes by, such as Call_Id__c";
    private static final Map<String, Salesforce.Operation> OF_ONE_RECORD = Map.of(
            "create", Salesforce.Operation.CREATE,
            "upsert", Salesforce.Operation.UPSERT,
            "platform-event", Salesforce.Operation.PLATFORM_EVENT);

    /** The keys of each operation, besides the operation itself. */
    private static final Map<String, Set<String>> KEYS = Map.of(
            "create",
            Set.of("object", "fields"),
            "upsert",
            Set.of("object", "externalId", "externalIdValue", "fields"),
            "platform-event",
            Set.of("object", "fields"),
            COMPOSITE,
            Set.of("records"),
            RAW,
            Set.of("path"));

    private SalesforceTargetReader() {}

    /** Whether the webhook sends a body of its own, so that keys of HTTP receivers stand beside. */
    static boolean isOwnRequest(Mapping delivery) {
        return delivery.peek("salesforce", "path").isPresent()
                || delivery.peek("salesforce", "operation").filter(RAW::equals).isPresent();
    }

    static Optional<Target> read(Mapping delivery, SigningReader signings) {
        if (!delivery.has("salesforce")) {
            return Optional.of(new Salesforce(
                    Salesforce.Operation.CREATE, DEFAULT_OBJECT, Optional.empty(), Optional.empty(), Map.of()));
        }
        return delivery.mapping("salesforce", Part.SALESFORCE).flatMap(item -> target(delivery, item, signings));
    }

    private static Optional<Target> target(Mapping delivery, Mapping item, SigningReader signings) {
        Optional<String> operation = operation(item);
        if (operation.isEmpty() || !onlyKeysOf(operation.get(), item)) {
            return Optional.empty();
        }
        return switch (operation.get()) {
            case RAW -> HttpTargetReader.ownRequest(delivery, item, signings);
            case COMPOSITE -> composite(item);
            default -> record(item, OF_ONE_RECORD.get(operation.get())).map(Target.class::cast);
        };
    }

    /** What is asked for; where nothing is, what the other keys tell. */
    private static Optional<String> operation(Mapping item) {
        if (item.has("operation")) {
            Map<String, String> words = new LinkedHashMap<>();
            KEYS.keySet().forEach(word -> words.put(word, word));
            return item.choice("operation", words, Map.of());
        }
        if (item.has("path")) {
            return Optional.of(RAW);
        }
        if (item.has("records")) {
            return Optional.of(COMPOSITE);
        }
        return Optional.of(ofOneRecord(item));
    }

    private static String ofOneRecord(Mapping item) {
        if (item.has("externalId")) {
            return "upsert";
        }
        boolean event =
                item.peek("object").filter(name -> name.endsWith(EVENT_SUFFIX)).isPresent();
        return event ? "platform-event" : "create";
    }

    private static boolean onlyKeysOf(String operation, Mapping item) {
        boolean only = true;
        for (String key : item.keys()) {
            boolean foreign = Part.SALESFORCE.keys().contains(key)
                    && !key.equals("operation")
                    && !KEYS.get(operation).contains(key);
            if (foreign) {
                boolean byId = key.startsWith("externalId");
                item.fault(
                        key,
                        "operation '" + operation + "' does not " + (byId ? "go by" : "take") + " '" + key + "'",
                        byId
                                ? "write operation: upsert, or remove it"
                                : "it takes " + String.join(", ", new TreeSet<>(KEYS.get(operation))));
                only = false;
            }
        }
        return only;
    }

    private static Optional<Salesforce> record(Mapping item, Salesforce.Operation operation) {
        int before = item.reading().faults().count();
        String object =
                item.has("object") ? apiName(item, "object", "such as Task").orElse("") : DEFAULT_OBJECT;
        checkObject(item, operation, object);
        Optional<String> externalId = Optional.empty();
        Optional<FieldValue> externalIdValue = Optional.empty();
        if (operation == Salesforce.Operation.UPSERT) {
            externalId = apiName(item, "externalId", EXTERNAL_ID);
            externalIdValue = externalIdValue(item);
        }
        Map<String, FieldValue> fields = ThirdPartyReader.fields(item);
        checkFields(item, object, externalId, fields);
        return item.reading().faults().count() > before
                ? Optional.empty()
                : Optional.of(new Salesforce(operation, object, externalId, externalIdValue, fields));
    }

    private static void checkObject(Mapping item, Salesforce.Operation operation, String object) {
        boolean event = object.endsWith(EVENT_SUFFIX);
        if (operation == Salesforce.Operation.PLATFORM_EVENT && !event && !object.isEmpty()) {
            item.fault(
                    item.has("object") ? "object" : "operation",
                    "object '" + object + "' is no platform event",
                    "give 'object', the event's API name, which ends with " + EVENT_SUFFIX);
        } else if (operation != Salesforce.Operation.PLATFORM_EVENT && event) {
            item.fault("object", "object '" + object + "' is a platform event", "write operation: platform-event");
        }
    }

    private static Optional<FieldValue> externalIdValue(Mapping item) {
        if (!item.has("externalIdValue")) {
            item.need("externalIdValue", "the external id's value, such as \"{cdr_id}\"");
            return Optional.empty();
        }
        return item.node("externalIdValue").flatMap(node -> ThirdPartyReader.value(item, "externalIdValue", node));
    }

    private static void checkFields(
            Mapping item, String object, Optional<String> externalId, Map<String, FieldValue> fields) {
        for (String field : fields.keySet()) {
            if (!API_NAME.matcher(field).matches()) {
                item.fault("fields", "field '" + Shown.of(field) + "' is no API name", "such as CallDurationInSeconds");
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

    private static Optional<Target> composite(Mapping item) {
        int before = item.reading().faults().count();
        List<YamlNode> nodes = item.list("records");
        if (nodes.isEmpty() || nodes.size() > SalesforceComposite.MOST) {
            String way = "1 to " + SalesforceComposite.MOST + " records: [{name, object, fields, …}, …]";
            item.fault("records", "operation 'composite' has " + nodes.size() + " 'records'", way);
        }
        List<SalesforceComposite.Part> parts = new ArrayList<>();
        Set<String> names = new LinkedHashSet<>();
        for (YamlNode node : nodes) {
            Mapping.open(
                            node,
                            io.engagementwebhooks.webhook.config.Part.SALESFORCE_RECORD,
                            item.resource(),
                            item.reading())
                    .flatMap(part -> part(part, names))
                    .ifPresent(parts::add);
        }
        return item.reading().faults().count() > before
                ? Optional.empty()
                : Optional.of(new SalesforceComposite(parts));
    }

    private static Optional<SalesforceComposite.Part> part(Mapping item, Set<String> names) {
        String object = item.peek("object").orElse(DEFAULT_OBJECT);
        String name = item.has("name")
                ? item.text("name").orElse("")
                : object.replaceAll("\\W|__[a-z]$", "").toLowerCase(java.util.Locale.ROOT);
        Map<String, String> links = links(item, names);
        if (!PART_NAME.matcher(name).matches() || !names.add(name)) {
            item.fault(
                    "name",
                    "record '" + name + "' needs a 'name' of its own",
                    "letters, digits and '_', at most 30, the first a letter");
        }
        Optional<JqProgram> when = when(item);
        Salesforce.Operation operation =
                item.has("externalId") ? Salesforce.Operation.UPSERT : Salesforce.Operation.CREATE;
        if (operation == Salesforce.Operation.CREATE && item.has("externalIdValue")) {
            item.need("externalId", EXTERNAL_ID);
        }
        return record(item, operation).map(record -> new SalesforceComposite.Part(name, when, record, links));
    }

    private static Optional<JqProgram> when(Mapping item) {
        return item.literal("when").flatMap(text -> {
            try {
                return Optional.of(item.reading().compiled().condition(text));
            } catch (IllegalArgumentException e) {
                item.fault("when", "'when': " + e.getMessage(), "such as .data.customer_id == null");
                return Optional.empty();
            }
        });
    }

    private static Map<String, String> links(Mapping item, Set<String> earlier) {
        Map<String, String> links = new LinkedHashMap<>();
        item.names("links").ifPresent(entries -> {
            for (String field : entries.keys()) {
                entries.text(field).ifPresent(name -> {
                    String shown = entries.literal(field).map(Shown::of).orElse("");
                    if (!API_NAME.matcher(field).matches() || !earlier.contains(name)) {
                        entries.fault(
                                field,
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

    private static Optional<String> apiName(Mapping item, String key, String what) {
        Optional<String> name = item.need(key, what);
        if (name.isPresent() && !API_NAME.matcher(name.get()).matches()) {
            item.fault(key, "'" + key + "' is no API name", what);
            return Optional.empty();
        }
        return name;
    }
}
