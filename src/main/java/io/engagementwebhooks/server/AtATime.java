package io.engagementwebhooks.server;

import java.time.Duration;
import java.util.concurrent.Semaphore;

/**
 * What takes long is done for a few callers at a time: each holds one of the threads that also take events in, of every
 * account. Thread-safe.
 */
public final class AtATime {

    private static final Duration NEXT = Duration.ofSeconds(10);

    private final Semaphore places;
    private final String code;
    private final String others;

    /**
     * What is done.
     *
     * @param <E> what may become of it
     */
    @FunctionalInterface
    public interface Work<T, E extends Exception> {
        T done() throws E;
    }

    /**
     * @param most how many callers
     * @param code of the problem that one too many is told
     * @param others what others do, as the beginning of a sentence
     */
    public AtATime(int most, String code, String others) {
        this.places = new Semaphore(most);
        this.code = code;
        this.others = others;
    }

    /** Does something if there is room. @throws ProblemException 429 otherwise */
    public <T, E extends Exception> T run(Work<T, E> work) throws E {
        if (!places.tryAcquire()) {
            throw new ProblemException(Problem.tooMany(code, others + "; try again in a few seconds", NEXT));
        }
        try {
            return work.done();
        } finally {
            places.release();
        }
    }
}
