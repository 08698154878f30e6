package io.engagementwebhooks.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The operator has a page open while another person saves a route file with an error, and then corrects it. */
class BrokenRouteTest {

    private static final LocatorAssertions.ContainsTextOptions PATIENCE =
            new LocatorAssertions.ContainsTextOptions().setTimeout(60_000);

    @TempDir
    Path folder;

    @Test
    void an_error_in_a_route_file_is_shown_to_the_operator_until_it_is_corrected() throws Exception {
        Path routes = Files.createDirectories(folder.resolve("routes"));
        try (Stream<Path> ours = Files.list(Path.of("routes"))) {
            for (Path one : ours.toList()) {
                Files.copy(one, routes.resolve(one.getFileName()));
            }
        }
        Path file = routes.resolve("10-ingest.camel.yaml");
        String good = Files.readString(file);
        try (Stage stage = new Stage(folder);
                Chromium chromium = new Chromium()) {
            Page page = chromium.signedIn(stage.product, Stage.OPERATOR, Chromium.Theme.LIGHT);
            page.navigate("/console/accounts");
            assertThat(page.locator("#live")).not().containsText("faults");

            Files.writeString(file, good.replace("ref: lookUpWebhooks", "ref: noSuchStep"));

            assertThat(page.locator("#live li")).containsText(file + ":", PATIENCE);
            assertThat(page.locator("#live li")).containsText("noSuchStep");
            assertEquals("", AxeTest.violations(page));

            Files.writeString(file, good);

            assertThat(page.locator("#live li"))
                    .hasCount(0, new LocatorAssertions.HasCountOptions().setTimeout(60_000));
            page.context().close();
        }
    }
}
