package io.engagementwebhooks.operate;

import java.util.function.BooleanSupplier;

/**
 * Whether requests are served: from the end of the start to the beginning of the stop. Readiness and the server
 * share the object, so that readiness ends before the first refused request. Thread-safe.
 */
final class ReadinessState {

    /** The name under which the product's own is bound. */
    static final String BEAN = "webhooksServing";

    private enum Phase {
        STARTING,
        RUNNING,
        STOPPING
    }

    private volatile Phase phase = Phase.STARTING;
    private volatile boolean hasBeenReady;

    void started() {
        phase = Phase.RUNNING;
    }

    void stopping() {
        phase = Phase.STOPPING;
    }

    boolean isOn() {
        return phase == Phase.RUNNING;
    }

    /**
     * Whether the product has been ready once.
     *
     * @param isReady whether it is; asked only while that is not known and requests are served
     */
    boolean hasBeenReady(BooleanSupplier isReady) {
        if (!hasBeenReady && isOn() && isReady.getAsBoolean()) {
            hasBeenReady = true;
        }
        return hasBeenReady;
    }

    /** Why nothing is served, as a sentence. */
    String reason() {
        return phase == Phase.STOPPING ? "The product is stopping." : "The product is starting.";
    }
}
