package io.engagementwebhooks.deliver.egress;

import java.io.InterruptedIOException;

/** The deadline passed before a status line and all headers had come. */
public final class ResponseTimeoutException extends InterruptedIOException {

    ResponseTimeoutException() {
        super("the deadline passed before the headers of an answer had come");
    }
}
