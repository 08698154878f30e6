package io.engagementwebhooks.deliver.step;

import io.engagementwebhooks.ledger.Causes;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.camel.Exchange;

/** Sends several deliveries to one kind of destination in one request. Thread-safe. */
public interface BatchSending {

    /**
     * Which deliveries can share a request with this one, and how long to wait for them.
     *
     * @param key deliveries with equal keys can share a request
     * @param maxSize the most deliveries per request; 1: no batching
     * @param maxWait how long the first delivery waits for others
     */
    record Terms(Object key, int maxSize, Duration maxWait) {}

    Terms terms(Exchange exchange);

    /**
     * Sends deliveries with equal keys in one request. Afterwards each exchange has its own response or exception.
     *
     * @param together at least one
     * @return completes when all exchanges have; its failure applies to each exchange that has no exception yet
     */
    CompletionStage<Void> send(List<Exchange> together);

    /** Sends the halves of a refused batch, each in one request. If one cannot be sent, the other keeps its result. */
    default CompletionStage<Void> sendHalves(List<Exchange> together) {
        int half = together.size() / 2;
        return CompletableFuture.allOf(
                sendHalf(together.subList(0, half)), sendHalf(together.subList(half, together.size())));
    }

    private CompletableFuture<Void> sendHalf(List<Exchange> together) {
        return send(together).toCompletableFuture().exceptionally(failure -> {
            together.stream()
                    .filter(exchange -> exchange.getException() == null)
                    .forEach(exchange -> exchange.setException(Causes.unwrapped(failure)));
            return null;
        });
    }
}
