package io.engagementwebhooks.webhook.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Collects the faults of a configuration, so that all are reported at once. Not thread-safe. */
final class FaultCollector {

    /** The most faults kept; a file may repeat one a million times. */
    private static final int MOST = 10_000;

    private final List<Fault> faults = new ArrayList<>();
    private int count;
    private final Map<Fault, Kind> kinds = new IdentityHashMap<>();
    private final List<Fault> warnings = new ArrayList<>();

    /**
     * The code of a fault, and the key that it lacks.
     *
     * @param lacking the missing key of the mapping in this line, or null
     * @param code in one word; empty for faults of whole files
     */
    record Kind(String lacking, String code) {

        static final Kind OF_FILE = new Kind(null, "");
    }

    void add(int line, String resource, String rule, String wayOut) {
        add(line, Kind.OF_FILE, resource, rule, wayOut);
    }

    void add(int line, Kind kind, String resource, String rule, String wayOut) {
        if (++count > MOST) {
            return;
        }
        Fault fault = new Fault(line, resource, rule, wayOut);
        faults.add(fault);
        kinds.put(fault, kind);
    }

    List<Fault> all() {
        return faults;
    }

    Kind kind(Fault fault) {
        return kinds.getOrDefault(fault, Kind.OF_FILE);
    }

    /** Adds a warning: valid, but probably a mistake. */
    void warn(int line, String resource, String rule, String wayOut) {
        if (warnings.size() >= MOST) {
            return;
        }
        warnings.add(new Fault(line, resource, rule, wayOut));
    }

    /** Number of faults so far, including dropped ones. */
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
