package io.engagementwebhooks.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Page;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** From a new webhook to a request in a test inbox, light and dark, on a desktop and on a phone. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InboxJourneyTest {

    @AutoClose
    private final Stage stage = new Stage();

    @RegisterExtension
    private final Chromium chromium = new Chromium();

    @ParameterizedTest
    @EnumSource
    void a_test_of_a_new_webhook_appears_in_its_inbox_by_itself(Chromium.Theme look) {
        Page page = chromium.open(stage.product.url("/"), look);
        StringBuilder found = new StringBuilder();
        stage.signIn(page, Stage.ADMIN);
        page.navigate("/console/builder");
        page.locator("#events input").first().check();
        page.locator("#use-inbox").click();
        String inbox = page.getByText("Open the test inbox").getAttribute("href");
        assertTrue(page.locator("#url").inputValue().endsWith(inbox.replace("/console/inboxes/", "/inbox/")));
        AxeTest.checkOpened(page, found);
        Page opened = page.context().newPage();
        opened.navigate(inbox);
        opened.getByText("No requests yet").waitFor();
        AxeTest.check(opened, found);
        page.locator("#send-test").click();
        page.locator("#exchange").waitFor();
        opened.getByText("Signature right").waitFor();
        AxeTest.checkOpened(opened, found);
        opened.navigate("/console/inboxes");
        AxeTest.check(opened, found);
        assertEquals("", found.toString());
    }
}
