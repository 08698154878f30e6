package io.engagementwebhooks.server;

import io.engagementwebhooks.ledger.SharedBudget;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Limits concurrent calls that each use a server thread, in total and per account. Above half of the slots an account
 * has a share: the slots divided by one more than the accounts that use some, which leaves one for the next account.
 * Calls above the limit are refused at once. Thread-safe.
 */
public final class ConcurrencyLimit {

    private static final Duration RETRY = Duration.ofSeconds(10);
    private static final int TESTS = 4;
    private static final int LISTENERS = 200;
    private static final int LISTENERS_OF_ONE = 5;

    private final int max;
    private final int maxOfOne;
    private final String code;
    private final String reason;
    private final Duration retryAfter;
    private final Map<String, Integer> takenByAccount = new HashMap<>();
    private int taken;

    /**
     * A limited call.
     *
     * @param <E> its exception
     */
    @FunctionalInterface
    public interface Work<T, E extends Exception> {
        T run() throws E;
    }

    /** A slot, released by the first close. */
    public interface Slot extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * @param max the number of slots, of which one account may use half
     * @param code code of the problem for a refused call
     * @param reason the reason, as the beginning of a sentence
     */
    public ConcurrencyLimit(int max, String code, String reason) {
        this(max, Math.max(1, max / 2), code, reason, RETRY);
    }

    private ConcurrencyLimit(int max, int maxOfOne, String code, String reason, Duration retryAfter) {
        this.max = max;
        this.maxOfOne = maxOfOne;
        this.code = code;
        this.reason = reason;
        this.retryAfter = retryAfter;
    }

    /**
     * The limit of requests to the API and the console. Three quarters of their threads, and a quarter for one account;
     * the rest is for requests without a key.
     *
     * @param workers the number of threads of the API and the console
     */
    public static ConcurrencyLimit ofRequests(int workers) {
        return new ConcurrencyLimit(
                Math.max(1, workers * 3 / 4),
                Math.max(1, workers / 4),
                "too-many-requests-at-once",
                "so many requests of this account, or of all, are being answered",
                Duration.ofSeconds(1));
    }

    /** The limit of open connections of listeners, five of one account. */
    public static ConcurrencyLimit ofListeners() {
        return new ConcurrencyLimit(
                LISTENERS,
                LISTENERS_OF_ONE,
                "too-many-listeners",
                "5 listeners of this account are connected, or as many of all accounts as may be",
                RETRY);
    }

    /**
     * The limit of tests of one kind, which call a third party or a receiver: four, two of one account. A test uses a
     * thread of the API until it ends, and none of ingest.
     */
    public static ConcurrencyLimit ofTests() {
        return new ConcurrencyLimit(TESTS, "too-many-tests", "other tests are running");
    }

    /** Runs a call of an unknown account. @throws ProblemException 429 if there is no slot */
    public <T, E extends Exception> T run(Work<T, E> work) throws E {
        acquire();
        try {
            return work.run();
        } finally {
            release();
        }
    }

    /** Runs a call of an account. @throws ProblemException 429 if there is no slot */
    @SuppressWarnings("try")
    public <T, E extends Exception> T run(String account, Work<T, E> work) throws E {
        try (Slot slot = acquire(account)) {
            return work.run();
        }
    }

    /** Takes a slot. @throws ProblemException 429 if there is none */
    public Slot acquire(String account) {
        acquireFor(account);
        AtomicBoolean isReleased = new AtomicBoolean();
        return () -> {
            if (isReleased.compareAndSet(false, true)) {
                release(account);
            }
        };
    }

    private synchronized void acquire() {
        if (taken >= max) {
            throw refused();
        }
        taken++;
    }

    private synchronized void acquireFor(String account) {
        int ofThis = takenByAccount.getOrDefault(account, 0);
        int holders = takenByAccount.size() + (ofThis == 0 ? 1 : 0);
        long share = Math.max(1, SharedBudget.limitOfOne(max, taken + 1L, holders + 1));
        if (ofThis >= Math.min(maxOfOne, share)) {
            throw refused();
        }
        acquire();
        takenByAccount.put(account, ofThis + 1);
    }

    private synchronized void release() {
        taken--;
    }

    private synchronized void release(String account) {
        release();
        takenByAccount.computeIfPresent(account, (id, count) -> count == 1 ? null : count - 1);
    }

    private ProblemException refused() {
        return new ProblemException(Problem.tooMany(code, reason + "; try again in a few seconds", retryAfter));
    }
}
