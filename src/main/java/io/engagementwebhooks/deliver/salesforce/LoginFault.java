package io.engagementwebhooks.deliver.salesforce;

/** A login that failed. The message is for the customer. */
final class LoginFault extends RuntimeException {

    private final boolean lasting;

    private LoginFault(String reason, boolean lasting) {
        super(reason, null, false, false);
        this.lasting = lasting;
    }

    /** Someone has to change the connection or the org. */
    static LoginFault lasting(String reason) {
        return new LoginFault(reason, true);
    }

    /** The token endpoint is down, slow or busy. */
    static LoginFault passing(String reason) {
        return new LoginFault(reason, false);
    }

    boolean lasting() {
        return lasting;
    }
}
