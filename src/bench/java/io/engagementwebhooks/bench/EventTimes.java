package io.engagementwebhooks.bench;

import io.vertx.core.buffer.Buffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/**
 * The events of one process, by number: when each was due, accepted and received. Times are of
 * {@link System#nanoTime()}. Thread-safe.
 */
final class EventTimes {

    /** The longest time counted; also used for missing deliveries. */
    static final long LONGEST_MICROS = TimeUnit.SECONDS.toMicros(120);

    private static final String PADDING = "x".repeat(760);

    /** Of one run: a store that is measured again has events with the same ids. */
    private final String source = "/bench/" + Long.toString(System.currentTimeMillis(), Character.MAX_RADIX);

    private final AtomicInteger next = new AtomicInteger();
    private final AtomicLongArray sent;
    private final AtomicLongArray accepted;
    private final AtomicLongArray arrived;
    private final AtomicLongArray lastArrived;
    private final AtomicIntegerArray times;
    private final IntUnaryOperator kind;
    private final int copies;

    /**
     * @param most how many there may be
     * @param copies deliveries per event
     * @param kind which type of event an event is of, by its number: {@code call.k7}
     */
    EventTimes(int most, int copies, IntUnaryOperator kind) {
        this.sent = new AtomicLongArray(most);
        this.accepted = new AtomicLongArray(most);
        this.arrived = new AtomicLongArray(most);
        this.lastArrived = new AtomicLongArray(copies == 1 ? 0 : most);
        this.times = new AtomicIntegerArray(most);
        this.copies = copies;
        this.kind = kind;
    }

    /** The number of the next event, or -1 if there is none left. */
    int next(long at) {
        int id = next.getAndIncrement();
        if (id >= sent.length()) {
            return -1;
        }
        sent.set(id, at);
        return id;
    }

    /** Whether there was no number left for an event. */
    boolean isUsedUp() {
        return next.get() > sent.length();
    }

    int copies() {
        return copies;
    }

    /** The first so many were stored before the run. */
    void stored(int many) {
        long now = System.nanoTime();
        for (int i = 0; i < many; i++) {
            accepted(next(now), now);
        }
    }

    /** An event of 1 KB. */
    Buffer body(int id) {
        return Buffer.buffer("{\"specversion\":\"1.0\",\"id\":\"" + id(id)
                + "\",\"source\":\"" + source + "\",\"type\":\"" + type(kind(id)) + "\",\"subject\":\"call/"
                + id
                + "\",\"time\":\"2026-11-24T09:31:07Z\",\"datacontenttype\":\"application/json\",\"data\":{\"cdr_id\":"
                + id + ",\"duration\":192,\"answered\":true,\"note\":\"" + PADDING + "\"}}");
    }

    /** The id of an event in its document, where {@link Receivers#id} finds its number. */
    static String id(int number) {
        return "b-" + number;
    }

    static String type(int kind) {
        return "call.k" + kind;
    }

    void accepted(int id, long at) {
        accepted.set(id, at);
    }

    void arrived(int id, long at) {
        if (times.incrementAndGet(id) == 1) {
            arrived.set(id, at);
        }
        if (copies > 1) {
            lastArrived.accumulateAndGet(id, at, Math::max);
        }
    }

    /** Which type of event an event is of. */
    int kind(int id) {
        return kind.applyAsInt(id);
    }

    /**
     * The longest time between two acceptances one after the other, of events from a number on, or from the last one
     * until the last event was sent, in nanoseconds.
     */
    long longestGap(int from) {
        long[] times = IntStream.range(from, sentCount())
                .mapToLong(accepted::get)
                .filter(at -> at != 0)
                .sorted()
                .toArray();
        long longest = sentAt(sentCount() - 1) - (times.length == 0 ? sentAt(from) : times[times.length - 1]);
        for (int i = 1; i < times.length; i++) {
            longest = Math.max(longest, times[i] - times[i - 1]);
        }
        return longest;
    }

    /** When one was sent. */
    long sentAt(int id) {
        return sent.get(id);
    }

    int sentCount() {
        return Math.min(next.get(), sent.length());
    }

    boolean wasAccepted(int id) {
        return accepted.get(id) != 0;
    }

    /** Number of accepted events with missing deliveries. */
    long lost() {
        return lost(id -> true);
    }

    /** The same of some of them. */
    long lost(IntPredicate which) {
        return count(id -> which.test(id) && wasAccepted(id) && times.get(id) < copies);
    }

    /** Number of accepted events without any delivery. */
    long missing(IntPredicate which) {
        return count(id -> which.test(id) && wasAccepted(id) && times.get(id) == 0);
    }

    /** Number of accepted events among some. */
    long accepted(IntPredicate which) {
        return count(id -> which.test(id) && wasAccepted(id));
    }

    /** Number of events that arrived first in a time. */
    long arrivedIn(long from, long until) {
        return count(id -> arrived.get(id) != 0 && arrived.get(id) >= from && arrived.get(id) < until);
    }

    /** Number of events with repeated deliveries. */
    long doubled() {
        return doubled(id -> true);
    }

    /** The same of some of them. */
    long doubled(IntPredicate which) {
        return count(id -> which.test(id) && times.get(id) > copies);
    }

    private long count(IntPredicate which) {
        long many = 0;
        for (int id = 0; id < sentCount(); id++) {
            many += which.test(id) ? 1 : 0;
        }
        return many;
    }

    /** From when each was to be sent until its 202, of those that were to be sent in a time. */
    Histogram untilAccepted(long from, long until, IntPredicate which) {
        return times(from, until, which, sent, accepted);
    }

    /** From when each was to be sent until its first byte at the receiver: what the 202 takes is in it. */
    Histogram untilArrived(long from, long until, IntPredicate which) {
        return times(from, until, which, sent, arrived);
    }

    /** From its 202, as the sender saw it, until its first byte at the receiver, which may be there before. */
    Histogram fromAcceptedUntilArrived(long from, long until, IntPredicate which) {
        return times(from, until, id -> which.test(id) && wasAccepted(id), accepted, arrived);
    }

    /** How long the last delivery of an event took, in milliseconds. */
    double untilLastArrived(int id) {
        return (lastArrived.get(id) - sent.get(id)) / 1e6;
    }

    int times(int id) {
        return times.get(id);
    }

    private Histogram times(long from, long until, IntPredicate which, AtomicLongArray begin, AtomicLongArray end) {
        Histogram micros = new Histogram(LONGEST_MICROS, 3);
        for (int id = 0; id < sentCount(); id++) {
            if (sent.get(id) >= from && sent.get(id) < until && which.test(id)) {
                long nanos = end.get(id) - begin.get(id);
                boolean isThere = end.get(id) != 0;
                micros.recordValue(isThere ? Math.max(0, Math.min(LONGEST_MICROS, nanos / 1000)) : LONGEST_MICROS);
            }
        }
        return micros;
    }
}
