package io.engagementwebhooks.webhook.setup;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Collects what is wrong while a set-up is read, so that all of it is told at once. Not thread-safe. */
final class Faults {

    private final List<Fault> faults = new ArrayList<>();
    private final Map<Fault, String> lacking = new IdentityHashMap<>();
    private final List<Fault> warnings = new ArrayList<>();

    void add(int line, String thing, String rule, String wayOut) {
        add(line, null, thing, rule, wayOut);
    }

    /** @param lacking the key that the mapping of this line lacks, or null: what stands there is meant */
    void add(int line, String lacking, String thing, String rule, String wayOut) {
        Fault fault = new Fault(line, thing, rule, wayOut);
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
    void warn(int line, String thing, String rule, String wayOut) {
        warnings.add(new Fault(line, thing, rule, wayOut));
    }

    /** How many so far: what was read between two equal counts is whole. */
    int count() {
        return faults.size();
    }

    List<Fault> warnings() {
        return warnings;
    }

    void throwIfAny() throws SetUpFaults {
        if (!faults.isEmpty()) {
            throw new SetUpFaults(
                    faults.stream().sorted(Comparator.comparingInt(Fault::line)).toList());
        }
    }
}
