package io.engagementwebhooks.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.engagementwebhooks.browser.JourneyTest.button;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The log of deliveries: updates, reasons and actions. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeliveryLogTest {

    private static final String KEY = "acme-admin-key-of-the-log";

    private final AtomicInteger status = new AtomicInteger(500);

    @AutoClose
    private final Receiver receiver =
            new Receiver(got -> new Receiver.Reply(status.get(), Map.of("Content-Type", "text/plain"), "no such call"));

    @AutoClose
    private final RunningProduct product = RunningProduct.shared(
            """
            accounts:
              - id: acme
                apiKeys: [{name: anna, role: admin, key: %1$s}]
                webhooks:
                  - {name: orders, events: [order.placed], delivery: {url: "%2$s", authentication: {type: none}}}
                  - {name: calls, events: ["call.*"], retry: [], delivery: {url: "%2$s", authentication: {type: none}}}
            """
                    .formatted(KEY, receiver.url()));

    @RegisterExtension
    private final Chromium chromium = new Chromium();

    private void send(String id) {
        sendFrom("/pbx", id);
    }

    private void sendFrom(String source, String id) {
        product.postEvent(
                KEY,
                "{\"id\": \"%s\", \"source\": \"%s\", \"type\": \"call.ended\", \"data\": {\"duration\": 192}}"
                        .formatted(id, source));
    }

    private Page open(String path, Chromium.Theme look) {
        Page page = chromium.signedIn(product, KEY, look);
        page.navigate(path);
        return page;
    }

    @Test
    void a_failing_delivery_appears_without_a_reload_says_why_and_is_retried_in_its_line() {
        Page page = open("/console/deliveries?event=seen", Chromium.Theme.LIGHT);
        status.set(500);
        send("seen");
        Locator line = page.locator("tr[id^=line-]");
        assertThat(line.locator(".badge")).hasText("failed");
        assertThat(line.locator(".reason")).containsText("500");
        line.locator(".what a").click();
        assertThat(page.locator("#sheet #why")).containsText("500");
        assertThat(page.locator("#sheet #response-1")).containsText("no such call");
        page.waitForURL("**/console/deliveries/msg_*");
        page.keyboard().press("Escape");
        assertThat(page.locator("#sheet #why")).hasCount(0);
        page.waitForURL("**/console/deliveries?event=seen");

        status.set(200);
        line.locator(".do button").click();
        assertThat(line.locator(".badge")).hasText("delivered");
        assertTrue(page.url().endsWith("?event=seen"), page.url());
    }

    @Test
    void a_click_anywhere_in_a_line_opens_its_panel() {
        status.set(200);
        send("anywhere");
        product.awaitDeliveries(KEY, "anywhere", 1, "delivered");
        Page page = open("/console/deliveries?event=anywhere", Chromium.Theme.LIGHT);
        Locator line = page.locator("tr[id^=line-]");
        Locator panel = page.locator("#sheet #delivery");
        line.locator(".pick").click(new Locator.ClickOptions().setPosition(2, 2));
        assertThat(line.locator(".pick input")).isChecked();
        line.locator(".pick input").uncheck();
        line.locator("[data-label=HTTP]").evaluate("cell => getSelection().selectAllChildren(cell)");
        line.locator("[data-label=HTTP]").dispatchEvent("click");
        page.evaluate("() => getSelection().removeAllRanges()");
        assertThat(panel).hasCount(0);
        line.locator("[data-label=HTTP]").click();
        assertThat(panel).isVisible();
        page.waitForURL("**/console/deliveries/msg_*");
        page.keyboard().press("Escape");
        assertThat(line.locator(".what a")).isFocused();
        for (String cell : List.of("time", ".event .soft", ".do", ".badge")) {
            line.locator(cell).click(new Locator.ClickOptions().setPosition(2, 2));
            assertThat(panel).isVisible();
            page.keyboard().press("Escape");
            assertThat(panel).hasCount(0);
        }

        page.navigate("/console/webhooks/calls?tab=deliveries");
        page.locator("main tbody tr").first().locator("[data-label=Event]").click();
        assertThat(panel).isVisible();
        page.keyboard().press("Escape");
        assertThat(panel).hasCount(0);
        page.waitForURL(Pattern.compile("/console/webhooks/wh_\\w+\\?tab=deliveries$"));
        page.context().close();
    }

    @Test
    void the_whole_event_id_is_first_in_a_line_and_the_reason_has_the_rest() {
        status.set(200);
        String id = "7b1f3c9e-2d55-4a3b-9a6c-0f1e2d3c4b5a";
        send(id);
        product.awaitDeliveries(KEY, id, 1, "delivered");
        Page page = open("/console/deliveries?event=" + id, Chromium.Theme.LIGHT);
        Locator cell = page.locator("tr[id^=line-] .event");
        assertThat(cell).hasText(Pattern.compile("^" + id + "\\s*call.ended$"));
        assertEquals(true, cell.evaluate("cell => cell.scrollWidth <= cell.clientWidth"), "it is not cut");
        double line = cell.locator("a").boundingBox().height;
        assertTrue(line < 30, line + " pixels: it is on one line");
        assertEquals(1280, (int) page.evaluate("() => document.documentElement.scrollWidth"));
    }

    @Test
    void a_retry_in_the_panel_stays_in_the_list_and_keys_lead_to_the_other_deliveries() {
        status.set(500);
        send("stays-1");
        product.awaitDeliveries(KEY, "stays-1", 1, "gave-up");
        send("stays-2");
        product.awaitDeliveries(KEY, "stays-2", 1, "gave-up");
        Page page = open("/console/deliveries?text=stays-&status=failing", Chromium.Theme.LIGHT);
        Locator shown = page.locator("#sheet dl.facts").first();
        page.keyboard().press("j");
        assertThat(shown).containsText("stays-2");
        page.keyboard().press("j");
        assertThat(shown).containsText("stays-1");
        assertThat(page.locator("tr.opened")).containsText("stays-1");
        page.keyboard().press("k");
        assertThat(shown).containsText("stays-2");

        status.set(200);
        page.locator("#sheet")
                .getByText("Replay", new Locator.GetByTextOptions().setExact(true))
                .click();
        assertThat(page.locator("#sheet .notice")).containsText("queued");
        assertThat(page.locator("#sheet #stands + p .badge")).hasText("delivered");
        assertThat(page.locator("tr[id^=line-]")).hasCount(1);
        page.getByLabel("Next delivery").click();
        assertThat(shown).containsText("stays-1");
        page.keyboard().press("Escape");
        page.waitForURL("**/console/deliveries?text=stays-&status=failing");
        page.keyboard().press("/");
        assertThat(page.locator("#text")).isFocused();
        page.keyboard().type("jk");
        assertThat(page.locator("#sheet #delivery")).hasCount(0);
    }

    @Test
    void a_field_of_the_payload_is_searched_to_the_end_or_until_stopped_and_a_text_says_what_it_searched() {
        String events = IntStream.range(0, 500)
                .mapToObj(i -> "{\"specversion\": \"1.0\", \"id\": \"%1$s-" + i
                        + "\", \"source\": \"/shop\", \"type\": \"order.placed\", \"data\": {\"order\": \"%1$s-" + i
                        + "\"}}")
                .collect(Collectors.joining(",", "[", "]"));
        for (int batch = 0; batch < 25; batch++) {
            int code = product.post(
                            "/v1/events",
                            KEY,
                            "application/cloudevents-batch+json",
                            events.replace("%1$s", "b" + batch))
                    .statusCode();
            assertEquals(202, code);
        }
        Page page = open("/console/deliveries?webhook=orders&within=24h", Chromium.Theme.LIGHT);
        page.locator("#text").fill("b0-7");
        page.keyboard().press("Enter");
        assertThat(page.locator("#searched")).containsText("not payloads");
        assertThat(page.locator("#searched code")).hasText("data.order = b0-7");

        page.locator("#text").fill("data.order = b0-7");
        page.keyboard().press("Enter");
        assertThat(page.locator("#searched")).containsText("data.order");
        assertThat(page.locator("tr[id^=line-] .event a")).hasText("b0-7");
        assertThat(page.locator("#rows > p")).hasText("The search is complete: 1 delivery found.");
        assertThat(page.locator("#further")).hasCount(0);
        stopsASearch(page);
    }

    /** Its next step is held back until it is stopped. */
    private static void stopsASearch(Page page) {
        page.route("**/deliveries?*cursor=*", route -> {});
        page.locator("#text").fill("data.order = b0-8");
        page.keyboard().press("Enter");
        assertThat(page.locator("#further")).containsText("No results so far. Searched back to");
        Locator onward = page.getByText("Search further back");
        assertThat(onward).isHidden();
        page.getByText("Stop").click();
        assertThat(onward).isFocused();
        page.unroute("**/deliveries?*cursor=*");
        onward.click();
        assertThat(page.locator("tr[id^=line-] .event a")).hasText("b0-8");
    }

    @Test
    void the_list_does_not_update_while_a_line_is_selected() {
        sendFrom("/pbx", "ticked");
        Page page = open("/console/deliveries?event=ticked", Chromium.Theme.LIGHT);
        Chromium.setClock(page);
        Locator lines = page.locator("tr[id^=line-]");
        lines.locator(".pick input").check();
        assertThat(page.locator("#picked-count")).hasText("1 selected, updates paused");
        sendFrom("/other", "ticked");
        product.awaitDeliveries(KEY, "ticked", 2, "gave-up", "delivered");
        for (int renewals = 0; renewals < 2; renewals++) {
            Chromium.poll(page);
        }
        assertThat(lines).hasCount(1);
        assertThat(lines.locator(".pick input")).isChecked();
        lines.locator(".pick input").uncheck();
        assertThat(lines).hasCount(2);
    }

    @Test
    void all_matching_deliveries_are_replayed_after_number_and_webhooks_are_shown() {
        status.set(500);
        send("fits-1");
        send("fits-2");
        product.awaitDeliveries(KEY, "fits-1", 1, "gave-up");
        product.awaitDeliveries(KEY, "fits-2", 1, "gave-up");
        Page page = open("/console/deliveries?status=failed&webhook=calls", Chromium.Theme.LIGHT);
        status.set(200);
        page.locator("#all-that-fit").click();
        assertThat(page.locator("#sheet #count")).containsText("calls");
        page.locator("#sheet button[value=start]").click();
        page.waitForURL("**/console/replays");
        assertThat(page.locator("#jobs-live .badge").first()).hasText("done");
        product.awaitDeliveries(KEY, "fits-1", 1, "delivered");
    }

    @Test
    void an_event_is_edited_and_resent_and_an_error_is_beside_the_data() {
        status.set(200);
        send("edited");
        product.awaitDeliveries(KEY, "edited", 1, "delivered");
        Page page = open("/console/deliveries?event=edited", Chromium.Theme.LIGHT);
        page.locator(".what a").click();
        page.locator("#sheet").getByText("Edit and resend").first().click();
        page.locator("#data").fill("{\"duration\": ");
        button(page, "Resend").click();
        assertThat(page.locator("#data-fault")).containsText("line 1");
        page.locator("#data").fill("{\"duration\": 7}");
        button(page, "Resend").click();
        assertThat(page.locator("dl.facts")).containsText("Edited from");
    }

    @Test
    void on_a_phone_a_line_and_the_panel_have_the_width_of_the_screen() {
        status.set(500);
        send("on-a-phone");
        product.awaitDeliveries(KEY, "on-a-phone", 1, "gave-up");
        Page page = open("/console/deliveries?event=on-a-phone", Chromium.Theme.PHONE_LIGHT);
        Locator line = page.locator("tr[id^=line-]");
        assertThat(line.locator(".badge")).isVisible();
        assertThat(line.locator(".do button")).isVisible();
        assertEquals(390, (int) page.evaluate("() => document.documentElement.scrollWidth"));
        line.locator(".what a").click();
        assertThat(page.locator("#sheet #why")).isVisible();
        assertEquals(390.0, page.locator("#sheet").boundingBox().width, 0.1);
    }
}
