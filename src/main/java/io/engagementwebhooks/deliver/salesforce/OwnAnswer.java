package io.engagementwebhooks.deliver.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads errors from a 2xx response to a webhook's own body. For Apex endpoints the status decides; REST API resources
 * may report failures in the body.
 */
final class OwnAnswer {

    private static final String REST_API = "/services/data/";

    private OwnAnswer() {}

    /** The errors; empty on success. */
    static List<RecordError> errors(String path, byte[] body) {
        List<RecordError> errors = new ArrayList<>();
        if (path.startsWith(REST_API)) {
            collect(OrgAnswers.json(body), errors);
        }
        return errors;
    }

    /** Reads one result, a list of them (collections), or their containers (composite, batch). */
    private static void collect(JsonNode result, List<RecordError> errors) {
        if (result.isArray()) {
            result.forEach(one -> collect(one, errors));
        }
        result.path("compositeResponse").forEach(part -> collectPart(part, "httpStatusCode", "body", errors));
        result.path("results").forEach(part -> collectPart(part, "statusCode", "result", errors));
        errors.addAll(RecordError.ofResult(result));
    }

    private static void collectPart(JsonNode part, String status, String body, List<RecordError> errors) {
        if (part.path(status).asInt() / 100 != 2) {
            errors.add(RecordError.in(part.path(body)).stream().findFirst().orElseGet(RecordError::none));
        }
    }
}
