package io.engagementwebhooks.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A new user, from an empty installation to a replayed delivery. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JourneyTest {

    private static final Logger LOG = LoggerFactory.getLogger(JourneyTest.class);

    @TempDir
    static Path folder;

    /** A delivery in the log. */
    private static final String CHECKLIST = ".checklist";

    private static final String LINE = "tr[id^=line-]";

    private final AtomicInteger status = new AtomicInteger(200);

    @AutoClose
    private final Receiver receiver = new Receiver(got -> new Receiver.Reply(status.get(), Map.of(), "thanks"));

    @AutoClose
    private final Receiver tokens = new Receiver(got -> new Receiver.Reply(
            200,
            Map.of("Content-Type", "application/json"),
            "{\"access_token\": \"token-1\", \"token_type\": \"Bearer\", \"expires_in\": 300}"));

    @RegisterExtension
    private final Chromium chromium = new Chromium();

    @Test
    void a_new_user_gets_from_an_empty_install_to_a_delivery_that_is_retried_and_replayed() throws Exception {
        Instant begin = Instant.now();
        try (RunningProduct product = RunningProduct.start(
                folder.resolve("new"), "accounts: []\n", "webhooks.egress.plain-http=127.0.0.0/8")) {
            String key = Files.readString(bootstrapKey()).strip();
            Page page = chromium.open(product.url("/"), Chromium.Theme.LIGHT);
            StringBuilder refused = new StringBuilder();
            page.onConsoleMessage(message -> {
                if (message.text().contains("Content Security Policy")) {
                    refused.append(message.text()).append('\n');
                }
            });

            Chromium.signIn(page, key);
            makesAnOAuthClient(page);
            String ingest = makesAKeyThatSends(page);
            link(page, "Overview").click();
            assertThat(page.locator(CHECKLIST + " .next")).containsText("Create a webhook");
            readsHowToAllowAPrivateEndpoint(page);
            readsNoSettingsInAPortalSession(product, key);
            buildsAWebhook(page);
            Duration built = Duration.between(begin, Instant.now());
            sendsASampleAndReadsTheNextStep(page);

            product.postEvent(ingest, event("call-short", 20));
            product.postEvent(ingest, event("call-1", 192));
            page.navigate("/console/deliveries?test=false");
            assertThat(page.locator(LINE + " .badge")).hasText("delivered");
            Duration delivered = Duration.between(begin, Instant.now());
            LOG.info(
                    "journey: built after {} ms, first delivery seen after {} ms",
                    built.toMillis(),
                    delivered.toMillis());
            assertTrue(delivered.compareTo(Duration.ofMinutes(2)) < 0, delivered.toString());
            Receiver.Got got = receiver.requests().get(receiver.requests().size() - 1);
            assertEquals("{\"call\": \"7\", \"seconds\": 192}", got.body());
            assertEquals("Bearer token-1", got.header("Authorization"));
            assertThat(page.locator(LINE)).hasCount(1);

            page.navigate("/console/overview");
            assertThat(page.locator(".stats")).containsText("1 of 1 delivery");
            assertThat(page.locator(CHECKLIST)).hasCount(0);
            seesARetryOfABrokenReceiver(page, product, ingest);
            replaysIt(page);
            assertEquals("", refused.toString());
        }
    }

    private Path bootstrapKey() {
        return folder.resolve("new").resolve("data").resolve("first-key");
    }

    private void makesAnOAuthClient(Page page) {
        link(page, "Settings").click();
        link(page, "New OAuth client").click();
        page.locator("#name").fill("crm");
        page.getByLabel("Client ID").fill("webhooks");
        page.getByLabel("Authentication Endpoint")
                .fill(tokens.url().resolve("/").toString());
        button(page, "Test").click();
        assertThat(page.locator("#faults")).containsText("Enter the Client Secret.");
        assertThat(page.locator("#clientSecret-fault")).containsText("Enter the Client Secret.");
        Chromium.settled(page);
        assertThat(page.getByLabel("Client ID")).hasValue("webhooks");
        page.getByLabel("Client Secret").fill("s3cret-of-the-crm");
        assertThat(page.locator("#token-url")).containsText("/oauth2/token");
        button(page, "Test").click();
        assertThat(page.locator("#result")).containsText("It works");
        Chromium.settled(page);
        assertThat(page.getByLabel("Client Secret")).hasValue("s3cret-of-the-crm");
        button(page, "Create").click();
        assertThat(page.locator(".toast")).containsText("'crm' is saved");
    }

    static String makesAKeyThatSends(Page page) {
        link(page, "Settings").click();
        link(page, "API keys").click();
        link(page, "New API key").click();
        page.locator("#name").fill("pbx");
        button(page, "Create").click();
        String key = page.locator("#secret").textContent().strip();
        link(page, "Done").click();
        assertThat(page.locator("main")).not().containsText(key);
        return key;
    }

    /** Both obstacles at once, and for this admin the settings. */
    private static void readsHowToAllowAPrivateEndpoint(Page page) {
        entersAPrivateUrl(page);
        assertThat(page.locator(".egress pre"))
                .hasText("webhooks.egress.allow=192.168.7.20\nwebhooks.egress.plain-http=192.168.7.20");
    }

    private static void entersAPrivateUrl(Page page) {
        page.navigate("/console/builder");
        page.locator("#url").fill("http://192.168.7.20:8080/hooks");
        button(page, "Create webhook").click();
        assertThat(page.locator("#url-fault")).containsText("address that is not public");
        assertThat(page.locator("#url-fault")).containsText("plain http is not allowed either");
    }

    private void readsNoSettingsInAPortalSession(RunningProduct product, String key) {
        String url = RunningProduct.json(product.post(
                        "/v1/accounts/default/portal-sessions", key, "application/json", "{\"role\": \"admin\"}"))
                .get("url")
                .asText();
        Page page = chromium.open(product.url("/"), Chromium.Theme.LIGHT);
        page.navigate(url);
        page.locator("main form button").click();
        page.waitForURL("**/console/overview");
        entersAPrivateUrl(page);
        assertThat(page.locator("body")).not().containsText("webhooks.egress");
        assertThat(page.locator("body")).not().containsText("application.properties");
        page.context().close();
    }

    /** A sample is a test, so it does not complete the steps. */
    private void sendsASampleAndReadsTheNextStep(Page page) {
        link(page, "Webhooks").click();
        link(page, "calls-to-crm").click();
        button(page, "Send sample event").click();
        assertThat(page.locator(".notice")).containsText("Sample event delivered");
        link(page, "Overview").click();
        Locator steps = page.locator(CHECKLIST);
        assertThat(steps.locator(".done")).hasCount(3);
        assertThat(steps.locator(".next")).containsText("Send your first event");
        assertThat(page.locator("main pre")).containsText("\"type\": \"call.ended\"");
    }

    private void buildsAWebhook(Page page) {
        link(page, "Webhooks").click();
        link(page, "New webhook").click();
        assertThat(page.locator("#draft-restored")).isVisible();
        Chromium.settled(page);
        page.locator("#name").fill("calls-to-crm");
        page.getByLabel("Call ended").check();
        page.locator("#condition-kind-lines").check();
        page.locator("#value-0").fill("120");
        page.getByLabel("JSON template").check();
        page.locator("#url").fill("htps:/wrong");
        page.locator("#body").fill("{\"call\": \"\", \"seconds\": {duration}}");
        page.locator("#body").evaluate("b => b.setSelectionRange(10, 10)");
        page.locator("#insert-body > summary").click();
        button(page, "Call id").click();
        page.locator("#auth-oauth2").check();
        page.locator("#client").selectOption("crm");
        page.getByLabel("Custom delays").check();
        page.getByLabel("Delays between attempts").fill("1s, 1h");
        button(page, "Create webhook").click();
        assertThat(page.locator("#faults")).containsText("URL");
        assertThat(page.locator("#url-fault")).containsText("The URL is not an http URL.");
        Chromium.settled(page);
        assertThat(page.locator("#body")).hasValue("{\"call\": \"{cdr_id}\", \"seconds\": {duration}}");
        page.locator("#url").fill(receiver.url().toString());
        assertThat(page.locator("#preview")).containsText("\"seconds\": 192");
        assertThat(page.locator("#preview")).containsText("Bearer ***");
        button(page, "Send test").click();
        assertThat(page.locator("#exchange")).containsText("delivered");
        assertThat(page.locator("#exchange")).containsText("thanks");
        Chromium.settled(page);
        button(page, "Create webhook").click();
        assertThat(page.locator(".notice")).containsText("saved");
    }

    private void seesARetryOfABrokenReceiver(Page page, RunningProduct product, String ingest) {
        status.set(500);
        product.postEvent(ingest, event("call-2", 300));
        page.navigate("/console/deliveries?event=call-2");
        link(page, "call-2").click();
        page.waitForURL("**/deliveries/msg_*");
        // the panel has an address
        page.reload();
        assertThat(page.locator("#live")).containsText("No. 2");
        assertThat(page.locator("#live")).containsText("500");
        Locator last = page.locator("#attempt-1");
        last.locator("> summary").click();
        page.waitForResponse("**/deliveries/msg_*", () -> {});
        Chromium.settled(page);
        assertEquals(true, last.evaluate("attempt => attempt.open"), "it stays open when the page renews itself");
        status.set(200);
        button(page, "Retry now").click();
        page.waitForURL("**/deliveries/msg_*");
        assertThat(page.locator("#stands + p .badge")).hasText("delivered");
    }

    private void replaysIt(Page page) {
        int before = receiver.requests().size();
        button(page, "Replay").first().click();
        assertThat(page.locator(".notice")).containsText("queued");
        Awaitility.await().until(() -> receiver.requests().size() > before);
        assertThat(page.locator("#stands + p .badge")).hasText("delivered");
        button(page, "Replay as a new delivery").click();
        assertThat(page.locator("dl.facts")).containsText("Replay of");
    }

    static com.microsoft.playwright.Locator link(Page page, String name) {
        return page.getByRole(
                        AriaRole.LINK, new Page.GetByRoleOptions().setName(name).setExact(true))
                .first();
    }

    static com.microsoft.playwright.Locator button(Page page, String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private static String event(String id, int seconds) {
        return "{\"id\": \"" + id + "\", \"source\": \"/calls\", \"type\": \"call.ended\","
                + " \"data\": {\"cdr_id\": 7, \"duration\": " + seconds + "}}";
    }
}
