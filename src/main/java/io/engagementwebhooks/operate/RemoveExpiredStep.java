package io.engagementwebhooks.operate;

import io.engagementwebhooks.operate.settings.Settings;
import io.engagementwebhooks.store.RetentionLimits;
import io.engagementwebhooks.store.RetentionStep;
import io.engagementwebhooks.store.Store;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.IntFunction;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Step {@code remove-expired}: removes expired data, a few hundred rows at a time, without blocking ingest.
 * Thread-safe.
 */
public record RemoveExpiredStep(Store store, Settings settings, Clock clock) implements Processor {

    private static final Logger LOG = LoggerFactory.getLogger(RemoveExpiredStep.class);
    private static final int ROWS = 200;
    /** Somewhat longer than the longest query. */
    private static final Duration STATISTICS = Duration.ofDays(8);

    private static final Duration LONGEST_WARNING = Duration.ofDays(7);

    @Override
    public void process(Exchange exchange) {
        int payloads = 0;
        int attempts = 0;
        int events = 0;
        int gaveUp = 0;
        RetentionStep step;
        do {
            step = store.retain(limits()).toCompletableFuture().join();
            payloads += step.payloads();
            attempts += step.attempts();
            events += step.events();
            gaveUp += step.gaveUp();
        } while (step.more() && exchange.getContext().isStarted());
        removeOthers(exchange);
        LOG.info("retention.done payloads={} attempts={} events={} gave-up={}", payloads, attempts, events, gaveUp);
        exchange.getMessage().setBody(new RetentionStep(payloads, attempts, events, gaveUp, step.more()));
    }

    /** Removes data whose retention does not depend on deliveries. */
    private void removeOthers(Exchange exchange) {
        Instant now = clock.instant();
        inSteps(exchange, rows -> store.definitions().removeBefore(now.minus(settings.auditRetention()), rows));
        inSteps(exchange, rows -> store.replays().removeBefore(now.minus(settings.identityRetention()), rows));
        // by a receipt the store knows that it has to recognize erased identities
        Duration receipts = Collections.max(List.of(settings.auditRetention(), settings.identityRetention()));
        inSteps(exchange, rows -> store.erasures().removeBefore(now.minus(receipts), rows));
        inSteps(exchange, rows -> store.stats().removeBefore(now.minus(STATISTICS), rows));
    }

    private static void inSteps(Exchange exchange, IntFunction<CompletionStage<Integer>> step) {
        int removed;
        do {
            removed = step.apply(ROWS).toCompletableFuture().join();
        } while (removed == ROWS && exchange.getContext().isStarted());
    }

    /** How long before a queued delivery expires its account is notified: a week, or half of a short time. */
    private Duration warning() {
        Duration half = settings.waitingRetention().dividedBy(2);
        return half.compareTo(LONGEST_WARNING) < 0 ? half : LONGEST_WARNING;
    }

    private RetentionLimits limits() {
        Instant now = clock.instant();
        return new RetentionLimits(
                now,
                now.minus(settings.payloadRetention()),
                now.minus(settings.attemptRetention()),
                now.minus(settings.identityRetention()),
                now.minus(settings.waitingRetention()),
                now.minus(settings.waitingRetention()).plus(warning()),
                ROWS);
    }
}
