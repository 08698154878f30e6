package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.Timing;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;

/**
 * How a connection is opened, by {@link System#nanoTime()}. Jetty opens connections for a host and not for a request, so a
 * request may wait for one and get another's: of opening it has what passed while it waited, and nothing of a connection that
 * was there before. Thread-safe.
 */
final class ConnectTiming implements SslHandshakeListener {

    private final long begun = System.nanoTime();
    private Long asked;
    private Long known;
    private Long ended;
    private boolean unresolved;
    private boolean speaksTls;
    private Long secured;

    private record Span(long from, long to) {

        long within(long from, long to) {
            return Math.max(0, Math.min(this.to, to) - Math.max(this.from, from));
        }
    }

    /** The name is asked for. */
    synchronized void nameAsked() {
        asked = System.nanoTime();
    }

    synchronized void nameKnown() {
        known = System.nanoTime();
    }

    /** There is no address to connect to: its duration would reveal whether the name exists. */
    synchronized void nameUnknown() {
        nameKnown();
        unresolved = true;
    }

    /** There is a connection. @param tls whether its first request speaks TLS before it is sent */
    synchronized void connected(boolean tls) {
        ended = System.nanoTime();
        speaksTls = tls;
    }

    /** There will be none. */
    synchronized void failed() {
        ended = System.nanoTime();
    }

    @Override
    public synchronized void handshakeSucceeded(Event event) {
        secured = System.nanoTime();
    }

    /** How long it lasted within this time, in nanoseconds. */
    synchronized long within(long from, long to) {
        return new Span(begun, ended == null ? to : ended).within(from, to);
    }

    /** Reports the part of resolving and connecting in this period. @return how long that was, in nanoseconds */
    synchronized long report(Timing.Call timing, long from, long to) {
        long whole = within(from, to);
        if (whole == 0 || unresolved) {
            return whole;
        }
        if (asked != null && known == null) {
            timing.took(Timing.Part.DNS, whole);
            return whole;
        }
        long resolving = asked == null ? 0 : new Span(asked, known).within(from, to);
        if (resolving > 0) {
            timing.took(Timing.Part.DNS, resolving);
        }
        timing.took(Timing.Part.CONNECT, whole - resolving);
        return whole;
    }

    /**
     * Reports the part of the handshake in this period, if there is one: it begins with the first request.
     *
     * @return how long it was, in nanoseconds; all of the time where it did not come to its end
     */
    synchronized long tellTls(Timing.Call timing, long from, long to) {
        if (!speaksTls) {
            return 0;
        }
        long handshake = new Span(from, secured == null ? to : secured).within(from, to);
        if (handshake > 0) {
            timing.took(Timing.Part.TLS, handshake);
        }
        return handshake;
    }
}
