package io.engagementwebhooks.ledger;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Local ports of the machine, one for each connection to the same address and port. A connection that fails without
 * a free port is our failure. It is logged once a minute with a count. Thread-safe.
 */
public final class LocalPorts {

    private static final Logger LOG = LoggerFactory.getLogger(LocalPorts.class);

    /** The system's text (EADDRNOTAVAIL). It is also that of an address of a kind that the machine has none of. */
    private static final String NONE_LEFT = "Cannot assign requested address";

    private static final MinuteCounter FAILURES = new MinuteCounter();

    private LocalPorts() {}

    /** Whether a connection could not be opened because there was no local port, or no local address, for it. */
    public static boolean isNoneLeft(Throwable failure) {
        return Causes.says(failure, NONE_LEFT);
    }

    /**
     * As {@link #isNoneLeft}; if so, it is logged.
     *
     * @param doing what failed, for the log, such as "calling a receiver"
     */
    public static boolean ranOut(String doing, Throwable failure) {
        if (!isNoneLeft(failure)) {
            return false;
        }
        FAILURES.next()
                .ifPresent(count -> LOG.error(
                        "process.out-of-local-ports doing=\"{}\" count={}: raise net.ipv4.ip_local_port_range, or lower"
                                + " webhooks.deliver.max-in-flight",
                        doing,
                        count));
        return true;
    }
}
