package io.engagementwebhooks.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A failing webhook is found and one delivery retried. The longest names fit every window. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FailingWebhookJourneyTest {

    private static final String KEY = "acme-admin-key-of-what-fails";
    private static final String NAME = "Call ended at the customer service center in Stockholm to the archive "
            .repeat(2)
            .substring(0, 100)
            .strip();
    private static final int EVENTS = 20;

    /** After a 503 there would be one request every two seconds. */
    @AutoClose
    private final Receiver receiver = new Receiver(got -> new Receiver.Reply(500));

    @AutoClose
    private final RunningProduct product = RunningProduct.shared(
            "accounts:\n  - id: acme\n    apiKeys: [{name: anna, role: admin, key: " + KEY + "}]\n");

    @RegisterExtension
    private final Chromium chromium = new Chromium();

    @BeforeAll
    void start() {
        for (int i = 0; i < 5; i++) {
            make((i + 1) + NAME.substring(1), "call.of-" + i);
        }
        make("x".repeat(100), "call.ended");
        for (int i = 0; i < EVENTS; i++) {
            product.postEvent(
                    KEY, "{\"id\": \"" + i + "\", \"source\": \"/s\", \"type\": \"call.ended\", \"data\": {}}");
        }
        await().until(() ->
                product.read("/v1/webhooks?health=failing", KEY).get("items").size() == 1);
    }

    private void make(String name, String type) {
        HttpResponse<String> made = product.post(
                "/v1/webhooks",
                KEY,
                "application/json",
                """
                {"name": "%s", "events": ["%s"], "retry": ["1h"],
                 "delivery": {"url": "%s", "authentication": {"type": "none"}}}"""
                        .formatted(name, type, receiver.url()));
        assertEquals(201, made.statusCode(), made.body());
    }

    private Page signedIn(Chromium.Theme look) {
        return chromium.signedIn(product, KEY, look);
    }

    @Test
    void it_is_found_and_one_delivery_retried_in_three_clicks() {
        Page page = signedIn(Chromium.Theme.LIGHT);
        assertThat(page.locator("main")).containsText("1 webhook of 6 is failing.");
        assertThat(page.locator("tbody tr").first()).containsText("The receiver answered 500");

        page.locator("tbody tr").first().locator("a.webhook-name").click();
        page.locator(".tabs").getByText("Deliveries").click();
        page.getByRole(
                        AriaRole.BUTTON,
                        new Page.GetByRoleOptions().setName("Retry").setExact(true))
                .first()
                .click();

        await().until(() -> receiver.requests().size() > EVENTS);
    }

    @Test
    void all_queued_deliveries_are_retried_from_the_overview_with_one_click() {
        Page page = signedIn(Chromium.Theme.LIGHT);
        int before = receiver.requests().size();
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Retry all now"))
                .first()
                .click();
        await().until(() -> receiver.requests().size() > before);
        assertTrue(page.url().endsWith("/console/overview"), page.url());
    }

    /** An earlier version was 1847 pixels wide. */
    @ParameterizedTest
    @EnumSource(names = {"LIGHT", "PHONE_DARK"})
    void long_names_do_not_widen_a_page(Chromium.Theme look) {
        Page page = signedIn(look);
        String one = "/console/webhooks/" + "x".repeat(100);
        for (String path : List.of(
                "/console/overview",
                "/console/failures",
                "/console/webhooks",
                one,
                one + "?tab=deliveries",
                one + "?tab=configuration",
                one + "?tab=signing")) {
            page.navigate(path);
            assertEquals(
                    true,
                    page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"),
                    path);
            assertEquals(
                    true,
                    page.evaluate("() => [...document.querySelectorAll('.scroll:not(details .scroll)')]"
                            + ".every(part => part.scrollWidth <= part.clientWidth + 1)"),
                    "a table of " + path);
        }
    }

    @Test
    void the_confirmation_of_a_deletion_is_centered() {
        Page page = signedIn(Chromium.Theme.LIGHT);
        page.navigate("/console/webhooks");
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Actions for 5"))
                .click();
        page.locator(".menu-items:popover-open").getByText("Delete…").click();
        assertThat(page.locator(".dialog:popover-open")).containsText("Delete 5");
        assertEquals(
                true,
                page.evaluate(
                        "() => { const box = document.querySelector('.dialog:popover-open').getBoundingClientRect();"
                                + " return box.left >= 0 && box.right <= innerWidth && box.top >= 0 && box.bottom <= innerHeight"
                                + " && Math.abs(box.left + box.right - innerWidth) < 4; }"));
        page.keyboard().press("Escape");
        assertThat(page.locator(".dialog:popover-open")).hasCount(0);
        assertEquals(6, product.read("/v1/webhooks", KEY).get("items").size());
    }
}
