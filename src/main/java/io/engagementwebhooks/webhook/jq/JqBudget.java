package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.ledger.Evaluation;
import io.engagementwebhooks.webhook.BodyFault;
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

    /** The message for a program above the limit. */
    static final String TOO_MUCH = "the jq program makes more than 1 MiB";

    /** All that a program may make on the way to its answer, in bytes of memory at most. */
    static final long MADE = 32L << 20;

    /** So much is drawn from the evaluation's memory at a time. */
    private static final long DRAWN_AT_ONCE = 32 << 10;

    /** An object or array with nothing in it, or a text of no length: the node and what it holds. */
    private static final long NODE = 64;

    /** An object's table and list of members. */
    private static final long OBJECT = 128;

    /** A member of an object; its name and value are known. */
    private static final long MEMBER = 56;

    /** An item of an array, with the room that arrays grow by. */
    private static final long ITEM = 12;

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
    private long drawn;
    private long announced = -1;
    private long memory;
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

    /** A value the program made, checked before it is used. What it consists of is known to be within the limits. */
    void made(JsonNode value) {
        if (value == null) {
            return;
        }
        if (value.isTextual()) {
            int length = value.textValue().length();
            if (length != announced) {
                makingText(length);
            }
        } else if (value.isContainerNode()) {
            sizeOf(value);
            making(shallow(value));
        }
        announced = -1;
    }

    /** As {@link #made}, of a value whose parts are not known to be within the limits either. */
    void madeDeep(JsonNode value) {
        if (value.isContainerNode()) {
            sizeOf(value);
            making(memory);
        } else {
            made(value);
        }
    }

    /** Before a text of this many characters is made; once it is {@link #made}, it is not paid for again. */
    void makingText(long characters) {
        checkLength(characters);
        making(2 * characters);
        announced = characters;
    }

    /** Before items of an array are made that are no containers. */
    void makingItems(long items) {
        making((NODE + ITEM) * items);
    }

    /** Before JSON is parsed. */
    void makingTree(String json) {
        making(EventJson.treeBound(json));
    }

    private static long shallow(JsonNode container) {
        return container.isObject() ? OBJECT + MEMBER * container.size() : ITEM * container.size();
    }

    /** Before something is made. @param bytes that it takes beside a node */
    void making(long bytes) {
        made += bytes + NODE;
        if (made > MADE) {
            throw tooMuch();
        }
        while (made > drawn) {
            Evaluation.use(DRAWN_AT_ONCE);
            drawn += DRAWN_AT_ONCE;
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
        memory = 0;
        int size = (int) size(value, 0, 0);
        work(visited);
        return size;
    }

    /** Bytes of memory that a value takes at most; 0 for one that is no text, array or object. Nothing is paid for it. */
    long memoryOf(JsonNode value) {
        if (!value.isContainerNode() && !value.isTextual()) {
            return 0;
        }
        memory = 0;
        size(value, 0, 0);
        return memory;
    }

    private long size(JsonNode value, long before, int level) {
        visited++;
        memory += NODE;
        if (!value.isContainerNode()) {
            int length = value.isTextual() ? value.textValue().length() : 2;
            memory += 2L * length;
            return checked(before + 2 + length);
        }
        memory += shallow(value);
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

    /** The remaining time. @throws BodyFault if none remains */
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
        return new BodyFault(TOO_MUCH);
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
