package io.engagementwebhooks.api.webhook;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.engagementwebhooks.store.query.StatsStore;
import java.util.Collection;
import java.util.Collections;
import java.util.List;

/**
 * A page of the list of webhooks.
 *
 * @param items the webhooks
 * @param next cursor of the next page, or null: this is the last
 * @param counts of all webhooks of the account; null: not requested, and left out
 */
public record WebhookPage(
        List<WebhookView> items, String next, @JsonInclude(JsonInclude.Include.NON_NULL) Counts counts) {

    /**
     * Number of webhooks of an account by health. Counts other than {@code all} end at {@value #MOST}.
     *
     * @param all of any health
     */
    public record Counts(int all, int failing, int disabled, int degraded, int paused) {

        /** Limit of each count. */
        public static final int MOST = 1_000;

        static Counts of(int all, Collection<StatsStore.Trouble> troubled) {
            return new Counts(
                    all,
                    Collections.frequency(troubled, StatsStore.Trouble.FAILING),
                    Collections.frequency(troubled, StatsStore.Trouble.DISABLED),
                    Collections.frequency(troubled, StatsStore.Trouble.DEGRADED),
                    Collections.frequency(troubled, StatsStore.Trouble.PAUSED));
        }
    }
}
