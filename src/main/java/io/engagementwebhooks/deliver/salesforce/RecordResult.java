package io.engagementwebhooks.deliver.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.event.EventJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The result in a 2xx response body. Only {@code success} decides: a queued platform event is a success with errors
 * ({@code OPERATION_ENQUEUED}).
 *
 * @param success whether it was written
 * @param errors why it was not written
 */
record RecordResult(boolean success, List<RecordError> errors) {

    RecordResult {
        errors = List.copyOf(errors);
    }

    /** The result of a response without body: success. */
    static RecordResult done() {
        return new RecordResult(true, List.of());
    }

    /** The result in a body; empty if the body is incomplete or no result. */
    static Optional<RecordResult> in(byte[] body) {
        try {
            JsonNode result = EventJson.responses().readTree(body);
            return result.path("success").isBoolean() ? Optional.of(of(result)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static RecordResult of(JsonNode result) {
        List<RecordError> errors = new ArrayList<>();
        result.path("errors").forEach(error -> errors.add(RecordError.of(error)));
        return new RecordResult(result.path("success").booleanValue(), errors);
    }
}
