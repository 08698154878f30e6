package io.engagementwebhooks.testkit;

import io.engagementwebhooks.webhook.WebhookId;

/** Ids for tests that need no store. */
public final class Ids {

    private Ids() {}

    /** A webhook whose id is its name, as a reader makes it. */
    public static WebhookId webhook(String account, String name) {
        return new WebhookId(account, name, name);
    }
}
