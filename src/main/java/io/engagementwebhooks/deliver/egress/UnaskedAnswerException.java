package io.engagementwebhooks.deliver.egress;

import org.apache.hc.core5.http.HttpException;

/** What lies on a kept connection belongs to no request; what the request that was sent on it would have got is unknown. */
final class UnaskedAnswerException extends HttpException {

    private static final long serialVersionUID = 1L;

    UnaskedAnswerException() {
        super("bytes behind the end of an answer");
    }
}
