package io.engagementwebhooks.config;

/** The vault's key is missing, damaged or wrong. The message says which and what to do. */
public final class VaultFault extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public VaultFault(String message) {
        super(message);
    }

    public VaultFault(String message, Throwable cause) {
        super(message, cause);
    }
}
