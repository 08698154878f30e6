package io.engagementwebhooks.deliver.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Target.SalesforceComposite;
import io.engagementwebhooks.webhook.template.BodyFault;
import io.engagementwebhooks.webhook.template.FieldSizes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;

/**
 * The planned records of one request.
 *
 * @param kind the shape of request and response
 * @param records the records; empty if the webhook sends its own body
 */
record OrgWrite(Kind kind, List<PlannedRecord> records) {

    /** {@link OrgWrite}: set by step <i>build-record</i>. */
    static final String PROPERTY = "salesforceWrite";

    /** Map of API names to {@link ObjectFields}: descriptions of the written objects. */
    static final String OBJECTS = "salesforceObjects";

    /** {@link com.fasterxml.jackson.databind.node.ObjectNode}: the request, fitted to the org's descriptions. */
    static final String FITTED = "salesforceFitted";

    /** Boolean: whether the first byte of the last request was sent, even if its answer was not read for a reason of ours. */
    private static final String SENT = "salesforceSent";

    /** The shapes of requests. */
    enum Kind {
        /** one record, or one platform event */
        RECORD,
        /** several records, all or none */
        COMPOSITE,
        /** the webhook's own body */
        OWN
    }

    OrgWrite {
        records = List.copyOf(records);
    }

    static OrgWrite own() {
        return new OrgWrite(Kind.OWN, List.of());
    }

    static OrgWrite of(Target.Salesforce target, JsonNode event) {
        return new OrgWrite(
                Kind.RECORD, List.of(PlannedRecord.of("record", target, Map.of(), event, new FieldSizes())));
    }

    /** Omits parts whose condition is false, and links to them. */
    static OrgWrite of(SalesforceComposite target, JsonNode event) {
        List<PlannedRecord> records = new ArrayList<>();
        Set<String> written = new HashSet<>();
        FieldSizes sizes = new FieldSizes();
        for (SalesforceComposite.Part part : target.parts()) {
            if (isIncluded(part, event)) {
                Map<String, String> links = new LinkedHashMap<>(part.links());
                links.values().retainAll(written);
                records.add(PlannedRecord.of(part.name(), part.record(), links, event, sizes));
                written.add(part.name());
            }
        }
        return new OrgWrite(Kind.COMPOSITE, records);
    }

    private static boolean isIncluded(SalesforceComposite.Part part, JsonNode event) {
        try {
            return part.when()
                    .map(program -> BooleanNode.TRUE.equals(program.first(event)))
                    .orElse(true);
        } catch (BodyFault e) {
            throw new BodyFault("'when' of record '" + part.name() + "' cannot be computed: " + e.getMessage());
        }
    }

    /**
     * A copy without superseded records. One that another record links to is looked up instead, to keep the link.
     *
     * @param newer the id of the newer event of a record, if any
     * @param notes receives the reasons
     */
    OrgWrite without(Function<PlannedRecord, Optional<String>> newer, List<String> notes) {
        List<PlannedRecord> kept = new ArrayList<>();
        Set<String> linked = new HashSet<>();
        // backwards, since links point to earlier records
        for (int i = records.size() - 1; i >= 0; i--) {
            PlannedRecord record = records.get(i);
            Optional<String> event = newer.apply(record);
            event.ifPresent(
                    id -> notes.add("record '" + record.name() + "' left as it is: superseded by a newer event"));
            if (event.isEmpty()) {
                kept.add(0, record);
                linked.addAll(record.links().values());
            } else if (linked.contains(record.name())) {
                kept.add(0, record.asLookedUp());
            }
        }
        return new OrgWrite(kind, kept);
    }

    static OrgWrite of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, OrgWrite.class);
    }

    @SuppressWarnings("unchecked")
    static Map<String, ObjectFields> objects(Exchange exchange) {
        return exchange.getProperty(OBJECTS, Map.of(), Map.class);
    }

    static void sent(Exchange exchange, boolean isSent) {
        exchange.setProperty(SENT, isSent);
    }

    static boolean isSent(Exchange exchange) {
        return exchange.getProperty(SENT, false, Boolean.class);
    }

    /** API names of the written objects. */
    Set<String> objects() {
        return records.stream().map(PlannedRecord::object).collect(Collectors.toSet());
    }

    /** The keys of the upserted records (semantics 20). */
    Set<String> keys() {
        return records.stream().flatMap(PlannedRecord::key).collect(Collectors.toSet());
    }

    /** Ids of the referenced records. */
    Set<String> parents(Map<String, ObjectFields> described) {
        return records.stream()
                .flatMap(record -> record.parents(known(record.object(), described)))
                .collect(Collectors.toSet());
    }

    /** Whether the request is idempotent. */
    boolean isRepeatable() {
        return !records.isEmpty() && records.stream().allMatch(PlannedRecord::isUpsert);
    }

    /** The description of an object, or its standard fields without one. */
    static ObjectFields known(String object, Map<String, ObjectFields> described) {
        ObjectFields fields = described.get(object);
        return fields == null ? TaskFields.knownOf(object) : fields;
    }
}
