package io.engagementwebhooks.operate.jmx;

import io.engagementwebhooks.webhook.config.ConfigStatus;
import io.engagementwebhooks.webhook.config.Fault;
import java.util.List;
import java.util.function.Supplier;

/** Thread-safe. */
record ConfigControlBean(Supplier<ConfigStatus> status, Runnable reading, Supplier<List<String>> routeFaults)
        implements ConfigControl {

    @Override
    public String getState() {
        return status.get().state().name();
    }

    @Override
    public String getSummary() {
        return status.get().summary();
    }

    @Override
    public List<String> getFaults() {
        return status.get().faults().stream().map(Fault::toString).toList();
    }

    @Override
    public List<String> getRouteFaults() {
        return routeFaults.get();
    }

    @Override
    public String reload() {
        reading.run();
        return getSummary();
    }
}
