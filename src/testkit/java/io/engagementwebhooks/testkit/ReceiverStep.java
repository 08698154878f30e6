package io.engagementwebhooks.testkit;

import io.engagementwebhooks.deliver.FencingCheck;
import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.deliver.receiver.ReceiverCalls;

/** The {@link ReceiverCalls} of {@code receiver:} in a route without the outbox. */
public final class ReceiverStep {

    private ReceiverStep() {}

    /** Each route continues on a new thread. */
    public static ReceiverCalls by(EgressClient egress) {
        return by(egress, FencingCheck.ALWAYS);
    }

    public static ReceiverCalls by(EgressClient egress, FencingCheck fencingCheck) {
        return new ReceiverCalls(
                egress, fencingCheck, (delivery, isFirst) -> {}, (delivery, rest) -> new Thread(rest, "route").start());
    }
}
