package io.engagementwebhooks.deliver.egress;

import java.io.IOException;

/** A server sent more than is read of an answer. The message is the predicate of a sentence about the server. */
final class AnswerLimitException extends IOException {

    private static final long serialVersionUID = 1L;

    AnswerLimitException(String predicate) {
        super(predicate);
    }
}
