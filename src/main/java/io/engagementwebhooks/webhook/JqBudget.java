package io.engagementwebhooks.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import net.thisptr.jackson.jq.path.ArrayIndexPath;
import net.thisptr.jackson.jq.path.Path;

/**
 * What one evaluation of a jq program may use: steps, time, depth of calls, and the size of what it makes. Every part
 * of a program draws on the budget of its thread; what is broken ends the evaluation with a {@link BodyFault}, which no
 * {@code try} of jq catches. Not thread-safe: it belongs to one evaluation.
 *
 * <p>The clock is read once in {@value #STEPS_PER_LOOK} steps, so a short program does not pay for it.
 */
final class JqBudget {

    /** Parts applied, answers passed on, and sixteenths of the characters and items touched on the way. */
    static final int STEPS = 500_000;

    /** Largest value a program may make, in characters of its JSON. */
    static final int OUTPUT = 1 << 20;

    /** All that a program may make on the way to its answer, in rough bytes. */
    static final long MADE = 32L << 20;

    /** Time of one evaluation, from its first look at the clock. */
    static final long NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /**
     * Parts applied within parts. Each takes up to 2 KiB of stack, so a recursion ends here before the stack of a thread (1 MiB) does.
     */
    static final int DEPTH = 400;

    /** Levels of arrays and objects in a value; events have at most 200. */
    static final int NESTING = 400;

    /** Largest array index that may be assigned to: the gap before it is filled with nulls. */
    static final int INDEX = 100_000;

    /** Steps between two looks at the clock. */
    private static final int STEPS_PER_LOOK = 1_000;

    private static final int UNITS_PER_STEP = 16;

    private static final ThreadLocal<JqBudget> CURRENT = new ThreadLocal<>();

    private final LongSupplier ticker;
    private final JqRegexes regexes;
    private int steps;
    private int nextLook = STEPS_PER_LOOK;
    private long start;
    private boolean started;
    private int units;
    private int depth;
    private long made;
    private int visited;

    JqBudget(LongSupplier ticker, JqRegexes regexes) {
        this.ticker = ticker;
        this.regexes = regexes;
    }

    /** The budget of the evaluation that runs on this thread. */
    static JqBudget current() {
        return CURRENT.get();
    }

    void begin() {
        CURRENT.set(this);
    }

    void end() {
        CURRENT.remove();
    }

    JqRegexes regexes() {
        return regexes;
    }

    int steps() {
        return steps;
    }

    void enter() {
        if (++depth > DEPTH) {
            throw new BodyFault("the jq program calls itself too deeply");
        }
        step(1);
    }

    void leave() {
        depth--;
    }

    /** An answer passed on, with its path where the program asked for paths. */
    void emitted(Path path) {
        step(1);
        if (path instanceof ArrayIndexPath at) {
            checkIndex(at.index);
        }
    }

    void checkIndex(JsonNode index) {
        if (index.asDouble() > INDEX) {
            throw new BodyFault("the jq program assigns to an array index above " + INDEX);
        }
    }

    void checkNesting(int levels) {
        if (levels > NESTING) {
            throw new BodyFault("the jq program nests more than " + NESTING + " levels");
        }
    }

    /** Characters or items touched by a part that does much in one step. */
    void work(long touched) {
        long all = units + touched;
        units = (int) (all % UNITS_PER_STEP);
        step(all / UNITS_PER_STEP);
    }

    /** Work that looks for a text of one length within a text of another. */
    void search(int length, int within) {
        work((long) within * Math.max(1, length) / 2);
    }

    /** After an error was caught: making its message may have taken long. */
    void caught() {
        step(UNITS_PER_STEP);
        look();
    }

    /** A value the program made, checked before it goes on. What it consists of is known to be within the limits. */
    void made(JsonNode value) {
        if (value == null) {
            return;
        }
        if (value.isTextual()) {
            checkLength(value.textValue().length());
            making(value.textValue().length());
        } else if (value.isContainerNode()) {
            sizeOf(value);
            making(8L * value.size());
        }
    }

    /** Rough bytes of something made. */
    void making(long bytes) {
        made += bytes + 48;
        if (made > MADE) {
            throw tooMuch();
        }
        work(bytes / 64);
    }

    /** Before a text of this many characters is made. */
    void checkLength(long characters) {
        if (characters > OUTPUT) {
            throw tooMuch();
        }
    }

    /**
     * Characters of a value's JSON, roughly. Going through the value is paid for; one that exceeds the limit, also by
     * sharing parts, is never gone through to its end.
     */
    int sizeOf(JsonNode value) {
        visited = 0;
        int size = (int) size(value, 0, 0);
        work(visited);
        return size;
    }

    private long size(JsonNode value, long before, int level) {
        visited++;
        if (!value.isContainerNode()) {
            return checked(before + (value.isTextual() ? value.textValue().length() + 2 : 4));
        }
        checkNesting(level);
        long size = before + 2;
        if (value.isObject()) {
            for (Map.Entry<String, JsonNode> field : value.properties()) {
                size = size(field.getValue(), size + field.getKey().length() + 4, level + 1);
            }
        } else {
            for (JsonNode item : value) {
                size = size(item, size + 1, level + 1);
            }
        }
        return checked(size);
    }

    private long checked(long size) {
        checkLength(size);
        return size;
    }

    /** What is left of the time. @throws BodyFault if nothing is */
    long nanosLeft() {
        long now = ticker.getAsLong();
        if (!started) {
            started = true;
            start = now;
        }
        long left = NANOS - (now - start);
        if (left <= 0) {
            throw tooLong();
        }
        return left;
    }

    BodyFault tooLong() {
        return new BodyFault("the jq program takes longer than " + TimeUnit.NANOSECONDS.toMillis(NANOS) + " ms");
    }

    private static BodyFault tooMuch() {
        return new BodyFault("the jq program makes more than 1 MiB");
    }

    private void step(long count) {
        if (count > STEPS - steps) {
            throw new BodyFault("the jq program takes more than " + STEPS + " steps");
        }
        steps += (int) count;
        if (steps >= nextLook) {
            look();
        }
    }

    private void look() {
        nextLook = steps + STEPS_PER_LOOK;
        nanosLeft();
    }
}
