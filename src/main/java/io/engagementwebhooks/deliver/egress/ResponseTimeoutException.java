package io.engagementwebhooks.deliver.egress;

import java.io.InterruptedIOException;

/** The deadline passed before the complete response head was received. */
public final class ResponseTimeoutException extends InterruptedIOException {

    ResponseTimeoutException() {
        super("the deadline passed before the headers of an answer had come");
    }
}
