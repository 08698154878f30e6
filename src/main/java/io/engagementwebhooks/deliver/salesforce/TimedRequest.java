package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.Timing;
import java.util.Optional;
import org.eclipse.jetty.client.Origin;

/**
 * Measures one request to an org, from its handover to the client. The wait for a connection counts as DNS, connect and
 * TLS while one is opened, and otherwise as wait for the response. Thread-safe: Jetty uses several threads.
 */
final class TimedRequest {

    private final Timing.Call timing;
    private final ConnectTimings connectTimings;
    private final long begun = System.nanoTime();
    private Optional<ConnectTiming> connectTiming = Optional.empty();
    private Long sent;
    private Long headers;
    private boolean ended;

    TimedRequest(Timing.Call timing, ConnectTimings connectTimings) {
        this.timing = timing;
        this.connectTimings = connectTimings;
    }

    /**
     * Called when it gets a connection.
     * @param first the connect timing, if this is the first request on the connection
     */
    synchronized void onConnection(Optional<ConnectTiming> first) {
        sent = System.nanoTime();
        connectTiming = first;
    }

    /** Called at the last response header. */
    synchronized void onHeaders() {
        if (!ended) {
            headers = System.nanoTime();
        }
    }

    /** Ends the request. Later callbacks, as of a resend, belong to another request. */
    synchronized void ended(Origin origin) {
        if (!ended) {
            ended = true;
            report(origin, System.nanoTime());
        }
    }

    private void report(Origin origin, long now) {
        if (sent == null) {
            long opened = connectTimings
                    .awaited(origin, begun, now)
                    .map(awaited -> awaited.report(timing, begun, now))
                    .orElse(0L);
            if (opened == 0) {
                timing.took(Timing.Part.WAIT, now - begun);
            }
            return;
        }
        long end = headers == null ? now : headers;
        long opened =
                connectTiming.map(first -> first.report(timing, begun, sent)).orElse(0L);
        long handshake =
                connectTiming.map(first -> first.reportTls(timing, sent, end)).orElse(0L);
        boolean secured = handshake < end - sent;
        if (secured) {
            timing.took(Timing.Part.WAIT, end - begun - opened - handshake);
        }
        if (headers != null) {
            timing.took(Timing.Part.BODY, now - headers);
        }
    }
}
