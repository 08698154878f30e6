package io.engagementwebhooks.record;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.testkit.Ids;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Metrics by webhook, up to a limit. */
class WebhookMetersTest {

    private final MeterRegistry meters = new SimpleMeterRegistry();

    private Map<String, Double> counts() {
        Map<String, Double> counts = new TreeMap<>();
        meters.find("webhooks.webhook.attempts")
                .counters()
                .forEach(counter -> counts.put(
                        counter.getId().getTag("account") + "/"
                                + counter.getId().getTag("webhook") + " "
                                + counter.getId().getTag("outcome"),
                        counter.count()));
        return counts;
    }

    @Test
    void the_first_webhooks_have_separate_metrics_and_others_share_one() {
        WebhookMeters webhooks = new WebhookMeters(meters, 2);
        for (String name : new String[] {"one", "two", "three", "four", "one"}) {
            webhooks.tried(Ids.webhook("acme", name), "delivered");
        }
        webhooks.tried(Ids.webhook("acme", "one"), "try-later");
        webhooks.tried(Ids.webhook("acme", "four"), "gave-up");
        assertEquals(
                Map.of(
                        "acme/one delivered", 2.0,
                        "acme/one try-later", 1.0,
                        "acme/two delivered", 1.0,
                        "others/others delivered", 2.0,
                        "others/others gave-up", 1.0),
                counts());
    }

    @Test
    void without_a_limit_all_webhooks_share_one() {
        WebhookMeters webhooks = new WebhookMeters(meters, 0);
        webhooks.tried(Ids.webhook("acme", "one"), "delivered");
        assertEquals(Map.of("others/others delivered", 1.0), counts());
    }
}
