package io.engagementwebhooks.deliver.salesforce;

/** An org did not describe an object. The message is for the customer. */
final class DescribeFault extends RuntimeException {

    private final boolean missing;

    DescribeFault(String reason, boolean missing) {
        super(reason, null, false, false);
        this.missing = missing;
    }

    /** Whether there is no such object, as far as the connection's user may see. */
    boolean missing() {
        return missing;
    }
}
