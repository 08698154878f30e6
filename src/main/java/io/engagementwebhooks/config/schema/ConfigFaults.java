package io.engagementwebhooks.config.schema;

import java.util.List;
import java.util.stream.Collectors;

/** The configuration is invalid. Has all faults in the order of the file; the message lists them, one per line. */
public final class ConfigFaults extends Exception {

    private static final long serialVersionUID = 1L;

    /** Limits the message: a missing variable may cause a fault per webhook. {@link #faults()} has all. */
    private static final int SHOWN = 200;

    private final transient List<Fault> faults;

    /** @param faults at least one */
    public ConfigFaults(List<Fault> faults) {
        super(message(faults));
        this.faults = List.copyOf(faults);
    }

    public List<Fault> faults() {
        return faults;
    }

    private static String message(List<Fault> faults) {
        String count = faults.size() == 1 ? "1 fault" : faults.size() + " faults";
        String more = faults.size() > SHOWN ? "\n  and " + (faults.size() - SHOWN) + " more" : "";
        return faults.stream()
                .limit(SHOWN)
                .map(fault -> "\n  " + fault)
                .collect(Collectors.joining("", "the configuration has " + count + ":", more));
    }
}
