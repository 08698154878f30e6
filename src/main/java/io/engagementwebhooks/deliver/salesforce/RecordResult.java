package io.engagementwebhooks.deliver.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
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
        JsonNode result = OrgAnswers.json(body);
        JsonNode success = result.path("success");
        return success.isBoolean()
                ? Optional.of(new RecordResult(success.booleanValue(), RecordError.in(result.path("errors"))))
                : Optional.empty();
    }
}
