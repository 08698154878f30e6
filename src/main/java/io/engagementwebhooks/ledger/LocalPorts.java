package io.engagementwebhooks.ledger;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Detects failures for lack of local ports. A connection that fails for lack of a port is a failure of this machine,
 * not of the receiver. It is logged once a minute with a count. Thread-safe.
 */
public final class LocalPorts {

    private static final Logger LOG = LoggerFactory.getLogger(LocalPorts.class);

    /** The system's message for EADDRNOTAVAIL, also where the machine has no address of a family. */
    private static final String NONE_LEFT = "Cannot assign requested address";

    private static final MinuteCounter FAILURES = new MinuteCounter();

    private LocalPorts() {}

    /** Whether a connection failed for lack of a local port or address. */
    public static boolean isNoneLeft(Throwable failure) {
        return Causes.anyMessageContains(failure, NONE_LEFT);
    }

    /**
     * Like {@link #isNoneLeft}; logs it.
     *
     * @param doing the failed action, for the log, such as "calling a receiver"
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
