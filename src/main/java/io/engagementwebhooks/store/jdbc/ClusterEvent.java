package io.engagementwebhooks.store.jdbc;

/** What instances notify each other of. */
enum ClusterEvent {
    /** A delivery of a webhook is due. */
    DUE,
    /** A delivery of a webhook is due, whatever its receiver asked for. */
    NOW,
    /** The state of a webhook has changed. */
    STATE,
    /** The configuration has changed; of no webhook. */
    DEFINITIONS,
    /** Deliveries were accepted that their owners are to insert; of no webhook. */
    FAN_OUT,
    /** The instances, or what they own, have changed; of no webhook. */
    INSTANCES
}
