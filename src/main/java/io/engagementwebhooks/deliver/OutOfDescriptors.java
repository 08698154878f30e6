package io.engagementwebhooks.deliver;

import io.engagementwebhooks.ledger.FileDescriptors;
import java.time.Clock;
import java.util.Optional;

/** Knows that a call could not be made for want of a file descriptor: it is ours, and no attempt. Thread-safe. */
public final class OutOfDescriptors implements FailureJudge {

    private final Clock clock;

    public OutOfDescriptors(Clock clock) {
        this.clock = clock;
    }

    @Override
    public Optional<Outcome> judge(Throwable failure, Delivery delivery) {
        return FileDescriptors.OF_PROCESS.ranOut("calling a receiver", failure)
                ? Optional.of(
                        NothingSentException.outOfDescriptors(clock.instant()).outcome())
                : Optional.empty();
    }
}
