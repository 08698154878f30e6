package io.engagementwebhooks.webhook;

import java.util.Objects;

/**
 * Identifies a webhook. Equality ignores the name: a label that may have changed.
 *
 * @param account the account's id
 * @param id assigned once and never changed: {@code wh_} and a ULID
 * @param name unique within its account
 */
public record WebhookId(String account, String id, String name) {

    public WebhookId {
        Objects.requireNonNull(account);
        Objects.requireNonNull(id);
        Objects.requireNonNull(name);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof WebhookId that && id.equals(that.id) && account.equals(that.account);
    }

    @Override
    public int hashCode() {
        return 31 * account.hashCode() + id.hashCode();
    }
}
