package io.engagementwebhooks.store;

/** The store cannot be reached, is full or is locked. Nothing was written. */
public final class StoreException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
