package io.engagementwebhooks.deliver.salesforce;

/** A request for an object's description failed. The message is for the customer. */
final class DescribeFault extends RuntimeException {

    private final boolean missing;

    DescribeFault(String reason, boolean missing) {
        super(reason, null, false, false);
        this.missing = missing;
    }

    /** Whether the object does not exist or is not visible to the connection's user. */
    boolean missing() {
        return missing;
    }
}
