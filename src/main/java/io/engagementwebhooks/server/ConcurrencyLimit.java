package io.engagementwebhooks.server;

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

    private static final Duration NEXT = Duration.ofSeconds(10);

    private final int most;
    private final int mostOfOne;
    private final String code;
    private final String others;
    private final Duration retryAfter;
    private final Map<String, Integer> ofAccounts = new HashMap<>();
    private int taken;

    /**
     * A limited call.
     *
     * @param <E> its exception
     */
    @FunctionalInterface
    public interface Work<T, E extends Exception> {
        T done() throws E;
    }

    /** A slot, released by the first close. */
    public interface Place extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * @param most the number of slots, of which one account may use half
     * @param code code of the problem for a refused call
     * @param others the reason, as the beginning of a sentence
     */
    public ConcurrencyLimit(int most, String code, String others) {
        this(most, Math.max(1, most / 2), code, others, NEXT);
    }

    private ConcurrencyLimit(int most, int mostOfOne, String code, String others, Duration retryAfter) {
        this.most = most;
        this.mostOfOne = mostOfOne;
        this.code = code;
        this.others = others;
        this.retryAfter = retryAfter;
    }

    /**
     * The limit of requests to the API and the console. Three quarters of the server's threads, and a quarter for one
     * account; the rest is for ingest.
     *
     * @param workers the number of server threads
     */
    public static ConcurrencyLimit ofRequests(int workers) {
        return new ConcurrencyLimit(
                Math.max(1, workers * 3 / 4),
                Math.max(1, workers / 4),
                "too-many-requests-at-once",
                "so many requests of this account, or of all, are being answered",
                Duration.ofSeconds(1));
    }

    /**
     * The limit of tests that call a third party or a receiver.
     *
     * @param most the number of slots, of which one account may use half
     */
    public static ConcurrencyLimit ofTests(int most) {
        return new ConcurrencyLimit(most, "too-many-tests", "other tests are running");
    }

    /** Runs a call of an unknown account. @throws ProblemException 429 if there is no slot */
    public <T, E extends Exception> T run(Work<T, E> work) throws E {
        take();
        try {
            return work.done();
        } finally {
            giveBack();
        }
    }

    /** Runs a call of an account. @throws ProblemException 429 if there is no slot */
    public <T, E extends Exception> T run(String account, Work<T, E> work) throws E {
        Place place = enter(account);
        try {
            return work.done();
        } finally {
            place.close();
        }
    }

    /** Takes a slot. @throws ProblemException 429 if there is none */
    public Place enter(String account) {
        takeFor(account);
        AtomicBoolean left = new AtomicBoolean();
        return () -> {
            if (left.compareAndSet(false, true)) {
                giveBack(account);
            }
        };
    }

    private synchronized void take() {
        if (taken >= most) {
            throw refused();
        }
        taken++;
    }

    private synchronized void takeFor(String account) {
        int ofThis = ofAccounts.getOrDefault(account, 0);
        int holders = ofAccounts.size() + (ofThis == 0 ? 1 : 0);
        int share = taken < most / 2 ? mostOfOne : Math.min(mostOfOne, Math.max(1, most / (holders + 1)));
        if (ofThis >= share) {
            throw refused();
        }
        take();
        ofAccounts.put(account, ofThis + 1);
    }

    private synchronized void giveBack() {
        taken--;
    }

    private synchronized void giveBack(String account) {
        giveBack();
        ofAccounts.computeIfPresent(account, (id, count) -> count == 1 ? null : count - 1);
    }

    private ProblemException refused() {
        return new ProblemException(Problem.tooMany(code, others + "; try again in a few seconds", retryAfter));
    }
}
