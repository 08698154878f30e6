package io.engagementwebhooks.ledger;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Registers the parts of a package: as beans under names that routes use, and for closing in reverse order. Used by the
 * threads that start and stop the product.
 */
public final class RoomContext implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RoomContext.class);

    private final CamelContext camel;
    private final Clock clock;
    private final Ledger ledger;
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final Background housekeeping = closeAtStop(new Background("housekeeping"));

    public RoomContext(CamelContext camel, Clock clock, Ledger ledger) {
        this.camel = camel;
        this.clock = clock;
        this.ledger = ledger;
    }

    public CamelContext camel() {
        return camel;
    }

    public Clock clock() {
        return clock;
    }

    public Ledger ledger() {
        return ledger;
    }

    /** Binds a bean in Camel's registry. */
    public void bind(String name, Object bean) {
        camel.getRegistry().bind(name, bean);
    }

    /** Registers a part to be closed when the product stops. @return the part */
    public <T extends AutoCloseable> T closeAtStop(T part) {
        parts.push(part);
        return part;
    }

    /**
     * Runs a task periodically until the product stops. It must be short and must not block, since it shares a thread.
     */
    public void every(Duration interval, Runnable task) {
        every(interval, interval, task);
    }

    /** Like {@link #every(Duration, Runnable)}. @param first delay of the first run */
    public void every(Duration first, Duration interval, Runnable task) {
        closeAtStop(housekeeping.every(first, interval, task));
    }

    /** Closes all parts; failures are logged. */
    @Override
    public void close() {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                LOG.warn("shutdown.close-failed: {}", e.getMessage(), e);
            }
        }
    }
}
