package io.engagementwebhooks.webhook.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Collects the faults of a configuration, so that all are reported at once. Not thread-safe. */
final class Faults {

    /** No more are kept: a file may repeat one a million times. */
    private static final int MOST = 10_000;

    private final List<Fault> faults = new ArrayList<>();
    private int count;
    private final Map<Fault, String> lacking = new IdentityHashMap<>();
    private final List<Fault> warnings = new ArrayList<>();

    void add(int line, String resource, String rule, String wayOut) {
        add(line, null, resource, rule, wayOut);
    }

    /** @param lacking the key missing in the mapping of this line, or null: the fault is in the line */
    void add(int line, String lacking, String resource, String rule, String wayOut) {
        if (++count > MOST) {
            return;
        }
        Fault fault = new Fault(line, resource, rule, wayOut);
        faults.add(fault);
        if (lacking != null) {
            this.lacking.put(fault, lacking);
        }
    }

    List<Fault> all() {
        return faults;
    }

    /** The key that the fault's mapping lacks, if it is about one. */
    Optional<String> lacking(Fault fault) {
        return Optional.ofNullable(lacking.get(fault));
    }

    /** Legal, but hardly meant. */
    void warn(int line, String resource, String rule, String wayOut) {
        if (warnings.size() >= MOST) {
            return;
        }
        warnings.add(new Fault(line, resource, rule, wayOut));
    }

    /** Number of faults so far, with dropped ones. A reading between two equal counts had none. */
    int count() {
        return count;
    }

    List<Fault> warnings() {
        return warnings;
    }

    void throwIfAny() throws ConfigFaults {
        if (faults.isEmpty()) {
            return;
        }
        List<Fault> sorted = new ArrayList<>(faults);
        sorted.sort(Comparator.comparingInt(Fault::line));
        if (count > MOST) {
            sorted.add(new Fault(0, "the file", "has " + (count - MOST) + " more faults", "repair these first"));
        }
        throw new ConfigFaults(sorted);
    }
}
