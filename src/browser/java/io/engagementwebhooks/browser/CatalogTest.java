package io.engagementwebhooks.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.engagementwebhooks.browser.JourneyTest.button;
import static io.engagementwebhooks.browser.JourneyTest.link;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The event catalog and the received events. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CatalogTest {

    @AutoClose
    private final Stage stage = new Stage();

    @RegisterExtension
    private final Chromium chromium = new Chromium();

    private Page signedIn(String path) {
        Page page = chromium.signedIn(stage.product, Stage.ADMIN, Chromium.Theme.LIGHT);
        page.navigate(path);
        return page;
    }

    @Test
    void a_sample_event_of_a_searched_type_is_a_test_delivery() {
        Page page = signedIn("/console/overview");
        link(page, "Events").click();
        page.locator("#type-search").fill("nothing like it");
        assertThat(page.locator(".none-found")).containsText("No results");
        button(page, "Clear the search").click();
        assertThat(page.locator(".none-found")).isHidden();
        assertThat(page.locator("#type-search")).isFocused();
        page.locator("#type-search").fill("call.missed");
        Locator missed = page.locator("[id='call.missed']");
        assertThat(page.locator("[id='webhook.failing']")).isHidden();
        missed.locator("summary").first().click();
        assertThat(missed.locator("tbody tr").first()).isVisible();
        missed.locator("[id='sample-call.missed'] > summary").click();
        assertThat(missed.locator("[id='sample-call.missed'] pre")).containsText("call.missed");
        assertThat(missed).containsText("missed-calls-to-pager");

        button(page, "Send sample event of call.missed").click();

        assertThat(page.locator(".toast")).containsText("Sample event sent to 2 webhooks.");
        assertThat(page.locator("tr[id^=line-]")).hasCount(2);
        assertThat(page.locator("tr[id^=line-]").first()).containsText("Test");
    }

    @Test
    void a_webhook_is_created_from_a_type() {
        Page page = signedIn("/console/events?type=call.ended");

        link(page, "Create webhook for call.ended").click();

        assertThat(page.getByLabel("Call ended")).isChecked();
    }

    @Test
    void an_event_without_deliveries_says_why_for_each_webhook() {
        stage.product.postEvent(
                Stage.INGEST,
                "{\"id\": \"unsubscribed\", \"source\": \"/forms\", \"type\": \"form.submitted\", \"data\": {\"form\": 1}}");
        Page page = signedIn("/console/events/received?event=unsubscribed");

        link(page, "None: why?").click();

        assertThat(page.locator("ul.matches li").first()).containsText("does not match");
        assertThat(page.locator("ul.matches")).containsText("missed-calls-to-pager");
        assertThat(page.locator("#event-json")).containsText("unsubscribed");
    }
}
