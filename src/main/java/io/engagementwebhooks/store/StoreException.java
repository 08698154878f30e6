package io.engagementwebhooks.store;

import io.engagementwebhooks.ledger.Background;

/** The store cannot be reached, is full or is locked. Nothing was written. */
public class StoreException extends RuntimeException implements Background.Transient {

    private static final long serialVersionUID = 1L;

    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
