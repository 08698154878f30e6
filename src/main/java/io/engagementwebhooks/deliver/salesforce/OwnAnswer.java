package io.engagementwebhooks.deliver.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.event.EventJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;

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
        if (path.startsWith(REST_API) && body.length > 0) {
            try {
                collect(EventJson.responses().readTree(body), errors);
            } catch (IOException e) {
                // not JSON, so it reports no errors
            }
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
        if (result.path("success").isBoolean() && !result.path("success").booleanValue()) {
            int before = errors.size();
            result.path("errors").forEach(error -> errors.add(RecordError.of(error)));
            if (errors.size() == before) {
                errors.add(RecordError.none());
            }
        }
    }

    private static void collectPart(JsonNode part, String status, String body, List<RecordError> errors) {
        if (part.path(status).asInt() / 100 != 2) {
            StreamSupport.stream(part.path(body).spliterator(), false)
                    .filter(JsonNode::isObject)
                    .findFirst()
                    .ifPresentOrElse(error -> errors.add(RecordError.of(error)), () -> errors.add(RecordError.none()));
        }
    }
}
