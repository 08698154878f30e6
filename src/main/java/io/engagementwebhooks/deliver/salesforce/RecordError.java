package io.engagementwebhooks.deliver.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.event.EventJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.camel.component.salesforce.api.dto.RestError;

/**
 * One error of an answer.
 *
 * @param code Salesforce's code, such as {@code INVALID_FIELD}; empty: none
 * @param message Salesforce's words; empty: none
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

    static RecordError of(RestError error) {
        List<String> fields = error.getFields() == null
                ? List.of()
                : error.getFields().stream().filter(name -> name != null).toList();
        return new RecordError(text(error.getErrorCode()), text(error.getMessage()), fields);
    }

    /** The errors of an answer's body, which is an array of them; none: it holds none. */
    static List<RecordError> in(byte[] body) {
        List<RecordError> errors = new ArrayList<>();
        try {
            EventJson.answers().readTree(body).forEach(error -> {
                if (error.isObject()) {
                    errors.add(of(error));
                }
            });
        } catch (IOException e) {
            // not from the API
        }
        return errors;
    }

    /** Single records name the code {@code errorCode}, results of parts {@code statusCode}. */
    static RecordError of(JsonNode error) {
        List<String> fields = new ArrayList<>();
        error.path("fields").forEach(field -> fields.add(field.asText()));
        String code = error.path("errorCode").asText(error.path("statusCode").asText(""));
        return new RecordError(code, error.path("message").asText(""), fields);
    }

    /** Code and fields, as far as they look like ones. */
    String named() {
        String name = CODE.matcher(code).matches() ? code : "an unknown error";
        List<String> known =
                fields.stream().filter(field -> FIELD.matcher(field).matches()).toList();
        return known.isEmpty() ? name : name + " (" + String.join(", ", known) + ")";
    }

    private static String text(String text) {
        return text == null ? "" : text;
    }
}
