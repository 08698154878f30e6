package io.engagementwebhooks.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.testkit.SalesforceObjects.Field;
import io.engagementwebhooks.testkit.SalesforceObjects.SObject;
import io.engagementwebhooks.testkit.SalesforceStandIn.Entry;
import io.engagementwebhooks.testkit.SalesforceStandIn.Fault;
import io.engagementwebhooks.testkit.SalesforceStandIn.Reply;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The records of the stand-in and what writes them. Rules come from:
 *
 * <ul>
 *   <li>[rest] REST API Developer Guide: Create a Record, Insert or Update (Upsert) a Record Using an External ID
 *   <li>[composite] REST API Developer Guide: Composite; Using Reference IDs
 *   <li>[collections] REST API Developer Guide: sObject Collections: Create and Upsert Records
 *   <li>[events] Platform Events Developer Guide: Publish Event Messages with Salesforce APIs
 *   <li>[errors] REST API Developer Guide: Status Codes and Error Responses; SOAP API Developer Guide: StatusCode
 * </ul>
 *
 * Thread-safe.
 */
final class SalesforceRecords {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String SOBJECTS = SalesforceStandIn.DATA + "sobjects/";
    private static final Pattern REFERENCE = Pattern.compile("@\\{(\\w+)\\.(id|Id)}");
    private static final int MOST_PARTS = 25;
    private static final int MOST_OF_A_COLLECTION = 200;

    private final List<Entry> records = new ArrayList<>();
    private volatile int updateStatus = 200;

    void answerUpdatesWith(int status) {
        updateStatus = status;
    }

    synchronized List<Entry> all() {
        return List.copyOf(records);
    }

    synchronized void add(String object, ObjectNode fields) {
        store(object, fields);
    }

    /** A single record. [errors] METHOD_NOT_ALLOWED, NOT_FOUND. */
    synchronized Reply single(String method, List<String> parts, ObjectNode sent) {
        SObject object = SalesforceObjects.named(parts.get(0))
                .orElseThrow(() -> new Fault(404, "NOT_FOUND", "The requested resource does not exist"));
        if (parts.size() == 1 && method.equals("POST")) {
            return create(object, sent);
        }
        if (parts.size() == 3 && method.equals("GET")) {
            return lookUp(object, parts.get(1), parts.get(2));
        }
        if (parts.size() == 3 && method.equals("PATCH")) {
            return upsert(object, parts.get(1), parts.get(2), sent);
        }
        throw new Fault(405, "METHOD_NOT_ALLOWED", "HTTP Method '" + method + "' not allowed.");
    }

    /** [rest] 201 with id, success and an empty array of errors. */
    private Reply create(SObject object, ObjectNode sent) {
        SalesforceObjects.check(object, sent, true);
        if (object.isEvent()) {
            return new Reply(201, published(object, sent).toString());
        }
        object.fields().values().stream()
                .filter(Field::externalId)
                .filter(field -> sent.hasNonNull(field.name()))
                .forEach(field -> find(
                                object.name(),
                                field.name(),
                                sent.get(field.name()).asText())
                        .stream()
                        .findFirst()
                        .ifPresent(other -> {
                            // [errors] DUPLICATE_VALUE: a unique field holds a value that another record has
                            throw new Fault(
                                    400,
                                    "DUPLICATE_VALUE",
                                    "duplicate value found: " + field.name() + " duplicates value on record with id: "
                                            + other.id());
                        }));
        return new Reply(201, store(object.name(), sent).toString());
    }

    /** [events] a published event's answer is a success that holds an error: OPERATION_ENQUEUED. */
    private ObjectNode published(SObject object, ObjectNode sent) {
        ObjectNode answer = store(object.name(), sent).deepCopy();
        answer.withArray("errors")
                .addObject()
                .put("statusCode", "OPERATION_ENQUEUED")
                .put("message", "a8bd0d43-3c28-4a46-a1f9-ebd3d1e5a4b1")
                .putArray("fields");
        return answer;
    }

    /** [rest] sObject Rows by External ID: 200 with all fields and {@code Id}, 404, or 300 when several match. */
    private Reply lookUp(SObject object, String externalId, String value) {
        checkExternalId(object, externalId);
        List<Entry> existing = find(object.name(), externalId, value);
        if (existing.isEmpty()) {
            throw new Fault(404, "NOT_FOUND", "The requested resource does not exist");
        }
        if (existing.size() > 1) {
            return several(object, existing);
        }
        ObjectNode found = existing.get(0).fields().deepCopy();
        found.putObject("attributes").put("type", object.name());
        return new Reply(200, found.put("Id", existing.get(0).id()).toString());
    }

