package io.engagementwebhooks.browser;

import static io.engagementwebhooks.browser.JourneyTest.button;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.microsoft.playwright.Page;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Erases a person, light and dark, on a desktop and on a phone. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ErasureJourneyTest {

    @AutoClose
    private final Stage stage = new Stage();

    @RegisterExtension
    private final Chromium chromium = new Chromium();

    @ParameterizedTest
    @EnumSource
    void a_person_is_erased_after_a_count_and_the_receipt_shows_the_end_by_itself(Chromium.Theme look) {
        String number = "+4670000" + look.ordinal();
        stage.product.postEvent(
                Stage.INGEST,
                "{\"id\": \"person-%s\", \"source\": \"/calls\", \"type\": \"text.sent\", \"data\": {\"anum\": \"%s\"}}"
                        .formatted(look, number));
        Page page = chromium.signedIn(stage.product, Stage.ADMIN, look);
        StringBuilder found = new StringBuilder();
        page.navigate("/console/events");
        page.getByText("Erase a person").click();
        page.getByLabel("Field").fill("data.anum");
        page.getByLabel("Value").fill(number);
        button(page, "Count").click();
        page.getByText("1 event with").waitFor();
        AxeTest.checkOpened(page, found);
        button(page, "Erase…").click();
        page.getByText("This cannot be undone").waitFor();
        AxeTest.check(page, found);
        page.locator("#confirm-erase button[value=erase]").click();
        page.locator("#receipt").getByText("done").waitFor();
        AxeTest.check(page, found);
        assertFalse(page.url().contains(number) || page.content().contains(number));
        page.navigate("/console/events/erasures");
        AxeTest.check(page, found);
        assertEquals("", found.toString());
    }
}
