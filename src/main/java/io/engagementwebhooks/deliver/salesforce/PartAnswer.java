package io.engagementwebhooks.deliver.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The result of one part of a composite request. The outer status is always 200.
 *
 * @param name the record's name in the request
 * @param status the part's HTTP status
 * @param errors why it was not written; empty on success
 */
record PartAnswer(String name, int status, List<RecordError> errors) {

    /** The error code of the other parts if one fails and all are rolled back. */
    private static final String HALTED = "PROCESSING_HALTED";

    PartAnswer {
        errors = List.copyOf(errors);
    }

    boolean ok() {
        return status >= 200 && status < 300;
    }

    /** All parts of a response; empty unless there is one per record. */
    static Optional<List<PartAnswer>> in(byte[] body, int records) {
        JsonNode parts = OrgAnswers.json(body).path("compositeResponse");
        List<PartAnswer> answers = new ArrayList<>();
        parts.forEach(part -> answers.add(of(part)));
        return parts.isArray() && answers.size() == records ? Optional.of(answers) : Optional.empty();
    }

    /** The part that made the request fail; empty if all were written. */
    static Optional<PartAnswer> failed(List<PartAnswer> answers) {
        List<PartAnswer> failed =
                answers.stream().filter(answer -> !answer.ok()).toList();
        return failed.stream().filter(answer -> !answer.isHalted()).findFirst().or(() -> failed.stream()
                .findFirst());
    }

    private boolean isHalted() {
        return errors.stream().anyMatch(error -> error.code().equals(HALTED));
    }

    private static PartAnswer of(JsonNode part) {
        return new PartAnswer(
                part.path("referenceId").asText(),
                part.path("httpStatusCode").asInt(),
                RecordError.in(part.path("body")));
    }
}
