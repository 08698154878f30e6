package io.engagementwebhooks.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.engagementwebhooks.console.signin.SignInLink;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.Tools;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From the sign-in link to a retried delivery; a separate product, since only an empty installation prints the link. */
class FirstRunTest {

    private static final Logger LOG = LoggerFactory.getLogger(FirstRunTest.class);
    private static final String NAME = "orders";
    private static final double SECONDS_A_CLICK = 1.5;
    private static final double SECONDS_A_KEY = 0.12;

    @RegisterExtension
    private final Chromium chromium = new Chromium();

    private int clicks;
    private int fields;

    @BeforeEach
    void curl() {
        Tools.assume("curl", "sh");
    }

    @Test
    void a_newcomer_sees_a_signed_event_arrive_and_mends_a_failure_within_eight_clicks_and_two_fields(
            @TempDir Path folder) throws Exception {
        Path installed = folder.resolve("new");
        try (RunningProduct product = RunningProduct.start(installed, "accounts: []\n", "webhooks.egress.allow=")) {
            String link = product.part("signInLink", SignInLink.class).offer().orElseThrow();
            Page page = chromium.open(product.url("/"), Chromium.Theme.LIGHT);
            page.context().grantPermissions(List.of("clipboard-read", "clipboard-write"));
            Instant begin = Instant.now();

            page.navigate(link);
            click(JourneyTest.button(page, "Sign in"));
            click(JourneyTest.link(page, "Create a webhook"));
            createsAWebhookToATestInbox(page);
            click(JourneyTest.button(page, "Create its key"));
            assertThat(page.locator("#first-event")).containsText("Copy it now; its key is not shown again.");
            click(JourneyTest.button(page, "Copy the command"));
            runs(folder, (String) page.evaluate("() => navigator.clipboard.readText()"));
            click(JourneyTest.link(page, "Open the test inbox"));
            assertThat(page.locator("#live .badge")).hasText("Signature right");
            assertThat(page.locator("#live")).containsText("Signed with key k1.");

            reports(Duration.between(begin, Instant.now()));
            assertTrue(clicks <= 8, clicks + " clicks");
            assertTrue(fields <= 2, fields + " fields");
            page.navigate("/console/overview");
            assertThat(page.locator(".sentence")).containsText("No webhook is failing.");
            assertThat(page.locator(".checklist")).hasCount(0);
            mendsAFailure(product, installed, folder, page);
        }
    }

    private void createsAWebhookToATestInbox(Page page) {
        page.locator("#name").fill(NAME);
        fields++;
        click(page.getByLabel("Every event"));
        click(JourneyTest.button(page, "Use a test inbox"));
        assertThat(page.getByText("Open the test inbox")).isVisible();
        Chromium.settled(page);
        click(JourneyTest.button(page, "Create webhook"));
        assertThat(page.locator("h1")).hasText(NAME + " created");
    }

    private void click(Locator locator) {
        locator.click();
        clicks++;
    }

    private static void runs(Path folder, String command) throws Exception {
        Tools.run(folder, "sh", "-c", command.replace("curl ", "curl -sS --fail "));
    }

    private void reports(Duration machine) {
        LOG.info(
                "first run: {} clicks, {} field of {} keys: {} s of a newcomer and {} s of the machine",
                clicks,
                fields,
                NAME.length(),
                Math.round(10 * (clicks * SECONDS_A_CLICK + NAME.length() * SECONDS_A_KEY)) / 10.0,
                machine.toMillis() / 1000.0);
    }

    /** The delivery fails by choice. No automatic retry comes before the click. */
    private void mendsAFailure(RunningProduct product, Path installed, Path folder, Page page) throws Exception {
        String admin =
                Files.readString(installed.resolve("data").resolve("first-key")).strip();
        String inbox = product.read("/v1/inboxes", admin).at("/items/0/id").asText();
        change(product, admin, "/v1/webhooks/" + NAME, "{\"retry\": [\"1h\"]}");
        change(product, admin, "/v1/inboxes/" + inbox, "{\"status\": 500}");
        product.postEvent(admin, "{\"id\": \"2\", \"source\": \"/calls\", \"type\": \"call.ended\", \"data\": {}}");
        clicks = 0;

        assertThat(page.locator(".failures")).containsText("1 × HTTP 500");
        assertThat(page.locator(".failures")).containsText("The receiver failed");
        click(page.locator("a[id^=last-]"));
        assertThat(page.locator("#response-1")).containsText("This status was chosen in the test inbox.");
        change(product, admin, "/v1/inboxes/" + inbox, "{\"status\": 204}");
        String opened = page.url();
        click(JourneyTest.button(page, "Retry now"));
        assertThat(page.locator("#stands + p .badge")).hasText("delivered");
        assertEquals(opened, page.url());
        assertEquals(2, clicks);
    }

    private static void change(RunningProduct product, String key, String path, String body) {
        HttpRequest.Builder request = product.request(path, key)
                .header("Content-Type", "application/json")
                .method("PATCH", HttpRequest.BodyPublishers.ofString(body));
        product.get(path, key).headers().firstValue("ETag").ifPresent(tag -> request.header("If-Match", tag));
        HttpResponse<String> answer = product.send(request.build());
        assertEquals(200, answer.statusCode(), answer.body());
    }
}
