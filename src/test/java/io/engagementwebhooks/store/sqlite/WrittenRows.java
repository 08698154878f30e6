package io.engagementwebhooks.store.sqlite;

import io.engagementwebhooks.store.cluster.Ownership;
import io.engagementwebhooks.store.jdbc.Hashes;
import io.engagementwebhooks.store.postgres.AttemptDays;
import io.engagementwebhooks.webhook.WebhookId;

/** Computed columns of the store's rows, for tests that write rows. */
public final class WrittenRows {

    /** Of SQLite. */
    public static final int DELIVERIES_IN_A_SEGMENT = DeliverySegments.SIZE;

    private WrittenRows() {}

    /** Of a webhook. */
    public static int partition(WebhookId webhook) {
        return Ownership.partition(webhook);
    }

    /** Of an event. */
    public static byte[] identity(String source, String id) {
        return Hashes.identity(source, id);
    }

    /** Of an attempt. */
    public static int day(long startedAt) {
        return AttemptDays.day(startedAt);
    }
}
