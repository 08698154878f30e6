package io.engagementwebhooks.deliver;

import java.util.concurrent.TimeUnit;

/**
 * How long the parts of a call took, in nanoseconds; a second send of the same attempt adds to the first. A part that there
 * was none of, such as connecting where a connection was open, is not told. Not thread-safe: a call is made by one thread.
 */
public final class Timing {

    private static final long NONE = -1;

    private long name = NONE;
    private long connect = NONE;
    private long tls = NONE;
    private long answer = NONE;
    private long body = NONE;
    private boolean connected = true;

    /** Resolving the name. */
    public void name(long nanos) {
        name = sum(name, nanos);
    }

    /** Opening the connection. */
    public void connect(long nanos) {
        connect = sum(connect, nanos);
    }

    /** The TLS handshake. */
    public void tls(long nanos) {
        tls = sum(tls, nanos);
    }

    /** There is no connection, so that nothing is waited for. */
    public void notConnected() {
        connected = false;
    }

    /** From the connection to the last header of the answer: sending, and waiting. */
    public void answer(long nanos) {
        if (connected) {
            answer = sum(answer, nanos);
        }
    }

    /** Reading the answer's body. */
    public void body(long nanos) {
        body = sum(body, nanos);
    }

    /** What was spent until there was a connection. */
    public long connecting() {
        return Math.max(0, name) + Math.max(0, connect) + Math.max(0, tls);
    }

    /** Name and TLS, which are parts of what a connect takes. */
    public long withinConnect() {
        return Math.max(0, name) + Math.max(0, tls);
    }

    private static long sum(long before, long nanos) {
        return Math.max(0, before) + Math.max(0, nanos);
    }

    /** As JSON, in milliseconds with three decimals; null: nothing was measured. */
    public String json() {
        StringBuilder json = new StringBuilder("{");
        add(json, "dns", name);
        add(json, "connect", connect);
        add(json, "tls", tls);
        add(json, "wait", answer);
        add(json, "body", body);
        return json.length() == 1 ? null : json.append('}').toString();
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
}
