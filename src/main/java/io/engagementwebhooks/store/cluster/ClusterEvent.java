package io.engagementwebhooks.store.cluster;

/** An event that instances publish to each other. */
public enum ClusterEvent {
    /** A delivery of a webhook is due. */
    DUE,
    /** A delivery of a webhook is due, in spite of its receiver's hold. */
    NOW,
    /** Some pending deliveries of a webhook were canceled. */
    CANCELED,
    /** The state of a webhook has changed. */
    STATE,
    /** The configuration has changed; without a webhook. */
    DEFINITIONS,
}
