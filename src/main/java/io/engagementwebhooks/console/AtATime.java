package io.engagementwebhooks.console;

import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * What takes long is done for a few callers at a time: each holds one of the threads that also take events in, of every
 * account. Thread-safe.
 */
final class AtATime {

    private static final Duration NEXT = Duration.ofSeconds(10);

    private final Semaphore places;
    private final String code;
    private final String others;

    /**
     * @param most how many callers
     * @param code of the problem that one too many is told
     * @param others what others do, as the beginning of a sentence
     */
    AtATime(int most, String code, String others) {
        this.places = new Semaphore(most);
        this.code = code;
        this.others = others;
    }

    /** Does something if there is room. @throws ProblemException 429 otherwise */
    <T> T run(Supplier<T> work) {
        if (!places.tryAcquire()) {
            throw new ProblemException(Problem.tooMany(code, others + "; try again in a few seconds", NEXT));
        }
        try {
            return work.get();
        } finally {
            places.release();
        }
    }
}
