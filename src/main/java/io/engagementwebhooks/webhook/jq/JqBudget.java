package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.ledger.Evaluation;
import io.engagementwebhooks.webhook.template.BodyFault;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The budget of one evaluation of a jq program: steps, time, call depth, and size of values. Exceeding it throws a
 * {@link BodyFault}, which jq's {@code try} cannot catch. Not thread-safe.
 *
 * <p>The clock is read once in {@value #STEPS_PER_TIME_CHECK} steps, to keep short programs fast.
 */
final class JqBudget {

    /** The most steps: evaluated parts, generated results, and one per 16 characters or items processed. */
    static final int MAX_STEPS = 500_000;

    /** The largest value, in characters of its JSON. */
    static final int MAX_VALUE = 1 << 20;

    /** The message for a program above the limit. */
    static final String TOO_MUCH = "the jq program makes more than 1 MiB";

    /** The most memory of all intermediate values, in bytes. */
    static final long MAX_CREATED = 32L << 20;

    /** The most time, from the first reading of the clock. */
    private static final long MAX_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** Deepest nesting of evaluations; this limit is reached before the stack (1 MiB) overflows. */
    private static final int MAX_DEPTH = 1_000;

    /** Levels of arrays and objects in a value; events have at most 200. */
    private static final int MAX_NESTING = 400;

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

    private static final int STEPS_PER_TIME_CHECK = 1_000;
    private static final int UNITS_PER_STEP = 16;

    private final LongSupplier ticker;
    private int steps;
    private int nextTimeCheck = STEPS_PER_TIME_CHECK;
    private long start;
    private boolean isStarted;
    private long units;
    private int depth;
    private long created;
    private long reserved;
    private int visited;
    private long memory;

    JqBudget(LongSupplier ticker) {
        this.ticker = ticker;
    }

    /** Begins the evaluation of a part. */
    void enter() {
        if (++depth > MAX_DEPTH) {
            throw new BodyFault("the jq program calls itself too deeply");
        }
        step(1);
    }

    /** Ends the evaluation of a part. */
    void leave() {
        depth--;
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

    /** Counts characters or items that a part processes in one step. */
    void work(long touched) {
        units += touched;
        step(units / UNITS_PER_STEP);
        units %= UNITS_PER_STEP;
    }

    /** Counts the input of a function. */
    void input(JsonNode in) {
        work(in.isTextual() ? in.textValue().length() / 4 : in.size());
    }

    /** Counts a search for a text in another, which may compare each character with each. */
    void search(int length, int within) {
        work((long) within * (4 + length) / 8);
    }

    /** Checks the time after a caught error, whose message may have been expensive. */
    void caught() {
        step(UNITS_PER_STEP);
        checkTime();
    }

    private void checkTime() {
        nextTimeCheck = steps + STEPS_PER_TIME_CHECK;
        nanosLeft();
    }

    /** The remaining time. @throws BodyFault if none remains */
    long nanosLeft() {
        long now = ticker.getAsLong();
        if (!isStarted) {
            isStarted = true;
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

    /** Reserves memory before it is allocated. @param bytes that it takes beside a node */
    void reserve(long bytes) {
        created += bytes + NODE;
        if (created > MAX_CREATED) {
            throw new BodyFault(TOO_MUCH);
        }
        while (created > reserved) {
            Evaluation.use(CHUNK);
            reserved += CHUNK;
        }
        work(bytes / 64);
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

    /** Checks a new value, and reserves an array or object without its members. */
    JsonNode created(JsonNode value) {
        sizeOf(value);
        if (value.isContainerNode()) {
            reserve(shallow(value));
        }
        return value;
    }

    void checkNesting(int levels) {
        if (levels > MAX_NESTING) {
            throw new BodyFault("the jq program nests more than " + MAX_NESTING + " levels");
        }
    }

    /** Checks the length of a text before it is built. */
    private static long checkLength(long characters) {
        if (characters > MAX_VALUE) {
            throw new BodyFault(TOO_MUCH);
        }
        return characters;
    }

    /** Approximate characters of a value's JSON. The traversal counts against the budget and stops at the limit. */
    int sizeOf(JsonNode value) {
        visited = 0;
        int size = (int) size(value, 0, 0);
        work(visited);
        return size;
    }

    /** The most bytes of a value; 0 unless it is a text, array or object. */
    long memoryOf(JsonNode value) {
        memory = 0;
        size(value, 0, 0);
        return value.isContainerNode() || value.isTextual() ? memory : 0;
    }

    private long size(JsonNode value, long before, int level) {
        visited++;
        memory += NODE;
        if (!value.isContainerNode()) {
            int length = value.isTextual() ? value.textValue().length() : 2;
            memory += 2L * length;
            return checkLength(before + 2 + length);
        }
        checkNesting(level);
        memory += shallow(value);
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
        return checkLength(size);
    }

    private static long shallow(JsonNode container) {
        return container.isObject() ? OBJECT + MEMBER * container.size() : ITEM * container.size();
    }
}
