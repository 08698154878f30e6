package io.engagementwebhooks.config.schema;

import io.engagementwebhooks.webhook.Shown;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Collects the faults of a configuration, so that all are reported at once. Not thread-safe. */
public final class FaultCollector {

    /** The most faults kept; a file may repeat one a million times. */
    private static final int MOST = 10_000;

    private final List<Found> found = new ArrayList<>();
    private int count;
    private final List<Fault> warnings = new ArrayList<>();

    private record Found(Fault fault, String pointer, String code) {

        FieldFault ofField() {
            return new FieldFault(shown(pointer), fault.resource() + ": " + fault.rule(), fault.wayOut(), code);
        }
    }

    /** The JSON Pointer of a member. */
    static String pointer(String outer, String name) {
        return outer + "/" + name.replace("~", "~0").replace("/", "~1");
    }

    /** A pointer for display, up to a name that may be a misplaced secret. */
    private static String shown(String pointer) {
        StringBuilder shown = new StringBuilder();
        for (String name : pointer.substring(Math.min(1, pointer.length())).split("/", -1)) {
            if (pointer.isEmpty() || !Shown.of(name).equals(name)) {
                return shown.toString();
            }
            shown.append('/').append(name);
        }
        return shown.toString();
    }

    /** A fault of a whole definition or file. */
    public void add(int line, String resource, String rule, String wayOut) {
        add(line, "", "", resource, rule, wayOut);
    }

    /**
     * Adds a fault.
     *
     * @param line 0: the definition is not in a file
     * @param pointer the JSON Pointer in the definition
     * @param code the kind of fault in one word, for which forms have their own text
     */
    public void add(int line, String pointer, String code, String resource, String rule, String wayOut) {
        if (++count <= MOST) {
            found.add(new Found(new Fault(line, resource, rule, wayOut), pointer, code));
        }
    }

    /** The faults of a definition that was given as JSON. */
    public List<FieldFault> ofFields() {
        return found.stream().map(Found::ofField).collect(Collectors.toCollection(ArrayList::new));
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

    public List<Fault> warnings() {
        return warnings;
    }

    public void throwIfAny() throws ConfigFaults {
        if (found.isEmpty()) {
            return;
        }
        List<Fault> sorted = new ArrayList<>(found.stream().map(Found::fault).toList());
        sorted.sort(Comparator.comparingInt(Fault::line));
        if (count > MOST) {
            sorted.add(new Fault(0, "the file", "has " + (count - MOST) + " more faults", "repair these first"));
        }
        throw new ConfigFaults(sorted);
    }
}
