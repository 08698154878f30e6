package io.engagementwebhooks.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Success, health and counts of an account while one of its webhooks fails, and after it has recovered. */
class SuccessTest {

    private static final String KEY = "acme-admin-key-of-success";

    private final AtomicInteger status = new AtomicInteger(503);

    @AutoClose
    private final Receiver good = new Receiver(got -> new Receiver.Reply(200));

    @AutoClose
    private final Receiver other = new Receiver(got -> new Receiver.Reply(status.get(), Map.of(), ""));

    @AutoClose
    private final RunningProduct product = RunningProduct.shared(
            """
            accounts:
              - id: acme
                apiKeys: [{name: anna, role: admin, key: %s}]
                webhooks:
                  - {name: calls, events: [call.ended], delivery: {url: "%s", authentication: {type: none}}}
                  - {name: missed, events: [call.missed], retry: [1h], delivery: {url: "%s", authentication: {type: none}}}
            """
                    .formatted(KEY, good.url(), other.url()));

    @RegisterExtension
    private final Chromium chromium = new Chromium();

    private void send(String type, String id, String state) {
        product.postEvent(KEY, "{\"id\": \"%s\", \"source\": \"/pbx\", \"type\": \"%s\"}".formatted(id, type));
        product.awaitDeliveries(KEY, id, 1, state);
    }

    @Test
    void success_counts_retrying_deliveries_everywhere_chips_count_and_a_recovered_webhook_is_healthy() {
        for (int i = 0; i < 3; i++) {
            send("call.ended", "ended-" + i, "delivered");
        }
        for (int i = 0; i < 2; i++) {
            product.postEvent(
                    KEY, "{\"id\": \"missed-%d\", \"source\": \"/pbx\", \"type\": \"call.missed\"}".formatted(i));
        }
        Page page = chromium.signedIn(product, KEY, Chromium.Theme.LIGHT);
        page.navigate("/console/overview");
        Locator success = page.locator(".stat").first();
        assertThat(success).containsText("3 of 5 deliveries, 2 still retrying");
        assertThat(success.locator("b")).hasText("60 %");
        page.navigate("/console/webhooks/missed");
        assertThat(success).containsText("0 of 2 deliveries, 2 still retrying");
        assertThat(success.locator("b")).hasText("0 %");

        page.navigate("/console/deliveries");
        Locator chips = page.locator("#status");
        for (String chip : new String[] {"All 5", "Failing 2", "Failed 0", "Retrying 2", "Delivered 3"}) {
            assertThat(chips.getByText(chip, new Locator.GetByTextOptions().setExact(true)))
                    .isVisible();
        }
        chips.getByText("Failing").click();
        page.waitForURL("**/console/deliveries?status=failing");
        assertThat(page.locator("tr[id^=line-] .badge")).hasText(new String[] {"retrying", "retrying"});

        status.set(200);
        for (int i = 2; i < 7; i++) {
            send("call.missed", "missed-" + i, "delivered");
        }
        page.navigate("/console/webhooks/missed");
        assertThat(page.locator(".webhook-health")).containsText("degraded");
        assertThat(page.locator(".page-head .reason")).containsText("It is healthy when no delivery is retrying");
        page.getByText("Retry all now").first().click();
        product.awaitDeliveries(KEY, "missed-0", 1, "delivered");
        product.awaitDeliveries(KEY, "missed-1", 1, "delivered");
        page.navigate("/console/webhooks/missed");
        assertThat(page.locator(".webhook-health")).containsText("healthy");
        assertThat(page.locator(".page-head .reason")).hasCount(0);
        page.navigate("/console/overview");
        assertThat(page.locator(".sentence")).containsText("No webhook is failing.");
        assertThat(success.locator("b")).hasText("100 %");
    }
}
