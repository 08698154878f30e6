package io.engagementwebhooks.testkit;

import io.engagementwebhooks.deliver.FencingCheck;
import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.deliver.receiver.ReceiverCalls;
import java.time.Clock;

/** The {@link ReceiverCalls} of {@code receiver:} in a route without the outbox. */
public final class ReceiverStep {

    public static final FencingCheck UNFENCED = new FencingCheck(delivery -> true, Clock.systemUTC());

    private ReceiverStep() {}

    /** Each route continues on a new thread. */
    public static ReceiverCalls by(EgressClient egress) {
        return by(egress, UNFENCED);
    }

    public static ReceiverCalls by(EgressClient egress, FencingCheck fencingCheck) {
        return new ReceiverCalls(
                egress, fencingCheck, (delivery, isFirst) -> {}, null, (delivery, rest) -> new Thread(rest, "route")
                        .start());
    }
}
