package io.engagementwebhooks.testkit;

import io.engagementwebhooks.webhook.WebhookId;

/** Ids for tests that need no store. */
public final class Ids {

    private Ids() {}

    /** A webhook with its name as id, as the parser creates it. */
    public static WebhookId webhook(String account, String name) {
        return new WebhookId(account, name, name);
    }
}
