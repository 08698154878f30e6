package io.engagementwebhooks.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.engagementwebhooks.browser.JourneyTest.button;
import static io.engagementwebhooks.browser.JourneyTest.link;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Details of single pages. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PagesTest {

    @AutoClose
    private final Stage stage = new Stage();

    @RegisterExtension
    private final Chromium chromium = new Chromium();

    private Page signedIn(String key, String path) {
        Page page = chromium.signedIn(stage.product, key, Chromium.Theme.LIGHT);
        page.navigate(path);
        return page;
    }

    private void send(String id, int seconds) {
        stage.product.postEvent(
                Stage.INGEST,
                "{\"id\": \"" + id + "\", \"source\": \"/calls\", \"type\": \"call.ended\", \"subject\": \"call/" + id
                        + "\", \"data\": {\"cdr_id\": 77, \"duration\": " + seconds + "}}");
    }

    @Test
    void overview_and_deliveries_update_without_a_reload() {
        Page overview = signedIn(Stage.ADMIN, "/console/overview");
        Page deliveries = signedIn(Stage.ADMIN, "/console/deliveries?event=seen-live");
        overview.evaluate("() => { window.sameDocument = true; }");
        deliveries.evaluate("() => { window.sameDocument = true; }");
        String before = overview.locator(".stat b").nth(3).textContent();
        assertThat(deliveries.locator("tbody tr")).hasCount(0);

        send("seen-live", 5);

        assertThat(deliveries.locator("tbody tr")).not().hasCount(0);
        assertThat(overview.locator(".stat b").nth(3)).not().hasText(before);
        assertEquals(true, overview.evaluate("() => window.sameDocument === true"));
        assertEquals(true, deliveries.evaluate("() => window.sameDocument === true"));
    }

    @Test
    void macros_of_a_template_are_marked_and_a_received_event_can_be_tested() {
        send("a-real-call", 301);
        stage.product.awaitDeliveries(Stage.READ, "a-real-call", 3, "delivered", "skipped");
        Page page = signedIn(Stage.ADMIN, "/console/builder/ended-calls-to-crm");
        page.locator("#insert-body > summary").click();
        assertThat(button(page, "Duration (seconds)")).hasClass("used");
        assertThat(button(page, "Caller's number")).not().hasClass("used");
        Chromium.settled(page);

        page.locator("#recent")
                .selectOption(new com.microsoft.playwright.options.SelectOption().setLabel("call.ended a-real-call"));

        assertThat(page.locator("#sample")).hasValue(Pattern.compile("a-real-call"));
        assertThat(page.locator("#preview")).containsText("\"seconds\": 301");
        page.locator("#body").fill("{\"from\": \"{anum}\"}");
        assertThat(button(page, "Caller's number")).hasClass("used");
        assertThat(button(page, "Duration (seconds)")).not().hasClass("used");
    }

    @Test
    void a_condition_of_several_rules_is_stored_as_jq_and_shown_as_rules() {
        Page page = signedIn(Stage.ADMIN, "/console/builder");
        page.locator("#name").fill("by-lines");
        page.getByLabel("Call ended").check();
        page.locator("#url").fill(stage.good.url().toString());
        page.locator("#condition-kind-lines").check();
        page.locator("#value-0").fill("60");
        button(page, "Add rule").click();
        assertThat(page.locator(".line")).hasCount(2);
        Chromium.settled(page);
        page.locator("#match").selectOption("any");
        page.locator("#value-1").fill("search");
        page.locator("#field-1").selectOption(new com.microsoft.playwright.options.SelectOption().setIndex(3));
        button(page, "Create webhook").click();
        assertThat(page.locator(".notice")).containsText("saved");

        page.navigate("/console/builder/by-lines");
        assertThat(page.locator("#match")).hasValue("any");
        assertThat(page.locator("#value-0")).hasValue("60");
        assertThat(page.locator("#value-1")).hasValue("search");
        assertThat(page.locator("#as-jq")).containsText(" or ");
    }

    @Test
    void times_are_typed_in_the_users_zone_and_sent_in_utc() {
        Page page = signedIn(Stage.ADMIN, "/console/deliveries");
        page.locator("#more-filters > summary").click();
        assertThat(page.locator("label[for=from]")).containsText("Europe/Stockholm");
        page.locator("#from").fill("2026-11-24T10:00");
        button(page, "Apply").click();
        page.waitForURL(url -> url.contains("from=2026-11-24T09%3A00%3A00.000Z"));
        assertThat(page.locator("#from")).hasValue("2026-11-24T10:00");
    }

    @Test
    void the_sample_event_follows_the_selected_types_until_it_is_edited() {
        Page page = signedIn(Stage.ADMIN, "/console/builder");
        page.locator("#url").fill(stage.good.url().toString());
        page.getByLabel("Call missed").check();
        assertThat(page.locator("#sample")).hasValue(Pattern.compile("sample-call-missed"));
        assertThat(page.locator("#preview .badge")).hasText("matches");
        page.locator("#sample-event > summary").click();
        String typed = "{\"id\": \"1\", \"source\": \"/s\", \"type\": \"call.ended\"}";
        page.locator("#sample").fill(typed);
        page.getByLabel("Call modified").check();
        assertThat(page.locator("#preview .badge")).hasText("does not match");
        assertThat(page.locator("#sample")).hasValue(typed);
    }

    @Test
    void a_new_oauth_client_has_the_usual_fields_and_defaults() {
        Page page = signedIn(Stage.ADMIN, "/console/settings/oauth-client");
        for (String label : List.of("Name", "Client ID", "Client Secret", "Authentication Endpoint", "Scope")) {
            Locator field = page.getByLabel(label, new Page.GetByLabelOptions().setExact(true));
            assertThat(field).isVisible();
            assertThat(field).hasValue("");
        }
        assertThat(page.getByLabel("Token Path")).hasValue("/oauth2/token");
        assertThat(page.getByLabel("Authorization Method").locator("option:checked"))
                .hasText("Header");
    }

    @Test
    void a_webhook_of_the_file_is_read_only_and_can_be_tested() {
        Page page = signedIn(Stage.ADMIN, "/console/settings/oauth-client/crm");
        assertThat(page.getByLabel("Client ID")).isDisabled();
        assertThat(page.getByLabel("Client ID")).hasValue("webhooks-of-acme");
        assertThat(page.locator("main")).not().containsText("Leave empty");
        assertThat(page.locator("main")).containsText("https://auth.crm.example.com/oauth2/token");
        button(page, "Test").click();
        assertThat(page.locator("#result")).containsText("It does not work yet");
    }

    @Test
    void a_signing_key_is_rotated_and_both_sign_for_a_while() {
        Page page = signedIn(Stage.ADMIN, "/console/settings/signing-key");
        page.getByLabel("Id").fill("by-page");
        button(page, "Create").click();
        link(page, "Done").click();
        page.navigate("/console/settings/signing-key/by-page");
        page.getByText("Rotate…").click();
        page.getByLabel("Both sign for").fill("2h");
        button(page, "Create the new key").click();
        link(page, "Done").click();
        page.navigate("/console/settings/signing-keys");
        assertThat(page.locator("tbody tr", new Page.LocatorOptions().setHasText("by-page")))
                .hasCount(2);
    }

    @Test
    void many_deliveries_are_counted_before_the_replay_and_progress_is_shown() {
        Page page = signedIn(Stage.ADMIN, "/console/replays");
        page.getByLabel("Webhook", new Page.GetByLabelOptions().setExact(true)).fill("every-call-to-archive");
        page.getByLabel("Status", new Page.GetByLabelOptions().setExact(true)).selectOption("delivered");
        button(page, "Count").click();
        assertThat(page.locator("#count")).containsText("would be sent again");
        int before = stage.good.requests().size();
        assertThat(page.locator("tbody tr")).hasCount(0);

        page.locator("button[value=start]").click();

        assertThat(page.locator("tbody tr .badge")).hasText("done");
        assertThat(page.locator("tbody tr")).containsText("every-call-to-archive");
        org.awaitility.Awaitility.await().until(() -> stage.good.requests().size() > before);
    }

    @Test
    void a_pending_delivery_is_canceled_after_a_confirmation() {
        Page page = signedIn(Stage.ADMIN, "/console/deliveries?webhook=missed-calls-to-pager");
        page.locator("tbody a").first().click();
        assertThat(page.locator("#stands + p .badge")).hasText("retrying");
        assertThat(button(page, "Cancel delivery")).isHidden();
        page.getByText("Cancel…").click();
        button(page, "Cancel delivery").click();
        assertThat(page.locator("#stands + p .badge")).hasText("canceled");
    }

    @Test
    void times_are_shown_in_the_users_zone() {
        String path = "/console/deliveries?event=call-1";
        String there = timeIn("Pacific/Auckland", path);
        String here = timeIn("America/St_Johns", path);
        assertEquals(false, there.equals(here), there + " and " + here);
    }

    private String timeIn(String zone, String path) {
        Page page = chromium.open(stage.product.url("/"), Chromium.Theme.LIGHT, zone);
        stage.signIn(page, Stage.READ);
        page.navigate(path);
        com.microsoft.playwright.Locator time = page.locator("tbody time").last();
        String shown = time.getAttribute("title");
        String expected = (String) time.evaluate(
                "(time, zone) => new Intl.DateTimeFormat(undefined, {dateStyle: 'medium',"
                        + " timeStyle: 'medium', timeZone: zone}).format(new Date(time.getAttribute('datetime')))",
                zone);
        assertEquals(true, shown.startsWith(expected), shown);
        return shown;
    }

    @Test
    void no_page_is_wider_than_a_phone() {
        Page page = chromium.signedIn(stage.product, Stage.ADMIN, Chromium.Theme.PHONE_LIGHT);
        List<String> wide = new ArrayList<>();
        page.navigate("/console/deliveries");
        String delivery = page.locator("tbody a").first().getAttribute("href");
        for (String path : AxeTest.PAGES) {
            page.navigate(path.replace("/console/deliveries/DELIVERY", delivery));
            Chromium.openDetails(page);
            int width = (int) page.evaluate("() => document.documentElement.scrollWidth");
            if (width > 390) {
                wide.add(path + " is " + width + " wide");
            }
        }
        assertEquals(List.of(), wide);
    }

    @Test
    void no_table_is_cut_on_a_desktop_and_labels_are_aligned() {
        Page page = signedIn(Stage.ADMIN, "/console/deliveries");
        page.locator("#more-filters > summary").click();
        assertEquals(
                true,
                page.evaluate("() => { const tops = part => new Set([...document.querySelectorAll("
                        + "'#more-filters .field > ' + part)].map(at => at.getBoundingClientRect().top)).size;"
                        + " return tops('label') === tops(':is(input, select)'); }"),
                "labels and fields stand in line");
        assertEquals(
                1,
                page.evaluate("() => new Set([...document.querySelectorAll('#more-filters :is(input, select)')]"
                        + ".map(field => field.getBoundingClientRect().height)).size"),
                "all fields are alike high");
        List<String> cut = new ArrayList<>();
        String delivery = page.locator("tbody a").first().getAttribute("href");
        for (String path : AxeTest.PAGES) {
            page.navigate(path.replace("/console/deliveries/DELIVERY", delivery));
            if ((boolean) page.evaluate("() => [...document.querySelectorAll('.scroll')]"
                    + ".some(table => table.scrollWidth > table.clientWidth)")) {
                cut.add(path);
            }
        }
        assertEquals(List.of(), cut);
    }

    /** Senders may use long ids. */
    @Test
    void an_event_with_a_long_id_does_not_push_its_field_over_what_stands_beside_it() {
        Page page = signedIn(Stage.ADMIN, "/console/builder/ended-calls-to-crm");
        page.locator("#recent").evaluate("list => list.add(new Option('call.ended ' + 'x'.repeat(200)))");
        assertEquals(
                List.of(),
                page.evaluate("() => [...document.querySelectorAll('.try')].flatMap(part =>"
                        + " [...part.querySelectorAll('input, select, textarea, button, pre')].filter(inner =>"
                        + " inner.getBoundingClientRect().right > part.getBoundingClientRect().right + 1)"
                        + ".map(inner => inner.id || inner.tagName))"));
    }

    @Test
    void two_accounts_see_nothing_of_each_other() {
        Page acme = signedIn(Stage.ADMIN, "/console/webhooks");
        Page globex = signedIn(Stage.OTHERS, "/console/webhooks");
        assertThat(acme.locator("main")).containsText("ended-calls-to-crm");
        assertThat(globex.locator("main")).containsText("of-globex");
        assertThat(globex.locator("main")).not().containsText("ended-calls-to-crm");
        assertThat(acme.locator("main")).not().containsText("of-globex");
        acme.navigate("/console/deliveries");
        String delivery = acme.locator("tbody a").first().getAttribute("href");
        for (String path :
                List.of(delivery, "/console/builder/ended-calls-to-crm", "/console/settings/oauth-client/crm")) {
            globex.navigate(path);
            assertThat(globex.locator("main")).containsText("Not found");
        }
        globex.navigate("/console/settings/oauth-clients");
        assertThat(globex.locator("main")).not().containsText("crm");
        link(globex, "Deliveries").click();
        assertThat(globex.locator("main")).not().containsText("call-1");
    }
}
