package io.engagementwebhooks.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.engagementwebhooks.browser.JourneyTest.button;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.BoundingBox;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Menus, tabs, confirmations, busy buttons, links, names and the first screen of a phone. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConsoleDetailsTest {

    private static final double FIRST_ROW = 0.35;

    @AutoClose
    private final Stage stage = new Stage();

    @RegisterExtension
    private final Chromium chromium = new Chromium();

    private Page signedIn(String path) {
        Page page = chromium.signedIn(stage.product, Stage.ADMIN, Chromium.Theme.LIGHT);
        page.navigate(path);
        return page;
    }

    @ParameterizedTest
    @ValueSource(strings = {"/console/webhooks", "/console/webhooks/ended-calls-to-crm"})
    void a_menu_ends_where_its_button_does_and_not_under_the_scroll_bar(String path) {
        Page page = signedIn(path);
        Locator opener = page.locator("[popovertarget^=menu-]").first();
        opener.click();
        Locator menu = page.locator(".menu-items:popover-open");
        menu.evaluate("menu => Promise.all(menu.getAnimations().map(moving => moving.finished))");
        BoundingBox box = menu.boundingBox();
        BoundingBox of = opener.boundingBox();
        assertTrue(box.x + box.width <= of.x + of.width + 0.5, box.x + box.width + " beyond " + (of.x + of.width));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/console/events",
                "/console/events/received",
                "/console/webhooks/ended-calls-to-crm",
            })
    void tabs_do_not_scroll(String path) {
        Page page = signedIn(path);
        assertEquals(
                0,
                page.locator(".tabs")
                        .evaluate("tabs => { tabs.scrollTop = 50; return tabs.scrollTop"
                                + " + tabs.scrollHeight - tabs.clientHeight; }"));
    }

    @Test
    void what_keeps_a_delivery_is_not_called_cancel() {
        Page page = signedIn("/console/deliveries?webhook=missed-calls-to-pager");
        page.locator("tr[id^=line-] a").first().click();
        page.getByText("Cancel…").click();
        assertThat(page.locator("#cancel button").first()).hasText("Keep it queued");
        assertThat(page.locator("#cancel button").last()).hasText("Cancel delivery");
        page.locator("#cancel button").first().click();
        assertThat(page.locator("#cancel")).isHidden();
    }

    @Test
    void save_is_busy_until_the_response_comes_and_sends_the_form_once() {
        Page page = signedIn("/console/settings/oauth-client");
        List<Route> sent = new CopyOnWriteArrayList<>();
        page.route("**/console/settings/oauth-client", sent::add);
        Locator save = page.locator("button.primary[value=save]");
        save.click();
        assertThat(save).hasAttribute("aria-busy", "true");
        save.click();
        page.waitForCondition(() -> !sent.isEmpty());
        assertEquals(1, sent.size());
        sent.get(0).resume();
        page.locator("#faults").waitFor();
        Chromium.settled(page);
        assertThat(save).not().hasAttribute("aria-busy", "true");
        assertThat(save).isEnabled();
    }

    @Test
    void a_row_is_busy_while_it_is_retried_and_while_its_panel_comes() {
        Page page = signedIn("/console/deliveries?webhook=missed-calls-to-pager");
        List<Route> held = new CopyOnWriteArrayList<>();
        page.route(Pattern.compile("/console/deliveries/msg_"), held::add);
        Locator line = page.locator("tr[id^=line-]").first();
        line.locator("td").nth(1).click();
        page.waitForCondition(() -> !held.isEmpty());
        assertEquals("progress", line.locator("td").nth(1).evaluate("cell => getComputedStyle(cell).cursor"));
        held.remove(0).resume();
        page.locator("#delivery").waitFor();
        page.keyboard().press("Escape");
        Locator retry = line.locator(".do button");
        retry.click();
        page.waitForCondition(() -> !held.isEmpty());
        assertThat(retry).hasAttribute("aria-busy", "true");
        held.remove(0).resume();
        assertThat(page.locator("button[aria-busy]")).hasCount(0);
    }

    @Test
    void a_link_to_a_webhook_works_after_it_was_renamed() {
        made("before-it-was-renamed");
        Page page = signedIn("/console/webhooks?text=before-it");
        page.locator("a.webhook-name").first().click();
        page.waitForURL(Pattern.compile("/console/webhooks/wh_[^?]*$"));
        String address = page.url();
        JourneyTest.link(page, "Edit").click();
        String builder = page.url();
        page.locator("#name").fill("after-it-was-renamed");
        button(page, "Save").click();
        page.waitForURL(address);
        assertThat(page.locator("h1")).hasText("after-it-was-renamed");
        page.navigate(builder);
        assertThat(page.locator("#name")).hasValue("after-it-was-renamed");
        page.navigate(address);
        button(page, "Pause").click();
        assertThat(page.locator(".toast")).containsText("Paused: 'after-it-was-renamed'");
        assertEquals(address, page.url());
    }

    @Test
    void no_link_names_a_webhook_by_what_can_change() {
        Page page = signedIn("/console/deliveries");
        String delivery = page.locator("tr[id^=line-] a").first().getAttribute("href");
        List<String> named = new ArrayList<>();
        for (String path : List.of(
                "/console/overview",
                "/console/webhooks",
                "/console/deliveries",
                delivery,
                "/console/events",
                "/console/webhooks/ended-calls-to-crm",
                "/console/webhooks/ended-calls-to-crm?tab=configuration",
                "/console/builder/ended-calls-to-crm")) {
            page.navigate(path);
            for (Locator link : page.locator("main :is([href], [action])").all()) {
                String to = link.evaluate("a => a.getAttribute('href') || a.getAttribute('action')")
                        .toString();
                if (to.matches("/console/(webhooks|builder)/(?!wh_).*")) {
                    named.add(path + " leads to " + to);
                }
            }
        }
        assertEquals(List.of(), named);
    }

    private void made(String name) {
        HttpResponse<String> answer = stage.product.post(
                "/v1/webhooks",
                Stage.ADMIN,
                "application/json",
                "{\"name\": \"" + name + "\", \"events\": [\"call.dropped\"], \"delivery\": {\"url\": \""
                        + stage.good.url() + "\"}}");
        assertEquals(201, answer.statusCode(), answer.body());
    }

    @Test
    void the_account_menu_is_named_by_what_it_shows() {
        Page page = signedIn("/console/overview");
        Locator button = page.locator(".who-button");
        String shown = button.innerText().replaceAll("\\s+", " ").strip();
        assertTrue(shown.contains("key anna, admin"), shown);
        assertTrue(button.getAttribute("aria-label").contains(shown), button.getAttribute("aria-label"));
    }

    @Test
    void the_name_of_a_key_is_not_broken_at_its_hyphen() {
        Page page = signedIn("/console/settings/api-keys");
        page.locator(".who-button").click();
        for (Locator name : page.locator("#account-menu .menu-label span, .settings-page .nowrap")
                .all()) {
            assertEquals(
                    1,
                    name.evaluate("name => { name.textContent = 'key first-key, admin'.repeat(4);"
                            + " const text = document.createRange(); text.selectNodeContents(name);"
                            + " return new Set([...text.getClientRects()].map(box => box.top)).size; }"));
        }
        assertThat(page.locator("#account-menu .menu-label span")).hasCount(2);
        assertTrue(page.locator(".settings-page .nowrap").count() > 0);
    }

    /** The classes of the histogram are wide: what it knows of the median is a bound. */
    @Test
    void the_median_of_the_overview_and_of_a_webhook_do_not_contradict_each_other() {
        Page page = signedIn("/console/overview");
        Locator median = page.locator(".stat", new Page.LocatorOptions().setHasText("Median"))
                .locator("b");
        assertThat(median).hasText(Pattern.compile("^≤ \\d+.* m?s$"));
        page.navigate("/console/webhooks/every-call-to-archive");
        assertThat(median).hasText(Pattern.compile("^\\d+.* m?s$"));
    }

    @Test
    void the_secret_of_a_rotation_is_not_under_the_button_that_copies_it() {
        Page page = signedIn("/console/settings/signing-key");
        page.getByLabel("Id").fill("to-rotate");
        button(page, "Create").click();
        assertNotCovered(page);
        JourneyTest.link(page, "Done").click();
        page.navigate("/console/settings/signing-key/to-rotate");
        page.getByText("Rotate…").click();
        button(page, "Create the new key").click();
        assertNotCovered(page);
        page.setViewportSize(390, 844);
        assertNotCovered(page);
    }

    private static void assertNotCovered(Page page) {
        page.locator("#secret").waitFor();
        assertEquals(
                List.of(),
                page.evaluate("() => { const text = document.createRange();"
                        + " text.selectNodeContents(document.getElementById('secret'));"
                        + " const copy = document.querySelector('[data-copy=\"#secret\"]').getBoundingClientRect();"
                        + " return [...text.getClientRects()].filter(line => line.right > copy.left"
                        + " && line.left < copy.right && line.bottom > copy.top && line.top < copy.bottom)"
                        + ".map(line => line.right + ' of ' + copy.left); }"),
                "lines of the secret under the button");
    }

    @ParameterizedTest
    @CsvSource({
        "/console/deliveries, tr[id^=line-]",
        "/console/webhooks, tbody tr",
        "/console/events, .type-list > *",
        "/console/events/received, tbody tr",
        "/console/settings/api-keys, tbody tr",
        "/console/settings/signing-keys, tbody tr",
        "/console/settings/connections, tbody tr",
        "/console/settings/oauth-clients, tbody tr",
        "/console/settings/audit, tbody tr",
        "/console/settings/notifications, main .card",
    })
    void a_phone_shows_the_first_row_early(String path, String row) {
        made("of-a-phone-" + path.replaceAll("\\W", "-"));
        Page page = chromium.signedIn(stage.product, Stage.ADMIN, Chromium.Theme.PHONE_LIGHT);
        page.navigate(path);
        double top = ((Number)
                        page.locator(row).first().evaluate("row => row.getBoundingClientRect().top / innerHeight"))
                .doubleValue();
        assertTrue(top <= FIRST_ROW, path + ": " + Math.round(100 * top) + " % of the window before the first row");
    }
}
