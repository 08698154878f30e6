package io.engagementwebhooks.outbox;

/** What an {@code outbox:} endpoint does. */
public enum OutboxOperation {
    /** As a producer: stores the events of the message with their deliveries. */
    accept,
    /** As a consumer: takes up the deliveries that are due. */
    due
}
