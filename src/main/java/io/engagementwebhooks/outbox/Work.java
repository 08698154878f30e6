package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.DueDelivery;

/**
 * A task of a delivery thread.
 *
 * @param account the account
 * @param delivery its id
 * @param due a delivery whose attempt begins; null: an attempt continues
 * @param rest the rest of that attempt
 */
record Work(String account, String delivery, DueDelivery due, Runnable rest) {

    static Work begin(DueDelivery due) {
        return new Work(due.webhook().account(), due.id(), due, null);
    }

    static Work resume(String account, String delivery, Runnable rest) {
        return new Work(account, delivery, null, rest);
    }
}
