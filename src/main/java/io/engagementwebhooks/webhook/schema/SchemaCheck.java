package io.engagementwebhooks.webhook.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.ledger.Evaluation;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * One check of data: its steps and its faults. Steps are counted, so that whether data fits depends on no clock. Not
 * thread-safe.
 */
final class SchemaCheck {

    /** Schemas and keywords applied, values compared, and halves of what a regular expression does: about 50 ms. */
    static final int STEPS = 500_000;

    /** Schemas within schemas; data nests 200 deep at most. */
    static final int DEPTH = 600;

    /** Bytes of all comparisons. */
    static final long MEMORY = 8 << 20;

    /** So many faults are named. */
    static final int FAULTS = 10;

    /** Members without a name in the schema can have the same one. */
    private final Set<DataFault> faults = new LinkedHashSet<>();

    private int noted;
    private int steps;
    private long used;
    private int depth;

    /** Whether faults are named; in a branch that may fail they are not. */
    private boolean isQuiet;

    /** The check goes beyond a bound. */
    static final class Exceeded extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Exceeded(String message) {
            super(message, null, false, false);
        }
    }

    List<DataFault> faults() {
        return List.copyOf(faults);
    }

    /** @throws Exceeded if that is too many */
    void step(long count) {
        if (count > STEPS - steps) {
            throw new Exceeded("takes more than " + STEPS + " steps to check");
        }
        steps += (int) count;
    }

    void enter() {
        if (++depth > DEPTH) {
            throw new Exceeded("nests more than " + DEPTH + " schemas");
        }
        step(1);
    }

    void leave() {
        depth--;
    }

    /** Memory that a comparison is about to take. @throws Exceeded if that is too much */
    void use(long bytes) {
        used += bytes;
        if (used > MEMORY) {
            throw new Exceeded("takes more than " + (MEMORY >> 20) + " MiB to check");
        }
        Evaluation.use(bytes);
    }

    /** Notes a fault. @return false, since the data does not fit */
    boolean fault(Place at, String keyword, String rule) {
        if (!isQuiet && noted < FAULTS) {
            noted++;
            faults.add(at.fault(keyword, rule));
        }
        return false;
    }

    /** Whether a check may end at its first fault. */
    boolean endsAtFirst() {
        return isQuiet || noted >= FAULTS;
    }

    /** Whether a schema fits; its faults are not named. */
    boolean fits(SchemaNode schema, JsonNode value, Place at) {
        boolean before = isQuiet;
        isQuiet = true;
        try {
            return schema.check(value, at, this);
        } finally {
            isQuiet = before;
        }
    }
}
