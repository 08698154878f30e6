package io.engagementwebhooks.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.engagementwebhooks.browser.JourneyTest.button;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Page;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates and pauses a webhook and discards its queued deliveries without a mouse. */
class KeyboardTest {

    private static final String ADMIN = "acme-admin-key-by-keyboard";

    private static final Logger LOG = LoggerFactory.getLogger(KeyboardTest.class);

    /** How often each key was pressed, and texts were typed. */
    private final Map<String, Integer> pressed = new TreeMap<>();

    @Test
    void everything_can_be_done_with_a_keyboard_alone() {
        Receiver receiver = new Receiver(got -> new Receiver.Reply(200));
        try (receiver;
                RunningProduct product = RunningProduct.shared(
                        "accounts:\n  - id: acme\n    apiKeys: [{name: anna, role: admin, key: " + ADMIN + "}]\n");
                Chromium chromium = new Chromium()) {
            Page page = chromium.open(product.url("/"), Chromium.Theme.LIGHT);
            page.navigate("/");
            // the field for the key has autofocus
            assertThat(page.getByLabel("API key")).isFocused();
            type(page, product.key(ADMIN));
            press(page, "Enter");
            Chromium.arrived(page, "**/console/overview");
            press(page, "Tab");
            assertEquals("Skip to the content", focused(page));
            tabTo(page, "Webhooks");
            press(page, "Enter");
            Chromium.arrived(page, "**/console/webhooks");
            tabTo(page, "New webhook");
            press(page, "Enter");
            Chromium.arrived(page, "**/console/builder");
            tabToField(page, "name");
            type(page, "by-keyboard");
            tabToEvent(page, "call.ended");
            press(page, "Space");
            tabToField(page, "url");
            type(page, receiver.url().toString());
            // Enter in a field saves
            press(page, "Enter");
            // the account had no signing key: its first webhook created one
            assertThat(page.locator("#first-signing-key")).isVisible();
            assertThat(page.locator(".notice")).containsText("by-keyboard");
            tabTo(page, "Open the webhook");
            press(page, "Enter");
            Chromium.arrived(page, "**/console/webhooks/wh_*");
            tabTo(page, "Webhooks");
            press(page, "Enter");
            Chromium.arrived(page, "**/console/webhooks");
            LOG.info("journey: a webhook stands by keyboard alone after {}", pressed);
            tabTo(page, "Actions for by-keyboard");
            press(page, "Enter");
            tabTo(page, "Pause");
            press(page, "Enter");
            assertThat(page.locator("td .badge")).hasText("paused");
            product.postEvent(
                    ADMIN,
                    "{\"id\": \"1\", \"source\": \"/s\", \"type\": \"call.ended\", \"data\": {\"duration\": 5}}");
            page.reload();
            Chromium.arrived(page, "**/console/webhooks");
            tabTo(page, "Actions for by-keyboard");
            press(page, "Enter");
            tabTo(page, "Discard 1 delivery…");
            press(page, "Enter");
            assertThat(button(page, "Discard")).isFocused();
            press(page, "Escape");
            assertThat(button(page, "Discard 1 delivery…")).isFocused();
            press(page, "Enter");
            assertThat(button(page, "Discard")).isFocused();
            press(page, "Enter");
            assertThat(page.locator(".notice")).containsText("Discarded: 1 delivery of 'by-keyboard'.");
            assertTrue(receiver.requests().isEmpty());
        }
    }

    private void type(Page page, String text) {
        pressed.merge("texts", 1, Integer::sum);
        page.keyboard().type(text);
    }

    private void press(Page page, String key) {
        pressed.merge(key, 1, Integer::sum);
        page.keyboard().press(key);
    }

    /** The name of the focused element. */
    private static String focused(Page page) {
        return (String) page.evaluate("() => (document.activeElement.ariaLabel || document.activeElement.textContent)"
                + ".trim().replace(/\\s+/g, ' ')");
    }

    private void tabTo(Page page, String text) {
        for (int i = 0; i < 200; i++) {
            if (focused(page).equals(text)) {
                return;
            }
            press(page, "Tab");
        }
        throw new AssertionError("nothing that says '" + text + "' can be reached by Tab");
    }

    private void tabToEvent(Page page, String type) {
        for (int i = 0; i < 200; i++) {
            if (type.equals(page.evaluate("() => document.activeElement.value"))) {
                return;
            }
            press(page, "Tab");
        }
        throw new AssertionError("the event '" + type + "' cannot be reached by Tab");
    }

    private void tabToField(Page page, String id) {
        for (int i = 0; i < 200; i++) {
            if (id.equals(page.evaluate("() => document.activeElement.id"))) {
                return;
            }
            press(page, "Tab");
        }
        throw new AssertionError("the field '" + id + "' cannot be reached by Tab");
    }
}
