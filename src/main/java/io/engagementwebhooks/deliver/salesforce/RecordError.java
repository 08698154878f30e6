package io.engagementwebhooks.deliver.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/**
 * One error of a response.
 *
 * @param code Salesforce's code, such as {@code INVALID_FIELD}, or empty
 * @param message Salesforce's message, or empty
 * @param fields API names; may be empty
 */
record RecordError(String code, String message, List<String> fields) {

    private static final Pattern CODE = Pattern.compile("[A-Z0-9_]{1,80}");
    private static final Pattern FIELD = Pattern.compile("[A-Za-z0-9_.]{1,80}");

    RecordError {
        fields = List.copyOf(fields);
    }

    static RecordError none() {
        return new RecordError("", "", List.of());
    }

    /**
     * The errors of a record's result; empty unless it says that it failed. Only {@code success} decides: a queued
     * platform event is a success with errors ({@code OPERATION_ENQUEUED}).
     */
    static List<RecordError> ofResult(JsonNode result) {
        JsonNode success = result.path("success");
        if (!success.isBoolean() || success.booleanValue()) {
            return List.of();
        }
        List<RecordError> named = in(result.path("errors"));
        return named.isEmpty() ? List.of(none()) : named;
    }

    /** The errors in an array; empty if there are none. */
    static List<RecordError> in(JsonNode errors) {
        return StreamSupport.stream(errors.spliterator(), false)
                .filter(JsonNode::isObject)
                .map(RecordError::of)
                .toList();
    }

    /** Parses an error. The code is {@code errorCode} for single records, {@code statusCode} for parts. */
    private static RecordError of(JsonNode error) {
        List<String> fields = new ArrayList<>();
        error.path("fields").forEach(field -> fields.add(field.asText()));
        String code = error.path("errorCode").asText(error.path("statusCode").asText(""));
        return new RecordError(code, error.path("message").asText(""), fields);
    }

    /** Code and fields for the customer; texts in an unexpected form are omitted. */
    String named() {
        String name = CODE.matcher(code).matches() ? code : "an unknown error";
        List<String> known =
                fields.stream().filter(field -> FIELD.matcher(field).matches()).toList();
        return known.isEmpty() ? name : name + " (" + String.join(", ", known) + ")";
    }
}