    /** [errors] NOT_FOUND: the field does not exist or is no external id. */
    private static void checkExternalId(SObject object, String externalId) {
        Field id = object.fields().get(externalId);
        if (id == null || !id.externalId()) {
            throw new Fault(
                    404, "NOT_FOUND", "Provided external ID field does not exist or is not accessible: " + externalId);
        }
    }

    /** [rest] 300: an array with the URLs of the records. */
    private static Reply several(SObject object, List<Entry> existing) {
        ArrayNode urls = JSON.arrayNode();
        existing.forEach(entry -> urls.add(SOBJECTS + object.name() + "/" + entry.id()));
        return new Reply(300, urls.toString());
    }

    /** [rest] 201 when created, 200 (204 before version 46.0) when updated, 300 when several match. */
    private Reply upsert(SObject object, String externalId, String value, ObjectNode sent) {
        checkExternalId(object, externalId);
        // [rest] "Don't specify the external ID field (or Id) in the body": INVALID_FIELD
        if (sent.has(externalId) || sent.has("Id")) {
            throw new Fault(
                    400, "INVALID_FIELD", "The " + externalId + " field should not be specified in the sobject data.");
        }
        List<Entry> existing = find(object.name(), externalId, value);
        if (existing.size() > 1) {
            return several(object, existing);
        }
        SalesforceObjects.check(object, sent, existing.isEmpty());
        if (existing.isEmpty()) {
            ObjectNode whole = sent.deepCopy();
            whole.put(externalId, value);
            SalesforceObjects.check(object, whole, true);
            return new Reply(
                    201, store(object.name(), whole).put("created", true).toString());
        }
        existing.get(0).fields().setAll(sent);
        return updateStatus == 204
                ? new Reply(204, "")
                : new Reply(
                        200, success(existing.get(0).id()).put("created", false).toString());
    }

    /** [composite] up to 25 parts, in their order; the answer is 200, each part has its own status. */
    synchronized Reply composite(ObjectNode sent) {
        JsonNode parts = sent.path("compositeRequest");
        if (!parts.isArray() || parts.isEmpty()) {
            throw new Fault(400, "JSON_PARSER_ERROR", "compositeRequest is required");
        }
        // [composite] "You can have up to 25 subrequests in a single call"
        if (parts.size() > MOST_PARTS) {
            throw new Fault(400, "BAD_REQUEST", "Limit of " + MOST_PARTS + " subrequests per composite exceeded");
        }
        List<Entry> before = copy();
        Map<String, String> ids = new HashMap<>();
        List<ObjectNode> answers = new ArrayList<>();
        boolean failed = false;
        for (JsonNode part : parts) {
            ObjectNode answer = part(part, ids);
            failed |= answer.path("httpStatusCode").asInt() / 100 != 2;
            answers.add(answer);
        }
        if (failed && sent.path("allOrNone").asBoolean()) {
            undo(before);
            answers.forEach(SalesforceRecords::halt);
        }
        ObjectNode answer = JSON.objectNode();
        answers.forEach(answer.putArray("compositeResponse")::add);
        return new Reply(200, answer.toString());
    }

    private ObjectNode part(JsonNode part, Map<String, String> ids) {
        String reference = part.path("referenceId").asText();
        // [composite] a referenceId starts with a letter, holds letters, digits and _, and is there once
        if (!reference.matches("[A-Za-z]\\w*") || ids.containsKey(reference)) {
            throw new Fault(400, "BAD_REQUEST", "Provided reference ID '" + reference + "' is invalid");
        }
        ObjectNode answer = JSON.objectNode();
        try {
            String url = part.path("url").asText();
            if (!url.startsWith(SOBJECTS)) {
                throw new Fault(404, "NOT_FOUND", "The requested resource does not exist");
            }
            ObjectNode body =
                    resolved(part.path("body").isObject() ? (ObjectNode) part.get("body") : JSON.objectNode(), ids);
            Reply reply = single(part.path("method").asText(), segments(url.substring(SOBJECTS.length())), body);
            JsonNode content = SalesforceStandIn.parsed(reply.body());
            // [composite] names of fields are those of the answer: 'id' of what was written, 'Id' of what was read
            ids.put(reference, "");
            for (String field : List.of("id", "Id")) {
                ids.put(reference + "." + field, content.path(field).asText(""));
            }
            answer.set("body", content);
            answer.put("httpStatusCode", reply.status());
        } catch (Fault fault) {
            ids.put(reference, "");
            answer.set("body", fault.body());
            answer.put("httpStatusCode", fault.status());
        }
        answer.putObject("httpHeaders");
        return answer.put("referenceId", reference);
    }

