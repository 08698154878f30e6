package io.engagementwebhooks.ingest;

import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refuses events with 503 before the store is too full: too many deliveries wait, or the file is too large. The store is
 * looked at every few seconds, not for each event. Thread-safe.
 */
public final class Admission implements Consumer<Exchange>, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Admission.class);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(5);
    private static final Duration RETRY = Duration.ofSeconds(30);

    private final Store store;
    private final long maxWaiting;
    private final long maxSize;
    private final ScheduledExecutorService looking =
            Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "admission"));
    private volatile String refusal;

    /**
     * @param store whose fill is watched
     * @param maxWaiting deliveries that may wait
     * @param maxSize bytes on disk, or 0: unlimited
     */
    public Admission(Store store, long maxWaiting, long maxSize) {
        this.store = store;
        this.maxWaiting = maxWaiting;
        this.maxSize = maxSize;
        looking.scheduleWithFixedDelay(this::look, 0, LOOK_EVERY.toSeconds(), TimeUnit.SECONDS);
    }

    /** Looks at the store now. */
    void look() {
        try {
            refusal = refusal(store.waitingCount(), store.size());
        } catch (StoreException e) {
            // the store itself answers for that, event by event
            refusal = null;
        } catch (RuntimeException e) {
            // thrown on, it would end the looking and leave the last verdict for ever
            LOG.error("the store could not be looked at", e);
            refusal = null;
        }
    }

    private String refusal(long waiting, long size) {
        if (waiting >= maxWaiting) {
            return waiting + " deliveries wait, and " + maxWaiting + " may (webhooks.store.max-waiting)";
        }
        if (maxSize > 0 && size >= maxSize) {
            return "the store has " + size + " bytes, and may have " + maxSize + " (webhooks.store.max-size)";
        }
        return null;
    }

    @Override
    public void accept(Exchange exchange) {
        String why = refusal;
        if (why != null) {
            throw new ProblemException(
                    Problem.unavailable("store-full", "Events are not accepted now: " + why + ".", RETRY));
        }
    }

    @Override
    public void close() {
        looking.shutdownNow();
    }
}
