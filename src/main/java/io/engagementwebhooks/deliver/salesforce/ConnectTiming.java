package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.Timing;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;

/**
 * Timestamps of opening a connection, by {@link System#nanoTime()}. Jetty opens connections for a host, not for a
 * request, so a request may get another one. A request is charged only the part that passed while it waited.
 * Thread-safe.
 */
final class ConnectTiming implements SslHandshakeListener {

    private final long begun = System.nanoTime();
    private Long lookupStart;
    private Long lookupEnd;
    private Long ended;
    private boolean unresolved;
    private boolean speaksTls;
    private Long handshakeEnd;

    private record Span(long from, long to) {

        long within(long from, long to) {
            return Math.max(0, Math.min(this.to, to) - Math.max(this.from, from));
        }
    }

    /** The DNS lookup starts. */
    synchronized void lookupStarted() {
        lookupStart = System.nanoTime();
    }

    synchronized void lookupEnded() {
        lookupEnd = System.nanoTime();
    }

    /** The DNS lookup failed; its duration is hidden, since it would reveal whether the name exists. */
    synchronized void lookupFailed() {
        lookupEnded();
        unresolved = true;
    }

    /** The TCP connection is open. @param tls whether the first request starts a TLS handshake */
    synchronized void connected(boolean tls) {
        ended = System.nanoTime();
        speaksTls = tls;
    }

    /** The connect failed. */
    synchronized void failed() {
        ended = System.nanoTime();
    }

    @Override
    public synchronized void handshakeSucceeded(Event event) {
        handshakeEnd = System.nanoTime();
    }

    /** The part of it within a period, in nanoseconds. */
    synchronized long within(long from, long to) {
        return new Span(begun, ended == null ? to : ended).within(from, to);
    }

    /** Reports the DNS and connect time within a period. @return their sum, in nanoseconds */
    synchronized long report(Timing.Call timing, long from, long to) {
        long whole = within(from, to);
        if (whole == 0 || unresolved) {
            return whole;
        }
        if (lookupStart != null && lookupEnd == null) {
            timing.took(Timing.Part.DNS, whole);
            return whole;
        }
        long resolving = lookupStart == null ? 0 : new Span(lookupStart, lookupEnd).within(from, to);
        if (resolving > 0) {
            timing.took(Timing.Part.DNS, resolving);
        }
        timing.took(Timing.Part.CONNECT, whole - resolving);
        return whole;
    }

    /**
     * Reports the TLS time within a period; the handshake begins with the first request.
     *
     * @return its duration in nanoseconds; the whole period if it did not end
     */
    synchronized long reportTls(Timing.Call timing, long from, long to) {
        if (!speaksTls) {
            return 0;
        }
        long handshake = new Span(from, handshakeEnd == null ? to : handshakeEnd).within(from, to);
        if (handshake > 0) {
            timing.took(Timing.Part.TLS, handshake);
        }
        return handshake;
    }
}
