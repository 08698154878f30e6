package io.engagementwebhooks.outbox;

/** The operations of an {@code outbox:} endpoint. */
public enum OutboxOperation {
    /** As a producer: stores the events of the message with their deliveries. */
    accept,
    /** As a consumer: due deliveries. */
    due
}
