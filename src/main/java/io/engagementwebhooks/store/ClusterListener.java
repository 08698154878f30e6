package io.engagementwebhooks.store;

import io.engagementwebhooks.webhook.WebhookId;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Is told what other processes do to a store that is shared. Must not wait. Thread-safe. */
public interface ClusterListener {

    /** Something of a webhook that this process owns is due, or may be. */
    void due(WebhookId webhook);

    /** A person wants something of a webhook sent now, whatever its receiver asked for. */
    void dueNow(WebhookId webhook);

    /** Deliveries were accepted that this process is to insert, or may have been; see {@link FanOuts}. */
    void fannedOut();

    /** The state of a webhook was changed, or may be. */
    void changed(WebhookId webhook);

    /** Something may have been missed: the state of any webhook may have changed. */
    void missed();

    /** Which webhooks this process owns has changed. */
    void moved();

    /** What is set up, by the API or by a file, was changed, or may be; see {@link DefinitionStore#since}. */
    void defined();

    /** Deliveries of a webhook that this process owns are to be discarded, as far as they are not being sent. @return how many were */
    CompletionStage<Integer> discard(WebhookId webhook, List<String> deliveries, String reason);
}
