package io.engagementwebhooks.deliver;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * The durations of the parts of an attempt's calls; several calls are summed. A part that did not occur, such as
 * connect on an open connection, is left out. An unfinished part counts up to now, so that an abandoned call shows
 * where it stopped. Thread-safe.
 */
public final class Timing {

    /** The parts of a call, in order. */
    public enum Part {
        /** resolving the name */
        DNS("dns"),
        /** opening the connection, including a proxy tunnel */
        CONNECT("connect"),
        /** the TLS handshake */
        TLS("tls"),
        /** from the request for a connection to the last response header */
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

    /** The timing of a batch: each delivery gets the whole durations. */
    public static Timing of(Collection<Timing> several) {
        return new Timing(several);
    }

    /** Begins a call. */
    public Call call() {
        Call call = new Call();
        add(call);
        return call;
    }

    private void add(Call call) {
        calls.add(call);
        several.forEach(each -> each.add(call));
    }

    /** As JSON, in milliseconds with three decimals; null if nothing was measured or the times are confidential. */
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

    /** A request and its response. Thread-safe. */
    public static final class Call {

        private final long[] nanos = none();
        private Part running;
        private long since;
        private boolean unresolved;

        private Call() {}

        /**
         * Begins a part and ends the one before.
         *
         * @param part null: none begins
         * @return the part that ended, or null
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

        /** Ends the current part. */
        public void end() {
            begin(null);
        }

        /**
         * The connection is open; the wait for the response begins.
         *
         * @param isNew whether it was opened for this call
         * @param tlsNanos the TLS part of the time to open it
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
         * The connection failed, so there is no wait for a response.
         *
         * @param tlsNanos the TLS part of the time
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

        /** Adds a duration that was measured elsewhere. */
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
