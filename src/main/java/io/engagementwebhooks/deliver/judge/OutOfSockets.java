package io.engagementwebhooks.deliver.judge;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.ledger.FileDescriptors;
import io.engagementwebhooks.ledger.LocalPorts;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;

/** Judges calls that failed for lack of a file descriptor or local port: no attempt. Thread-safe. */
public record OutOfSockets(Clock clock) implements FailureJudge {

    @Override
    public Optional<Outcome> judge(Throwable failure, Delivery delivery) {
        return judge("calling a receiver", failure, clock.instant()).map(NothingSentException::outcome);
    }

    /**
     * The exception for a call that failed for lack of a file descriptor or local port.
     *
     * @param doing the operation, for the log, such as "calling a receiver"
     * @return empty if it failed for another reason
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
