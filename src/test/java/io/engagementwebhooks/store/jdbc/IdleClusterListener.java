package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.cluster.ClusterListener;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;

/** Ignores all changes; a test overrides what it waits for. */
public class IdleClusterListener implements ClusterListener {

    @Override
    public void due(WebhookId webhook) {}

    @Override
    public void due(WebhookId webhook, Instant since) {}

    @Override
    public void dueNow(WebhookId webhook) {}

    @Override
    public void canceled(WebhookId webhook, List<String> deliveries) {}

    @Override
    public void stateChanged(WebhookId webhook) {}

    @Override
    public void eventsMissed() {}

    @Override
    public void ownershipChanged(BitSet partitions) {}

    @Override
    public void configChanged() {}

    @Override
    public BitSet inFlight() {
        return new BitSet();
    }
}
