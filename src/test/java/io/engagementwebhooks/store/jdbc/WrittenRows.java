package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.Ownership;
import io.engagementwebhooks.webhook.WebhookId;

/** What the store computes of a row that it writes, for other writers of a row. */
public final class WrittenRows {

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
