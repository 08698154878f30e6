package io.engagementwebhooks.deliver.oauth2;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A token request under way, for which any number of deliveries may wait: a few of them as long as it takes, the others
 * for the first two seconds. So an endpoint that hangs holds a few of the threads that send, and not all. Thread-safe.
 */
final class Flight extends CompletableFuture<Token> {

    static final int PATIENT = 4;

    private static final Duration HURRY = Duration.ofSeconds(2);

    private final long start = System.nanoTime();
    private final AtomicInteger waiting = new AtomicInteger();

    static Flight landed(Token token) {
        Flight flight = new Flight();
        flight.complete(token);
        return flight;
    }

    /** How long one more may wait for it. @param longest what the first ones may */
    Duration patience(Duration longest) {
        if (waiting.getAndIncrement() < PATIENT) {
            return longest;
        }
        Duration left = HURRY.minusNanos(System.nanoTime() - start);
        return left.isNegative() ? Duration.ZERO : left;
    }
}
