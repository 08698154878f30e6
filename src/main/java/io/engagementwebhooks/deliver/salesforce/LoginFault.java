package io.engagementwebhooks.deliver.salesforce;

/** A login failed. The message is for the customer. */
final class LoginFault extends RuntimeException {

    private final boolean lasting;

    private LoginFault(String reason, boolean lasting) {
        super(reason, null, false, false);
        this.lasting = lasting;
    }

    /** A failure that needs a change of the connection or the org. */
    static LoginFault lasting(String reason) {
        return new LoginFault(reason, true);
    }

    /** A temporary failure: the token endpoint is down, slow or busy. */
    static LoginFault passing(String reason) {
        return new LoginFault(reason, false);
    }

    boolean lasting() {
        return lasting;
    }
}
