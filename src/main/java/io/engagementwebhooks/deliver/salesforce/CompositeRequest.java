package io.engagementwebhooks.deliver.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Builds a composite request: several records, all or none.
 *
 * @see <a
 *     href="https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_composite.htm">Composite</a>
 */
final class CompositeRequest {

    private static final String REFERENCE = "@{";

    private CompositeRequest() {}

    static String path(String apiVersion) {
        return "/services/data/v" + apiVersion + "/composite";
    }

    /** @param bodies the records' fitted fields, in the same order */
    static ObjectNode of(List<PlannedRecord> records, List<ObjectNode> bodies, String apiVersion, List<String> notes) {
        ObjectNode request = JsonNodeFactory.instance.objectNode();
        request.put("allOrNone", true);
        ArrayNode parts = request.putArray("compositeRequest");
        Set<String> lookedUp = records.stream()
                .filter(PlannedRecord::lookedUp)
                .map(PlannedRecord::name)
                .collect(Collectors.toSet());
        for (int i = 0; i < records.size(); i++) {
            PlannedRecord record = records.get(i);
            ObjectNode part = parts.addObject();
            part.put("method", method(record));
            part.put("url", url(record, apiVersion));
            part.put("referenceId", record.name());
            if (!record.lookedUp()) {
                ObjectNode body = part.putObject("body");
                fields(body, bodies.get(i), notes);
                // a write returns 'id', a lookup returns all fields
                record.links()
                        .forEach((field, other) ->
                                body.put(field, REFERENCE + other + (lookedUp.contains(other) ? ".Id}" : ".id}")));
            }
        }
        return request;
    }

    /** The HTTP method of a record's part. */
    static String method(PlannedRecord record) {
        if (record.lookedUp()) {
            return "GET";
        }
        return record.isUpsert() ? "PATCH" : "POST";
    }

    /** The URL of a record's part. */
    static String url(PlannedRecord record, String apiVersion) {
        String url = "/services/data/v" + apiVersion + "/sobjects/" + record.object();
        return record.isUpsert() ? url + "/" + record.idField() + "/" + encoded(record.idValue()) : url;
    }

    private static String encoded(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static void fields(ObjectNode body, ObjectNode fitted, List<String> notes) {
        fitted.properties().forEach(field -> body.set(field.getKey(), plain(field.getKey(), field.getValue(), notes)));
    }

    /** Breaks up texts that Salesforce would read as a reference to another record of the request. */
    private static JsonNode plain(String field, JsonNode value, List<String> notes) {
        if (!value.isTextual() || !value.textValue().contains(REFERENCE)) {
            return value;
        }
        notes.add(field + ": '@{' written as '@ {'");
        return JsonNodeFactory.instance.textNode(value.textValue().replace(REFERENCE, "@ {"));
    }
}
