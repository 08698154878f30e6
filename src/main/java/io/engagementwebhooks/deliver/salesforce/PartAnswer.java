package io.engagementwebhooks.deliver.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.event.EventJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the answer of a composite request says of one of its parts. The outer answer is 200 whatever became of them.
 *
 * @param name the record's name in the request
 * @param status its own HTTP status
 * @param errors why not, where it was not written
 */
record PartAnswer(String name, int status, List<RecordError> errors) {

    /** What the other parts say when one fails and all are undone. */
    private static final String HALTED = "PROCESSING_HALTED";

    PartAnswer {
        errors = List.copyOf(errors);
    }

    boolean ok() {
        return status >= 200 && status < 300;
    }

    /** All parts of a response; empty: it has not one part per record. */
    static Optional<List<PartAnswer>> in(byte[] body, int records) {
        try {
            JsonNode parts = EventJson.answers().readTree(body).path("compositeResponse");
            List<PartAnswer> answers = new ArrayList<>();
            parts.forEach(part -> answers.add(of(part)));
            return parts.isArray() && answers.size() == records ? Optional.of(answers) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The part that made the request fail; empty: all were written. */
    static Optional<PartAnswer> culprit(List<PartAnswer> answers) {
        List<PartAnswer> failed =
                answers.stream().filter(answer -> !answer.ok()).toList();
        return failed.stream().filter(answer -> !answer.isHalted()).findFirst().or(() -> failed.stream()
                .findFirst());
    }

    private boolean isHalted() {
        return errors.stream().anyMatch(error -> error.code().equals(HALTED));
    }

    private static PartAnswer of(JsonNode part) {
        List<RecordError> errors = new ArrayList<>();
        part.path("body").forEach(error -> {
            if (error.isObject()) {
                errors.add(RecordError.of(error));
            }
        });
        return new PartAnswer(
                part.path("referenceId").asText(), part.path("httpStatusCode").asInt(), errors);
    }
}
