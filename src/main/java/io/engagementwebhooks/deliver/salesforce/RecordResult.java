package io.engagementwebhooks.deliver.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.event.EventJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the body of a 2xx answer says. A platform event that was queued is a success with errors
 * ({@code OPERATION_ENQUEUED}), so only {@code success} decides.
 *
 * @param success whether it was done
 * @param errors why not
 */
record RecordResult(boolean success, List<RecordError> errors) {

    RecordResult {
        errors = List.copyOf(errors);
    }

    /** An answer without a body: done. */
    static RecordResult done() {
        return new RecordResult(true, List.of());
    }

    /** The result in a body; empty: the body is not a whole result. */
    static Optional<RecordResult> in(byte[] body) {
        try {
            JsonNode result = EventJson.answers().readTree(body);
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
