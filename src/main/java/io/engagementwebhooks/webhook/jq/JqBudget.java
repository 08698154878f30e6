package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.ledger.Evaluation;
import io.engagementwebhooks.webhook.BodyFault;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The budget of one evaluation of a jq program: steps, time, call depth, and size of values. Exceeding it throws a {@link BodyFault}, which jq's {@code try} cannot catch. Not thread-safe.
 *
 * <p>The clock is read once in {@value #STEPS_PER_TIME_CHECK} steps, to keep short programs fast.
 */
final class JqBudget {

    /** The most steps: evaluated parts, emitted results, and one per 16 characters or items processed. */
    static final int MAX_STEPS = 500_000;

    /** The largest value, in characters of its JSON. */
    static final int MAX_VALUE = 1 << 20;

    /** The message for a program above the limit. */
    static final String TOO_MUCH = "the jq program makes more than 1 MiB";

    /** The most memory of all intermediate values, in bytes. */
    static final long MAX_CREATED = 32L << 20;

    /** Memory is reserved in chunks of this size. */
    private static final long CHUNK = 32 << 10;

    /** Bytes of an empty object, array or text. */
    private static final long NODE = 64;

    /** Bytes of an object's table. */
    private static final long OBJECT = 128;

    /** Bytes of a member, without name and value. */
    private static final long MEMBER = 56;

    /** Bytes of an array item, with spare capacity. */
    private static final long ITEM = 12;

    /** The most time, from the first reading of the clock. */
    static final long MAX_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /**
     * Deepest nesting of evaluations. Each takes up to 2 KiB of stack, so this limit is reached before the stack (1
     * MiB) overflows.
     */
    static final int MAX_DEPTH = 400;

    /** Levels of arrays and objects in a value; events have at most 200. */
    static final int MAX_NESTING = 400;

    /** The largest array index of an assignment; the gap before it is filled with nulls. */
    static final int MAX_INDEX = 100_000;

    /** Steps between two readings of the clock. */
    private static final int STEPS_PER_TIME_CHECK = 1_000;

    private static final int UNITS_PER_STEP = 16;

    private final LongSupplier ticker;
    private final Regexes regexes;
    private int steps;
    private int nextTimeCheck = STEPS_PER_TIME_CHECK;
    private long start;
    private boolean started;
    private int units;
    private int depth;
    private long created;
    private long reserved;
    private long memory;
    private int visited;

    JqBudget(LongSupplier ticker, Regexes regexes) {
        this.ticker = ticker;
        this.regexes = regexes;
    }

    /** The compiled regular expressions of the program. */
    Regexes regexes() {
        return regexes;
    }

    void enter() {
        if (++depth > MAX_DEPTH) {
            throw new BodyFault("the jq program calls itself too deeply");
        }
        step(1);
    }

    void leave() {
        depth--;
    }

    void checkIndex(JsonNode index) {
        if (index.asDouble() > MAX_INDEX) {
            throw new BodyFault("the jq program assigns to an array index above " + MAX_INDEX);
        }
    }

    void checkNesting(int levels) {
        if (levels > MAX_NESTING) {
            throw new BodyFault("the jq program nests more than " + MAX_NESTING + " levels");
        }
    }

    /** Counts characters or items that a part processes in one step. */
    void work(long touched) {
        long all = units + touched;
        units = (int) (all % UNITS_PER_STEP);
        step(all / UNITS_PER_STEP);
    }

    /** Counts the input of a function. */
    void input(JsonNode in) {
        work(in.isTextual() ? in.textValue().length() / 4 : in.size());
    }

    /** Counts a search for a text in another. */
    void search(int length, int within) {
        work((long) within * Math.max(1, length) / 2);
    }

    /** Checks the time after a caught error, whose message may have been expensive. */
    void caught() {
        step(UNITS_PER_STEP);
        checkTime();
    }

    /** Checks a new value whose parts were checked before. */
    <T extends JsonNode> T created(T value) {
        if (value.isContainerNode()) {
            sizeOf(value);
            reserve(shallow(value));
        }
        return value;
    }

    /** Checks a new value whose parts were not checked. */
    JsonNode createdDeep(JsonNode value) {
        sizeOf(value);
        if (value.isContainerNode()) {
            reserve(memory);
        }
        return value;
    }

    /** Reserves a text before it is built. */
    void reserveText(long characters) {
        checkLength(characters);
        reserve(2 * characters);
    }

    /** Reserves scalar items of an array. */
    void reserveItems(long items) {
        reserve((NODE + ITEM) * items);
    }

    private static long shallow(JsonNode container) {
        return container.isObject() ? OBJECT + MEMBER * container.size() : ITEM * container.size();
    }

    /** Reserves memory. @param bytes that it takes beside a node */
    void reserve(long bytes) {
        created += bytes + NODE;
        if (created > MAX_CREATED) {
            throw tooMuch();
        }
        while (created > reserved) {
            Evaluation.use(CHUNK);
            reserved += CHUNK;
        }
        work(bytes / 64);
    }

    /** Checks the length of a text before it is built. */
    void checkLength(long characters) {
        if (characters > MAX_VALUE) {
            throw tooMuch();
        }
    }

    /** Approximate characters of a value's JSON. The traversal counts against the budget and stops at the limit. */
    int sizeOf(JsonNode value) {
        visited = 0;
        memory = 0;
        int size = (int) size(value, 0, 0);
        work(visited);
        return size;
    }

    /** The most bytes of a value; 0 unless it is a text, array or object. Not counted. */
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
        long left = MAX_NANOS - (now - start);
        if (left <= 0) {
            throw tooLong();
        }
        return left;
    }

    BodyFault tooLong() {
        return new BodyFault("the jq program takes longer than " + TimeUnit.NANOSECONDS.toMillis(MAX_NANOS) + " ms");
    }

    private static BodyFault tooMuch() {
        return new BodyFault(TOO_MUCH);
    }

    void step(long count) {
        if (count > MAX_STEPS - steps) {
            throw new BodyFault("the jq program takes more than " + MAX_STEPS + " steps");
        }
        steps += (int) count;
        if (steps >= nextTimeCheck) {
            checkTime();
        }
    }

    private void checkTime() {
        nextTimeCheck = steps + STEPS_PER_TIME_CHECK;
        nanosLeft();
    }
}
