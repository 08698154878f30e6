package io.engagementwebhooks.operate.jmx;

import io.engagementwebhooks.config.ConfigStatus;
import io.engagementwebhooks.config.schema.Fault;
import java.util.List;
import java.util.function.Supplier;
import org.apache.camel.api.management.ManagedAttribute;
import org.apache.camel.api.management.ManagedOperation;
import org.apache.camel.api.management.ManagedResource;

/** Status of the configuration and its files. Thread-safe. */
@ManagedResource(description = "Status of the configuration and its files")
public record ConfigControl(Supplier<ConfigStatus> status, Runnable reading, Supplier<List<String>> routeFaults) {

    @ManagedAttribute(description = "Status of the configuration file: CURRENT, PARTLY, OTHER, BROKEN, GONE or NONE")
    public String getState() {
        return status.get().state().name();
    }

    @ManagedAttribute(description = "The status in a sentence")
    public String getSummary() {
        return status.get().summary();
    }

    @ManagedAttribute(description = "Faults of the configuration file")
    public List<String> getFaults() {
        return status.get().faults().stream().map(Fault::toString).toList();
    }

    @ManagedAttribute(description = "Faults of the route files; the routes that run keep running")
    public List<String> getRouteFaults() {
        return routeFaults.get();
    }

    @ManagedOperation(
            description =
                    "Reads the configuration file, and the files and variables that it names, changed or not. Returns the status")
    public String reload() {
        reading.run();
        return getSummary();
    }
}
