package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.Timing;
import java.util.Optional;
import org.eclipse.jetty.client.Origin;

/**
 * Measures one request to an org from when it is handed to the client. Waiting for a connection counts as resolving,
 * connecting and TLS as far as one was opened in that time, and else as waiting for the answer. Thread-safe: Jetty reports a
 * request by whatever thread has it.
 */
final class TimedRequest {

    private final Timing.Call timing;
    private final ConnectTimings openings;
    private final long begun = System.nanoTime();
    private Optional<ConnectTiming> opening = Optional.empty();
    private Long sent;
    private Long headers;
    private boolean over;

    TimedRequest(Timing.Call timing, ConnectTimings openings) {
        this.timing = timing;
        this.openings = openings;
    }

    /** It has a connection. @param first how that was opened, if this is the first request to go by it */
    synchronized void goesBy(Optional<ConnectTiming> first) {
        sent = System.nanoTime();
        opening = first;
    }

    /** The last header has come. */
    synchronized void answered() {
        if (!over) {
            headers = System.nanoTime();
        }
    }

    /** Ends the request. Later callbacks, as of a resend, belong to another request. */
    synchronized void over(Origin origin) {
        if (!over) {
            over = true;
            report(origin, System.nanoTime());
        }
    }

    private void report(Origin origin, long now) {
        if (sent == null) {
            long opened = openings.awaited(origin, begun, now)
                    .map(awaited -> awaited.report(timing, begun, now))
                    .orElse(0L);
            if (opened == 0) {
                timing.took(Timing.Part.WAIT, now - begun);
            }
            return;
        }
        long end = headers == null ? now : headers;
        long opened = opening.map(first -> first.report(timing, begun, sent)).orElse(0L);
        long handshake = opening.map(first -> first.tellTls(timing, sent, end)).orElse(0L);
        boolean secured = handshake < end - sent;
        if (secured) {
            timing.took(Timing.Part.WAIT, end - begun - opened - handshake);
        }
        if (headers != null) {
            timing.took(Timing.Part.BODY, now - headers);
        }
    }
}
