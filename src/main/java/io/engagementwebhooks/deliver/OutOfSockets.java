package io.engagementwebhooks.deliver;

import io.engagementwebhooks.ledger.FileDescriptors;
import io.engagementwebhooks.ledger.LocalPorts;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;

/**
 * Recognizes calls that failed without a free file descriptor or local port: our failure, and no attempt.
 * Thread-safe.
 */
public final class OutOfSockets implements FailureJudge {

    private final Clock clock;

    public OutOfSockets(Clock clock) {
        this.clock = clock;
    }

    @Override
    public Optional<Outcome> judge(Throwable failure, Delivery delivery) {
        return judge("calling a receiver", failure, clock.instant()).map(NothingSentException::outcome);
    }

    /**
     * What it means that a call failed for want of a file descriptor or a local port.
     *
     * @param doing what failed, for the log, such as "calling a receiver"
     * @return empty: it failed for another reason
     */
    public static Optional<NothingSentException> judge(String doing, Throwable failure, Instant now) {
        if (FileDescriptors.OF_PROCESS.ranOut(doing, failure)) {
            return Optional.of(NothingSentException.outOf("file descriptor", now));
        }
        return LocalPorts.ranOut(doing, failure)
                ? Optional.of(NothingSentException.outOf("local port", now))
                : Optional.empty();
    }
}
