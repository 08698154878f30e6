package io.engagementwebhooks.operate.jmx;

import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.store.query.StatsStore.Step;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.camel.api.management.ManagedAttribute;
import org.apache.camel.api.management.ManagedOperation;
import org.apache.camel.api.management.ManagedResource;

/** Statistics of this instance and its store. Thread-safe. */
@ManagedResource(description = "Statistics of this instance since its start, and the size of its store")
public final class Statistics {

    private static final int MOST_MINUTES = 7 * 24 * 60;

    private final JmxLookup known;
    private final Store store;
    private final Outbox outbox;
    private final MeterRegistry meters;

    Statistics(JmxLookup known, Outbox outbox, MeterRegistry meters) {
        this.known = known;
        this.store = known.store();
        this.outbox = outbox;
        this.meters = meters;
    }

    @ManagedAttribute(description = "Attempts since the start, by outcome; not-sent: we could not send")
    public Map<String, Long> getAttempts() {
        Map<String, Long> attempts = new TreeMap<>();
        meters.find("webhooks.delivery.attempts")
                .counters()
                .forEach(counter -> attempts.put(counter.getId().getTag("outcome"), (long) counter.count()));
        return attempts;
    }

    @ManagedAttribute(description = "How many of the 256 partitions of webhooks this instance owns")
    public int getPartitionsOwned() {
        return store.cluster().ownership().partitions();
    }

    @ManagedAttribute(description = "Bytes of the store on disk")
    public long getStoreBytes() {
        return store.size();
    }

    @ManagedAttribute(description = "Bytes of the embedded store's write-ahead log; 0: none")
    public long getWriteAheadLogBytes() {
        return store.walSize();
    }

    @ManagedAttribute(description = "Whether back-pressure limits ingest to the rate of deliveries now")
    public boolean isThrottling() {
        return outbox.acceptance().isThrottling();
    }

    @ManagedAttribute(description = "Ingest requests delayed by back-pressure since the start")
    public long getThrottledRequests() {
        return outbox.acceptance().throttled();
    }

    @ManagedOperation(
            description =
                    "Events and outcomes of an account in the last minutes: events, delivered, try-later, gave-up, skipped. Parameters: account, minutes")
    public Map<String, Long> recent(String account, int minutes) {
        if (minutes < 1 || minutes > MOST_MINUTES) {
            throw new IllegalArgumentException("minutes must be from 1 to " + MOST_MINUTES + ", not " + minutes);
        }
        Instant to = known.clock().instant().plus(Duration.ofMinutes(1));
        Instant from = to.minus(Duration.ofMinutes(minutes + 1L));
        Step total = Step.total(from, store.stats().steps(known.account(account), from, to, Duration.ofHours(1)));
        Map<String, Long> sums = new LinkedHashMap<>();
        sums.put("events", total.events());
        sums.put("delivered", total.delivered());
        sums.put("try-later", total.tryLater());
        sums.put("gave-up", total.gaveUp());
        sums.put("skipped", total.skipped());
        return sums;
    }

    @ManagedOperation(description = "Kept deliveries of an account by state. It counts each of them")
    public Map<String, Long> deliveries(String account) {
        Map<String, Long> sums = new LinkedHashMap<>();
        for (DeliveryState state : DeliveryState.values()) {
            sums.put(state.text(), 0L);
        }
        store.backlogs()
                .countsByState(known.account(account))
                .values()
                .forEach(counts -> counts.forEach((state, count) -> sums.merge(state.text(), count, Long::sum)));
        return sums;
    }
}
