package io.engagementwebhooks.deliver;

/** Judges failures that one kind of destination knows; empty: not one of them. Thread-safe. */
public interface FailureJudge {
    java.util.Optional<Outcome> judge(Throwable failure, Delivery delivery);
}
