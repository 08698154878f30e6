package io.engagementwebhooks.store.jdbc;

/** An event that instances publish to each other. */
enum ClusterEvent {
    /** A delivery of a webhook is due. */
    DUE,
    /** A delivery of a webhook is due, in spite of its receiver's hold. */
    NOW,
    /** The state of a webhook has changed. */
    STATE,
    /** The configuration has changed; without a webhook. */
    DEFINITIONS,
    /** The instances or their partitions have changed; without a webhook. */
    INSTANCES
}
