package io.engagementwebhooks.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Page;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A webhook made, paused and its waiting deliveries discarded without touching a mouse. */
class KeyboardTest {

    private static final String ADMIN = "acme-admin-key-by-keyboard";

    @TempDir
    Path folder;

    @Test
    void everything_can_be_done_with_a_keyboard_alone() {
        Receiver receiver = new Receiver(got -> new Receiver.Reply(200));
        try (receiver;
                RunningProduct product = RunningProduct.start(
                        folder,
                        "accounts:\n  - id: acme\n    apiKeys: [{name: anna, role: admin, key: " + ADMIN + "}]\n");
                Chromium chromium = new Chromium()) {
            Page page = chromium.open(product.url("/"), Chromium.Look.LIGHT);
            page.navigate("/");
            // the field for the key gets the focus by itself
            assertThat(page.getByLabel("API key")).isFocused();
            page.keyboard().type(ADMIN);
            page.keyboard().press("Enter");
            Chromium.arrived(page, "**/console/overview");
            page.keyboard().press("Tab");
            assertEquals("Skip to the content", focused(page));
            tabTo(page, "Webhooks");
            page.keyboard().press("Enter");
            Chromium.arrived(page, "**/console/webhooks");
            tabTo(page, "New webhook");
            page.keyboard().press("Enter");
            Chromium.arrived(page, "**/console/builder");
            tabToField(page, "name");
            page.keyboard().type("by-keyboard");
            page.keyboard().press("Tab");
            page.keyboard().press("Space");
            tabToField(page, "url");
            page.keyboard().type(receiver.url().toString());
            // Enter in a field saves
            page.keyboard().press("Enter");
            Chromium.arrived(page, "**/console/webhooks");
            assertThat(page.locator(".notice")).containsText("by-keyboard");
            tabTo(page, "Pause by-keyboard");
            page.keyboard().press("Enter");
            assertThat(page.locator("td .badge")).hasText("paused");
            product.postEvent(
                    ADMIN, "{\"id\": \"1\", \"source\": \"/s\", \"type\": \"call.ended\", \"data\": {\"duration\": 5}}");
            page.reload();
            Chromium.arrived(page, "**/console/webhooks");
            tabTo(page, "Waiting… deliveries of by-keyboard");
            page.keyboard().press("Enter");
            page.keyboard().press("Escape");
            assertThat(page.locator("details.ask[open]")).hasCount(0);
            page.keyboard().press("Enter");
            tabTo(page, "Discard 1 deliveries");
            page.keyboard().press("Enter");
            assertThat(page.locator(".notice")).containsText("1 deliveries of 'by-keyboard' are discarded");
            assertTrue(receiver.requests().isEmpty());
        }
    }

    private static String focused(Page page) {
        return (String) page.evaluate("() => (document.activeElement.textContent || '').trim().replace(/\\s+/g, ' ')");
    }

    private static void tabTo(Page page, String text) {
        for (int i = 0; i < 200; i++) {
            if (focused(page).equals(text)) {
                return;
            }
            page.keyboard().press("Tab");
        }
        throw new AssertionError("nothing that says '" + text + "' can be reached by Tab");
    }

    private static void tabToField(Page page, String id) {
        for (int i = 0; i < 200; i++) {
            if (id.equals(page.evaluate("() => document.activeElement.id"))) {
                return;
            }
            page.keyboard().press("Tab");
        }
        throw new AssertionError("the field '" + id + "' cannot be reached by Tab");
    }
}
