package io.engagementwebhooks.webhook.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.ledger.Evaluation;
import java.util.ArrayList;
import java.util.List;

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

    private final int most;
    private final List<Found> found = new ArrayList<>();
    private SchemaNode schema;
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

    /** A fault. @param schema the innermost schema that does not fit */
    record Found(Place at, String keyword, String rule, SchemaNode schema) {}

    /** @param most the number of faults after which it ends */
    SchemaCheck(int most) {
        this.most = most;
    }

    List<Found> found() {
        return found;
    }

    /** @throws Exceeded if that is too many */
    void step(long count) {
        if (count > STEPS - steps) {
            throw new Exceeded("takes more than " + STEPS + " steps to check");
        }
        steps += (int) count;
    }

    /** @return the schema that is applied so far, to {@link #leave} for */
    SchemaNode enter(SchemaNode inner) {
        if (++depth > DEPTH) {
            throw new Exceeded("nests more than " + DEPTH + " schemas");
        }
        step(1);
        SchemaNode outer = schema;
        schema = inner;
        return outer;
    }

    void leave(SchemaNode outer) {
        depth--;
        schema = outer;
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
        if (!isQuiet && found.size() < most) {
            found.add(new Found(at, keyword, rule, schema));
        }
        return false;
    }

    /** Whether a check may end at its first fault. */
    boolean endsAtFirst() {
        return isQuiet || found.size() >= most;
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
