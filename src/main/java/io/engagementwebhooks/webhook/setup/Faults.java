package io.engagementwebhooks.webhook.setup;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong while a set-up is read, so that all of it is told at once. Not thread-safe. */
final class Faults {

    private final List<Fault> faults = new ArrayList<>();
    private final List<Fault> warnings = new ArrayList<>();

    void add(int line, String thing, String rule, String wayOut) {
        faults.add(new Fault(line, thing, rule, wayOut));
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
