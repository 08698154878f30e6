package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.ledger.Causes;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs names that resolve to non-public addresses, with their users: once a minute for each user and name, at most
 * {@value #MOST} a minute. Thread-safe.
 */
public final class NotPublicLog {

    static final int MOST = 50;

    private static final Logger LOG = LoggerFactory.getLogger(NotPublicLog.class);
    private static final NotPublicLog OF_PROCESS = new NotPublicLog(System::nanoTime);
    private static final long PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final LongSupplier nanoTime;
    private final Map<String, Long> written = new LinkedHashMap<>();

    NotPublicLog(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Logs a failure that such a name caused.
     *
     * @param failure searched with its causes
     * @param account of the failed call
     * @param user the definition with the host, such as {@code webhook=crm}
     */
    public static void note(Throwable failure, String account, String user) {
        OF_PROCESS.write(failure, account, user);
    }

    void write(Throwable failure, String account, String user) {
        Causes.first(failure, NotPublicException.class)
                .filter(refused -> isDue(account + '\n' + user + '\n' + refused.getMessage()))
                .ifPresent(refused -> LOG.warn(
                        "egress.not-public account={} {} host={} address={}: customers read that it cannot be"
                                + " resolved; webhooks.egress.allow opens a range",
                        account,
                        user,
                        refused.getMessage(),
                        refused.detail()));
    }

    /** Whether to log this user and name now. */
    synchronized boolean isDue(String key) {
        long now = nanoTime.getAsLong();
        written.values().removeIf(at -> now - at >= PAUSE_NANOS);
        return written.size() < MOST && written.putIfAbsent(key, now) == null;
    }
}
