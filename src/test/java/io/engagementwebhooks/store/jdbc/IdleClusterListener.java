package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.ClusterListener;
import io.engagementwebhooks.webhook.WebhookId;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Ignores all changes; a test overrides what it waits for. */
class IdleClusterListener implements ClusterListener {

    @Override
    public void due(WebhookId webhook) {}

    @Override
    public void dueNow(WebhookId webhook) {}

    @Override
    public void stateChanged(WebhookId webhook) {}

    @Override
    public void eventsMissed() {}

    @Override
    public void ownershipChanged() {}

    @Override
    public void configChanged() {}

    @Override
    public CompletionStage<Integer> discard(WebhookId webhook, List<String> deliveries, String reason) {
        return CompletableFuture.completedFuture(0);
    }
}
