package io.engagementwebhooks.instances;

import static org.awaitility.Awaitility.await;

import io.engagementwebhooks.testkit.Receiver;
import java.time.Duration;

/**
 * Whether nothing more comes to a receiver that answers nothing: then what is in flight has arrived, and nothing is between the
 * last question whether it may be sent and its first byte, where a process that is frozen sends when it wakes up.
 */
final class Standstill {

    private final Receiver receiver;
    private int last = -1;

    private Standstill(Receiver receiver) {
        this.receiver = receiver;
    }

    static void awaitAt(Receiver receiver) {
        await().atMost(Duration.ofSeconds(90))
                .during(Duration.ofSeconds(1))
                .pollInterval(Duration.ofMillis(50))
                .until(new Standstill(receiver)::isUnchanged);
    }

    private boolean isUnchanged() {
        int before = last;
        last = receiver.requests().size();
        return before == last;
    }
}