    /** [composite] "@{referenceId.fieldName}" takes the value from an earlier part's answer. */
    private static ObjectNode resolved(ObjectNode body, Map<String, String> ids) {
        ObjectNode resolved = body.deepCopy();
        body.properties().forEach(field -> {
            Matcher reference = REFERENCE.matcher(field.getValue().asText());
            if (field.getValue().isTextual() && reference.find()) {
                String id = ids.getOrDefault(reference.group(1) + "." + reference.group(2), "");
                if (id.isEmpty()) {
                    throw new Fault(
                            400,
                            "PROCESSING_HALTED",
                            "Invalid reference specified. No value for " + reference.group() + " found");
                }
                resolved.put(field.getKey(), reference.replaceAll(id));
            } else if (field.getValue().asText().contains("@{")) {
                throw new Fault(400, "PROCESSING_HALTED", "Invalid reference specified: " + field.getValue());
            }
        });
        return resolved;
    }

    /** [composite] with allOrNone, parts that worked are undone and say PROCESSING_HALTED. */
    private static void halt(ObjectNode answer) {
        if (answer.path("httpStatusCode").asInt() / 100 == 2) {
            answer.put("httpStatusCode", 400);
            answer.set(
                    "body",
                    new Fault(
                                    400,
                                    "PROCESSING_HALTED",
                                    "The transaction was rolled back since another operation in the same transaction"
                                            + " failed.")
                            .body());
        }
    }

    /** [collections] up to 200 records; 200, one result per record in their order. */
    synchronized Reply collection(String method, List<String> parts, ObjectNode sent) {
        JsonNode given = sent.path("records");
        if (!given.isArray() || given.size() > MOST_OF_A_COLLECTION) {
            throw new Fault(400, "EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than 200 records");
        }
        List<Entry> before = copy();
        ArrayNode results = JSON.arrayNode();
        boolean failed = false;
        for (JsonNode one : given) {
            // [errors] JSON_PARSER_ERROR: a request with a value of another type than its field's is refused whole
            ObjectNode result = member(method, parts, (ObjectNode) one.deepCopy(), before);
            failed |= !result.path("success").booleanValue();
            results.add(result);
        }
        if (failed && sent.path("allOrNone").asBoolean()) {
            undo(before);
        }
        return new Reply(200, results.toString());
    }

    private ObjectNode member(String method, List<String> parts, ObjectNode fields, List<Entry> before) {
        String type = fields.path("attributes").path("type").asText();
        fields.remove("attributes");
        try {
            Reply reply = method.equals("PATCH")
                    ? single(
                            "PATCH",
                            List.of(
                                    parts.get(0),
                                    parts.get(1),
                                    fields.remove(parts.get(1)).asText()),
                            fields)
                    : single("POST", List.of(type), fields);
            return (ObjectNode) SalesforceStandIn.parsed(reply.body());
        } catch (Fault fault) {
            if (fault.is("JSON_PARSER_ERROR")) {
                undo(before);
                throw fault;
            }
            ObjectNode error = (ObjectNode) fault.body().get(0);
            error.set("statusCode", error.remove("errorCode"));
            ObjectNode result = JSON.objectNode().put("success", false);
            result.putArray("errors").add(error);
            return result;
        }
    }

    private List<Entry> copy() {
        return records.stream()
                .map(entry ->
                        new Entry(entry.object(), entry.id(), entry.fields().deepCopy()))
                .toList();
    }

    private void undo(List<Entry> before) {
        records.clear();
        records.addAll(before);
    }

    private ObjectNode store(String object, ObjectNode fields) {
        String id = String.format("00T%012dAAA", records.size() + 1);
        records.add(new Entry(object, id, fields));
        return success(id);
    }

    private static ObjectNode success(String id) {
        ObjectNode answer = JSON.objectNode();
        answer.put("id", id).put("success", true).putArray("errors");
        return answer;
    }

    private List<Entry> find(String object, String field, String value) {
        return records.stream()
                .filter(entry -> entry.object().equals(object))
                .filter(entry -> entry.fields().path(field).asText().equals(value))
                .toList();
    }

    static List<String> segments(String path) {
        return Arrays.stream(path.split("/", -1))
                .map(part -> URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8))
                .toList();
    }
}
