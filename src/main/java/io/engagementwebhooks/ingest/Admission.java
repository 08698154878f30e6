package io.engagementwebhooks.ingest;

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
 * Refuses events with 503 before the store is full: too many pending deliveries, or too large a file, which it
 * checks every few seconds. Above half of the limit each account has a share, so that one account cannot fill the
 * store. It also refuses an account with too many events that wait for a commit. Thread-safe.
 */
public final class Admission implements Consumer<Exchange> {

    /** How often to {@link #look}. */
    public static final Duration INTERVAL = Duration.ofSeconds(5);

    private static final Duration RETRY = Duration.ofSeconds(30);
    private static final Duration SOON = Duration.ofSeconds(5);

    private final Store store;
    private final Predicate<String> backedUp;
    private final long maxWaiting;
    private final long maxSize;
    private volatile String tooLarge;
    private volatile double storeBytes = Double.NaN;
    private volatile Set<String> aboveShare = Set.of();

    /**
     * @param store whose fill is watched
     * @param backedUp whether so many events of an account wait to be stored that a further one would wait too long
     * @param maxWaiting deliveries that may wait
     * @param maxSize bytes on disk, or 0: unlimited
     */
    public Admission(Store store, Predicate<String> backedUp, long maxWaiting, long maxSize) {
        this.store = store;
        this.backedUp = backedUp;
        this.maxWaiting = maxWaiting;
        this.maxSize = maxSize;
    }

    /** Bytes of the store on disk, as of the last look that found it; NaN: there was none yet. */
    public double storeBytes() {
        return storeBytes;
    }

    /** Looks at the store now. While it cannot be looked at, the store itself refuses events, one by one. */
    public void look() {
        try {
            // what the log has it keeps and writes over, so that it must not refuse events for ever
            long bytes = store.size();
            storeBytes = bytes;
            long size = bytes - store.walSize();
            tooLarge = maxSize > 0 && size >= maxSize
                    ? "the store has " + size + " bytes, and may have " + maxSize + " (webhooks.store.max-size)"
                    : null;
            aboveShare = lookForAccountsAboveShare();
        } catch (RuntimeException e) {
            tooLarge = null;
            throw e;
        }
    }

    private Set<String> lookForAccountsAboveShare() {
        if (store.waitingCount() <= maxWaiting / 2) {
            return Set.of();
        }
        Map<String, Long> waiting = new HashMap<>(store.fanOuts().waiting());
        store.deliveries()
                .mostWaiting(Integer.MAX_VALUE)
                .forEach((webhook, deliveries) -> waiting.merge(webhook.account(), deliveries, Long::sum));
        long share = maxWaiting / Math.max(1, waiting.size());
        // one account alone leaves a half to others
        long most = Math.min(share, maxWaiting / 2);
        return waiting.keySet().stream()
                .filter(account -> waiting.get(account) >= most)
                .collect(Collectors.toUnmodifiableSet());
    }

    private String refusal() {
        long waiting = store.waitingCount();
        return waiting >= maxWaiting
                ? waiting + " deliveries wait, and " + maxWaiting + " may (webhooks.store.max-waiting)"
                : tooLarge;
    }

    /** Why no event of any account can be taken now; empty: they can. */
    public Optional<String> obstacle() {
        return Optional.ofNullable(refusal()).map(Admission::full).map(Problem::detail);
    }

    /** Why no event of an account can be taken now; empty: one can. */
    public Optional<String> obstacle(String account) {
        return refusal(account).map(Problem::detail);
    }

    /** The accounts whose events are refused, since more of their deliveries wait than their share. */
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

    /** @throws ProblemException 503: no event of the account can be taken now */
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
                        SOON))
                : Optional.empty();
    }
}
