package io.engagementwebhooks.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.engagementwebhooks.browser.JourneyTest.button;
import static io.engagementwebhooks.browser.JourneyTest.link;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The console in a browser that runs no scripts. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WithoutScriptsTest {

    @AutoClose
    private final Stage stage = new Stage();

    @RegisterExtension
    private final Chromium chromium = new Chromium();

    @Test
    void a_webhook_is_created_tested_paused_and_deleted() {
        Page page = chromium.withoutScripts(stage.product.url("/"));
        stage.signIn(page, Stage.ADMIN);
        page.navigate("/console/webhooks");
        link(page, "New webhook").click();
        page.locator("#name").fill("without-scripts");
        page.getByLabel("Call ended").check();
        page.locator("#condition-kind-lines").check();
        press(page, "Add rule");
        assertThat(page.locator(".line")).hasCount(2);
        press(page, "Remove rule 2");
        assertThat(page.locator(".line")).hasCount(1);
        page.locator("#value-0").fill("60");
        page.locator("#auth-none").check();
        press(page, "Create webhook");
        assertThat(page.locator("#url-fault")).isVisible();
        page.locator("#url").fill(stage.good.url().toString());
        int before = stage.good.requests().size();
        press(page, "Send test");
        assertThat(page.locator("#exchange")).containsText("delivered");
        assertThat(page.locator("#value-0")).hasValue("60");
        page.locator("#since").fill("2026-11-24T00:00");
        press(page, "Count");
        assertThat(page.locator("#past-count")).containsText("would be sent after saving.");
        assertThat(page.locator("#since")).hasValue(Pattern.compile("2026-11-24T00:00.*"));
        page.locator("#since").fill("");
        press(page, "Create webhook");
        assertThat(page.locator("h1")).hasText("without-scripts");

        press(page, "Send sample event");
        Awaitility.await().until(() -> stage.good.requests().size() == before + 2);
        page.navigate("/console/webhooks/without-scripts");
        press(page, "Pause");
        assertThat(page.locator(".webhook-health")).containsText(Pattern.compile("paused", Pattern.CASE_INSENSITIVE));
        press(page, "Resume");
        page.getByLabel("Actions for without-scripts").press("Enter");
        press(page, "Delete…");
        assertThat(page.getByRole(AriaRole.DIALOG)).containsText("Delete without-scripts?");
        press(page, "Delete");
        assertThat(page.locator("h1")).hasText("Webhooks");
        assertThat(page.locator("main table")).not().containsText("without-scripts");
    }

    @Test
    void a_webhook_to_another_system_is_created_and_changed() {
        Page page = chromium.withoutScripts(stage.product.url("/"));
        stage.signIn(page, Stage.ADMIN);
        page.navigate("/console/builder");
        page.locator("#name").fill("to-kafka");
        page.getByLabel("Call ended").check();
        assertThat(page.getByLabel("Kafka Sink")).isHidden();
        page.locator("#to-kamelet").check();
        assertThat(page.getByLabel("Topic Names")).isHidden();
        page.getByLabel("Kafka Sink").check();
        press(page, "Create webhook");
        assertThat(page.locator("#faults")).containsText("Enter the Topic Names.");
        page.getByLabel("Topic Names").fill("calls");
        press(page, "Create webhook");
        assertThat(page.locator("h1")).hasText("to-kafka");
        link(page, "Edit").click();
        assertThat(page.getByLabel("Topic Names")).hasValue("calls");
    }

    /** A click waits for frames, which end when the page stands still and no script runs. */
    private static void press(Page page, String button) {
        button(page, button).first().press("Enter");
    }
}
