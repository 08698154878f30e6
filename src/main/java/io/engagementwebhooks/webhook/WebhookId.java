package io.engagementwebhooks.webhook;

import java.util.Objects;

/**
 * Identifies a webhook. Two are equal where account and id are: the name is a label, which may have changed since it was read.
 *
 * @param account the account's id
 * @param id assigned once and never changed: {@code wh_} and a ULID
 * @param name what people call it, unique within its account
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
