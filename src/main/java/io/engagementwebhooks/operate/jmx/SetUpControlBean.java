package io.engagementwebhooks.operate.jmx;

import io.engagementwebhooks.webhook.setup.Fault;
import io.engagementwebhooks.webhook.setup.SetUpStatus;
import java.util.List;
import java.util.function.Supplier;

/** Thread-safe. */
record SetUpControlBean(Supplier<SetUpStatus> status, Runnable reading, Supplier<List<String>> routeFaults)
        implements SetUpControl {

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
    public String reread() {
        reading.run();
        return getSummary();
    }
}
