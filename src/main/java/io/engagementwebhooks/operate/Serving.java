package io.engagementwebhooks.operate;

/**
 * Whether requests are served: from when everything runs until the product begins to stop. Readiness and the server ask the same
 * object, so that readiness ends before the first request is refused. Thread-safe.
 */
final class Serving {

    /** The name under which the product's own is bound. */
    static final String BEAN = "webhooksServing";

    private enum Phase {
        STARTING,
        RUNNING,
        STOPPING
    }

    private volatile Phase phase = Phase.STARTING;
    private volatile boolean hasStarted;

    void started() {
        hasStarted = true;
        phase = Phase.RUNNING;
    }

    void stopping() {
        phase = Phase.STOPPING;
    }

    boolean isOn() {
        return phase == Phase.RUNNING;
    }

    /** Whether everything has run once. */
    boolean hasStarted() {
        return hasStarted;
    }

    /** Why nothing is served, as a sentence. */
    String reason() {
        return phase == Phase.STOPPING ? "The product is stopping." : "The product is starting.";
    }
}
