package io.engagementwebhooks.ingest;

import io.engagementwebhooks.ledger.SharedBudget;
import io.engagementwebhooks.server.CallerAuthentication;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.store.Store;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;

/**
 * Refuses events with 503 before the store is full. The limits are of pending deliveries and of the file's size, which
 * is checked every few seconds. Above half of the limit each account has a share, so that one account cannot fill the
 * store. Also refuses an account with too many events that wait for back-pressure. Thread-safe.
 */
public final class Admission implements Consumer<Exchange> {

    /** The interval of {@link #refresh}. */
    public static final Duration CHECK_INTERVAL = Duration.ofSeconds(5);

    private static final Duration RETRY = Duration.ofSeconds(30);
    private static final Duration BACKPRESSURE_RETRY = Duration.ofSeconds(5);

    private final Store store;
    private final Predicate<String> backedUp;
    private final long maxWaiting;
    private final long maxSize;
    private volatile String sizeRefusal;
    private volatile double storeBytes = Double.NaN;
    private volatile Set<String> aboveShare = Set.of();

    /**
     * @param store the store to watch
     * @param backedUp whether back-pressure would delay a further event of an account too long
     * @param maxWaiting the limit of pending deliveries
     * @param maxSize bytes on disk, or 0: unlimited
     */
    public Admission(Store store, Predicate<String> backedUp, long maxWaiting, long maxSize) {
        this.store = store;
        this.backedUp = backedUp;
        this.maxWaiting = maxWaiting;
        this.maxSize = maxSize;
    }

    /** The store's size on disk at the last successful check; NaN: none yet. */
    public double storeBytes() {
        return storeBytes;
    }

    /** Checks the store. If that fails, events are admitted and the store itself refuses them. */
    public void refresh() {
        try {
            // without the write-ahead log, which is reused and does not shrink
            long bytes = store.size();
            storeBytes = bytes;
            long size = bytes - store.walSize();
            sizeRefusal = maxSize > 0 && size >= maxSize
                    ? "the store has " + size + " bytes, and may have " + maxSize + " (webhooks.store.max-size)"
                    : null;
            aboveShare = accountsAboveTheirShare();
        } catch (RuntimeException e) {
            sizeRefusal = null;
            throw e;
        }
    }

    private Set<String> accountsAboveTheirShare() {
        if (store.waitingCount() <= maxWaiting / 2) {
            return Set.of();
        }
        Map<String, Long> waiting = new HashMap<>();
        store.backlogs()
                .largestBacklogs(Integer.MAX_VALUE)
                .forEach((webhook, deliveries) -> waiting.merge(webhook.account(), deliveries, Long::sum));
        // one account alone leaves a half to others
        long most = Math.min(maxWaiting / 2, SharedBudget.limitOfOne(maxWaiting, maxWaiting, waiting.size()));
        return waiting.keySet().stream()
                .filter(account -> waiting.get(account) >= most)
                .collect(Collectors.toUnmodifiableSet());
    }

    private String refusal() {
        long waiting = store.waitingCount();
        return waiting >= maxWaiting
                ? waiting + " deliveries wait, and " + maxWaiting + " may (webhooks.store.max-waiting)"
                : sizeRefusal;
    }

    /** Why no event of any account is accepted now; empty: they are accepted. */
    public Optional<String> refusalReason() {
        return Optional.ofNullable(refusal()).map(Admission::full).map(Problem::detail);
    }

    /** Why no event of an account is accepted now; empty: they are accepted. */
    public Optional<String> refusalReason(String account) {
        return refusal(account).map(Problem::detail);
    }

    /** The accounts whose events are refused, since their pending deliveries exceed their share. */
    public Set<String> accountsAboveShare() {
        return aboveShare;
    }

    private static Problem full(String why) {
        return Problem.unavailable("store-full", "Events are not accepted now: " + why + ".", RETRY);
    }

    @Override
    public void accept(Exchange exchange) {
        check(CallerAuthentication.caller(exchange).account().id());
    }

    /** @throws ProblemException 503 if no event of the account is accepted now */
    public void check(String account) {
        refusal(account).ifPresent(problem -> {
            throw new ProblemException(problem);
        });
    }

    private Optional<Problem> refusal(String account) {
        String why = refusal();
        if (why != null) {
            return Optional.of(full(why));
        }
        if (aboveShare.contains(account)) {
            return Optional.of(full("more deliveries of this account wait than its share of " + maxWaiting
                    + " (webhooks.store.max-waiting)"));
        }
        return backedUp.test(account)
                ? Optional.of(Problem.unavailable(
                        "busy",
                        "Events of this account are not accepted now: deliveries come first, and too many of its"
                                + " events wait.",
                        BACKPRESSURE_RETRY))
                : Optional.empty();
    }
}
