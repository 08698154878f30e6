package io.engagementwebhooks.deliver;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.camel.Exchange;

/** Sends several deliveries to one kind of destination in one request. Thread-safe. */
public interface BatchSending {

    /**
     * What a delivery may go with.
     *
     * @param key deliveries of equal keys may go together
     * @param size at most so many; 1: each by itself
     * @param most how long one waits for others
     */
    record Terms(Object key, int size, Duration most) {}

    /** What this delivery may go with. */
    Terms terms(Exchange exchange);

    /**
     * Sends deliveries that may go together. Each exchange has its own answer or exception afterwards, as if it had been
     * sent by itself.
     *
     * @param together at least one
     * @return completes when all have; if it fails, so do those without an exception of their own
     */
    CompletionStage<Void> send(List<Exchange> together);
}
