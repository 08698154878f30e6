package io.engagementwebhooks.webhook.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Collects the faults of a configuration, so that all are reported at once. Not thread-safe. */
final class Faults {

    /** No more are kept: a file may repeat one a million times. */
    private static final int MOST = 10_000;

    private final List<Fault> faults = new ArrayList<>();
    private int count;
    private final Map<Fault, Kind> kinds = new IdentityHashMap<>();
    private final List<Fault> warnings = new ArrayList<>();

    /**
     * The code of a fault, and the key that it lacks.
     *
     * @param lacking the key missing in the mapping of this line, or null: the fault is in the line
     * @param code in one word; empty: only a whole file has it
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
