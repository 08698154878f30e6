package io.engagementwebhooks.deliver;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * How long the parts of an attempt's call took; a second call of the same attempt adds to the first. A missing
 * part, such as connecting over an open connection, is left out. An unfinished part counts up to the query, so that an
 * abandoned call shows what it waited for. Thread-safe: the threads that make a call and the
 * one that records the attempt are not the same.
 */
public final class Timing {

    /** The parts of a call, in their order. */
    public enum Part {
        /** resolving the name */
        DNS("dns"),
        /** opening the connection, by a tunnel too */
        CONNECT("connect"),
        /** the TLS handshake */
        TLS("tls"),
        /** until the last header of the answer: waiting for a connection that is free, sending, and waiting */
        WAIT("wait"),
        /** reading the answer's body */
        BODY("body");

        private final String text;

        Part(String text) {
            this.text = text;
        }

        private boolean isBeforeConnection() {
            return compareTo(WAIT) < 0;
        }
    }

    private static final long NONE = -1;

    private final List<Call> calls = new CopyOnWriteArrayList<>();
    private final List<Timing> several;

    public Timing() {
        this.several = List.of();
    }

    private Timing(Collection<Timing> several) {
        this.several = List.copyOf(several);
    }

    /** Of calls that are made for several deliveries at once: the attempt of each has the whole call's time. */
    public static Timing of(Collection<Timing> several) {
        return new Timing(several);
    }

    /** A call begins. */
    public Call call() {
        Call call = new Call();
        add(call);
        return call;
    }

    private void add(Call call) {
        calls.add(call);
        several.forEach(each -> each.add(call));
    }

    /** As JSON, in milliseconds with three decimals; null: nothing was measured, or the times are confidential. */
    public String json() {
        if (calls.stream().anyMatch(Call::isUnresolved)) {
            return null;
        }
        long[] sums = none();
        for (Call call : calls) {
            long[] took = call.untilNow();
            for (Part part : Part.values()) {
                sums[part.ordinal()] = sum(sums[part.ordinal()], took[part.ordinal()]);
            }
        }
        StringBuilder json = new StringBuilder("{");
        for (Part part : Part.values()) {
            add(json, part.text, sums[part.ordinal()]);
        }
        return json.length() == 1 ? null : json.append('}').toString();
    }

    private static long[] none() {
        long[] nanos = new long[Part.values().length];
        Arrays.fill(nanos, NONE);
        return nanos;
    }

    private static long sum(long before, long nanos) {
        return nanos == NONE ? before : Math.max(0, before) + nanos;
    }

    private static void add(StringBuilder json, String part, long nanos) {
        if (nanos != NONE) {
            long micros = TimeUnit.NANOSECONDS.toMicros(nanos);
            json.append(json.length() == 1 ? "" : ",")
                    .append('"')
                    .append(part)
                    .append("\":")
                    .append(micros / 1000)
                    .append('.')
                    .append(String.valueOf(1000 + micros % 1000), 1, 4);
        }
    }

    @Override
    public String toString() {
        return String.valueOf(json());
    }

    /** One call: a request and its answer. Thread-safe. */
    public static final class Call {

        private final long[] nanos = none();
        private Part running;
        private long since;
        private boolean unresolved;

        private Call() {}

        /**
         * From now on it is this part that takes the time, and what ran before is over.
         *
         * @param part null: none does
         * @return what ran before, or null
         */
        public synchronized Part begin(Part part) {
            long now = System.nanoTime();
            Part before = running;
            if (before != null) {
                took(before, now - since);
            }
            running = part;
            since = now;
            return before;
        }

        /** Nothing takes time any more. */
        public void end() {
            begin(null);
        }

        /**
         * There is a connection, and its answer is waited for.
         *
         * @param isNew whether it was opened for this call
         * @param tlsNanos how much of the time to open it was TLS
         */
        public synchronized void connected(boolean isNew, long tlsNanos) {
            begin(Part.WAIT);
            if (isNew) {
                handshakeTook(tlsNanos);
            } else {
                took(Part.WAIT, nanos[Part.CONNECT.ordinal()]);
                nanos[Part.CONNECT.ordinal()] = NONE;
            }
        }

        /**
         * There is no connection, so that nothing was waited for.
         *
         * @param tlsNanos how much of the time was a TLS handshake
         */
        public synchronized void notConnected(long tlsNanos) {
            end();
            handshakeTook(tlsNanos);
            nanos[Part.WAIT.ordinal()] = NONE;
        }

        private void handshakeTook(long tlsNanos) {
            long connect = nanos[Part.CONNECT.ordinal()];
            long tls = Math.min(tlsNanos, connect);
            if (tls > 0) {
                nanos[Part.CONNECT.ordinal()] = connect - tls;
                took(Part.TLS, tls);
            }
        }

        /** Hides the time of a failed lookup, which would reveal whether the name exists. */
        public synchronized void notResolved() {
            end();
            unresolved = true;
        }

        private synchronized boolean isUnresolved() {
            return unresolved;
        }

        /** What took how long, measured elsewhere. */
        public synchronized void took(Part part, long time) {
            nanos[part.ordinal()] = sum(nanos[part.ordinal()], Math.max(0, time));
        }

        private synchronized long[] untilNow() {
            long[] took = nanos.clone();
            if (running != null) {
                took[running.ordinal()] = sum(took[running.ordinal()], System.nanoTime() - since);
                if (running.isBeforeConnection()) {
                    took[Part.WAIT.ordinal()] = NONE;
                }
            }
            return took;
        }
    }
}
