package io.engagementwebhooks.operate.health;

import java.util.function.BooleanSupplier;

/**
 * Whether requests are served: from the end of the start to the beginning of the stop. Readiness and the server
 * share the object, so that readiness ends before the first refused request. Thread-safe.
 */
public final class ReadinessState {

    /** The bean name of the product's instance. */
    public static final String BEAN = "webhooksServing";

    private enum Phase {
        STARTING,
        RUNNING,
        STOPPING
    }

    private volatile Phase phase = Phase.STARTING;
    private volatile boolean hasBeenReady;

    public void started() {
        phase = Phase.RUNNING;
    }

    public void stopping() {
        phase = Phase.STOPPING;
    }

    public boolean isOn() {
        return phase == Phase.RUNNING;
    }

    /**
     * Whether the product has been ready once.
     *
     * @param isReady whether it is ready; called only if that is not known yet and requests are served
     */
    public boolean hasBeenReady(BooleanSupplier isReady) {
        if (!hasBeenReady && isOn() && isReady.getAsBoolean()) {
            hasBeenReady = true;
        }
        return hasBeenReady;
    }

    /** Why requests are not served, as a sentence. */
    public String reason() {
        return phase == Phase.STOPPING ? "The product is stopping." : "The product is starting.";
    }
}
