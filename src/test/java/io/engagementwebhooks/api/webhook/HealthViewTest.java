package io.engagementwebhooks.api.webhook;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.store.outcome.AttemptWindow;
import io.engagementwebhooks.store.outcome.WebhookState;
import io.engagementwebhooks.store.query.StatsStore;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class HealthViewTest {

    private static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");
    private static final Instant BEFORE = NOW.minus(Duration.ofHours(30));
    private static final WebhookState ACTIVE = new WebhookState(
            new WebhookId("acme", "wh_1", "crm"), WebhookState.State.ACTIVE, "", BEFORE, null, Duration.ZERO, false);

    @Test
    void a_webhook_that_is_degraded_stays_so_while_its_retries_are_far_apart() {
        assertEquals("degraded", status(AttemptWindow.EMPTY.after(true), BEFORE));
    }

    @Test
    void a_webhook_without_deliveries_for_a_day_has_no_traffic() {
        assertEquals("no-traffic", status(AttemptWindow.EMPTY.after(false), null));
    }

    private static String status(AttemptWindow recent, Instant degradedSince) {
        return HealthView.of(
                        ACTIVE,
                        new StatsStore.Health(recent, degradedSince, null, "timeout", BEFORE, "try-later", List.of()),
                        NOW)
                .status();
    }
}
