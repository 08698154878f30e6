package io.engagementwebhooks.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.engagementwebhooks.browser.JourneyTest.button;
import static io.engagementwebhooks.browser.JourneyTest.link;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.engagementwebhooks.testkit.ContentsquareStandIn;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.SalesforceStandIn;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.IntSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A new user, from an empty installation to a replayed call in Salesforce or Contentsquare. */
class ThirdPartiesTest {

    private static final String TAKEN = "\"success\":true";

    /** The error of both fakes while they are broken. */
    private static final String BROKEN = "As asked.";

    @TempDir
    Path folder;

    /**
     * The differences of the third parties.
     *
     * @param kind as in the builder
     * @param connects creates a connection called {@code mine}
     * @param fields the field mapping, as typed
     * @param sees the result of the mapping for a call of that many seconds
     * @param breaks answers 503 from now on, or works again
     * @param taken how often it accepted a request
     */
    private record Party(
            String kind,
            Consumer<Page> connects,
            String fields,
            IntFunction<String> sees,
            Consumer<Boolean> breaks,
            IntSupplier taken) {}

    @Test
    void a_new_user_gets_from_an_empty_install_to_a_call_in_salesforce_that_is_retried_and_replayed() throws Exception {
        try (SalesforceStandIn salesforce = SalesforceStandIn.start()) {
            goes(new Party(
                    "salesforce",
                    page -> makesASalesforceConnection(page, salesforce),
                    "Subject: Call of {duration} s\nCallDurationInSeconds: {duration}",
                    "Call of %d s"::formatted,
                    broken -> salesforce.failAtRandom(broken ? 1 : 0, () -> broken ? 0 : 1),
                    () -> salesforce.records().size()));
        }
    }

    @Test
    void a_new_user_gets_from_an_empty_install_to_a_call_in_contentsquare_that_is_retried_and_replayed()
            throws Exception {
        try (ContentsquareStandIn contentsquare = new ContentsquareStandIn()) {
            goes(new Party(
                    "contentsquare",
                    page -> makesAContentsquareConnection(page, contentsquare),
                    "answered: {answered}\ncall_duration: {\"jq\":\".data.duration * 1000\"}",
                    "%d000"::formatted,
                    broken -> contentsquare.failAtRandom(broken ? 1 : 0, () -> broken ? 0 : 1),
                    contentsquare::acceptedBatches));
        }
    }

    private void goes(Party party) throws Exception {
        try (RunningProduct product =
                        RunningProduct.start(folder, "accounts: []\n", "webhooks.egress.plain-http=127.0.0.0/8");
                Chromium chromium = new Chromium()) {
            Page page = chromium.open(product.url("/"), Chromium.Theme.DARK);
            Chromium.signIn(
                    page,
                    Files.readString(folder.resolve("data").resolve("first-key"))
                            .strip());
            party.connects().accept(page);
            assertThat(page.locator("#result")).containsText("It works");
            assertEquals("", AxeTest.violations(page));
            String ingest = JourneyTest.makesAKeyThatSends(page);
            buildsAWebhook(page, party);

            product.postEvent(ingest, call("call-short", 20));
            product.postEvent(ingest, call("call-1", 300));
            page.navigate("/console/deliveries");
            assertThat(page.locator("tbody .badge").first()).containsText("delivered");
            assertThat(page.locator("tr[id^=line-]")).hasCount(1);
            opens(page, "call-1");
            assertSent(page, 1, party.sees().apply(300), TAKEN);

            seesARetryWhileItIsBroken(page, product, ingest, party);
            replaysIt(page, party);
        }
    }

    private static void makesASalesforceConnection(Page page, SalesforceStandIn salesforce) {
        link(page, "Settings").click();
        link(page, "Connections").click();
        link(page, "Connect Salesforce").click();
        page.locator("#name").fill("mine");
        page.locator("#loginUrl").fill(base(salesforce.url()));
        page.locator("#clientId").fill(SalesforceStandIn.CLIENT_ID);
        page.locator("#clientSecret").fill(SalesforceStandIn.CLIENT_SECRET);
        page.locator("#advanced > summary").click();
        page.locator("#instanceSuffix").fill("127.0.0.1");
        button(page, "Save and test").click();
    }

    private static void makesAContentsquareConnection(Page page, ContentsquareStandIn contentsquare) {
        link(page, "Settings").click();
        link(page, "Connections").click();
        link(page, "Connect Contentsquare").click();
        page.locator("#name").fill("mine");
        page.locator("#clientId").fill(ContentsquareStandIn.CLIENT_ID);
        page.locator("#clientSecret").fill(ContentsquareStandIn.CLIENT_SECRET);
        page.locator("#integrationVersion").fill("1");
        StringBuilder schema = new StringBuilder();
        ContentsquareStandIn.CALL_SCHEMA.forEach(field -> schema.append(field.name())
                .append(": ")
                .append(field.type())
                .append(field.optional() ? " optional\n" : "\n"));
        page.locator("#schema").fill(schema.toString());
        page.locator("#advanced > summary").click();
        page.locator("#tokenUrl").fill(contentsquare.tokenUrl().toString());
        page.locator("#endpointSuffix").fill("127.0.0.1");
        button(page, "Save and test").click();
    }

    private static void buildsAWebhook(Page page, Party party) {
        link(page, "Webhooks").click();
        link(page, "New webhook").click();
        page.locator("#name").fill("calls");
        page.getByLabel("Call ended").check();
        page.locator("#condition-kind-lines").check();
        page.locator("#value-0").fill("120");
        page.locator("#to-" + party.kind()).check();
        page.locator("#connection").selectOption("mine");
        page.locator("#fields").fill(party.fields());
        page.locator("#retry-kind-own").check();
        page.locator("#retry").fill("1s, 1h");
        page.locator("#sample-event > summary").click();
        page.locator("#sample").fill(call("sample-call", 250));
        assertThat(page.locator("#preview")).containsText("matches");
        assertThat(page.locator("#preview")).containsText(party.sees().apply(250));
        button(page, "Send test").click();
        Locator exchange = page.locator("#exchange");
        assertThat(exchange.locator("h3").first()).containsText("delivered");
        exchange.locator("#test-request > summary").click();
        assertThat(exchange.getByLabel("Request of the test"))
                .containsText(party.sees().apply(250));
        assertThat(exchange.getByLabel("Response")).containsText(TAKEN);
        assertEquals(1, party.taken().getAsInt());
        Chromium.settled(page);
        button(page, "Create webhook").click();
        assertThat(page.locator(".toast")).containsText("saved");
        link(page, "Edit").click();
        assertThat(page.locator("#fields")).hasValue(party.fields());
        assertThat(page.locator("#value-0")).hasValue("120");
        assertThat(page.locator("#connection")).hasValue("mine");
    }

    private static void seesARetryWhileItIsBroken(Page page, RunningProduct product, String ingest, Party party) {
        int before = party.taken().getAsInt();
        party.breaks().accept(true);
        product.postEvent(ingest, call("call-2", 301));
        opens(page, "call-2");
        assertThat(page.locator("#stands + p")).containsText("503");
        assertThat(page.locator("#attempt-1 > summary")).containsText("503");
        assertSent(page, 2, party.sees().apply(301), BROKEN);
        assertThat(page.locator("#stands + p .badge")).hasText("retrying");
        assertEquals(before, party.taken().getAsInt());

        party.breaks().accept(false);
        button(page, "Retry now").click();
        assertThat(page.locator("#stands + p .badge")).hasText("delivered");
        assertSent(page, 3, party.sees().apply(301), TAKEN);
        assertEquals(before + 1, party.taken().getAsInt());
    }

    private static void replaysIt(Page page, Party party) {
        int before = party.taken().getAsInt();
        page.reload();
        button(page, "Replay").click();
        assertThat(page.locator(".notice")).containsText("Delivery queued");
        Awaitility.await().until(() -> party.taken().getAsInt() == before + 1);
        assertSent(page, 4, party.sees().apply(301), TAKEN);
        assertThat(page.locator("#stands + p .badge")).hasText("delivered");

        page.reload();
        button(page, "Replay as a new delivery").click();
        assertThat(page.locator("dl.facts")).containsText("Replay of");
        assertSent(page, 1, party.sees().apply(301), TAKEN);
        assertThat(page.locator("#stands + p .badge")).hasText("delivered");
        assertEquals(before + 2, party.taken().getAsInt());
    }

    private static void opens(Page page, String event) {
        page.navigate("/console/deliveries?event=" + event);
        page.locator(".what a").click();
        page.waitForURL("**/deliveries/msg_*");
        page.reload();
    }

    private static void assertSent(Page page, int attempt, String sent, String answer) {
        assertThat(page.locator("#request-" + attempt)).containsText(sent);
        assertThat(page.locator("#response-" + attempt)).containsText(answer);
    }

    /** Each call has its own session, of which Contentsquare keeps three enrichments. */
    private static String call(String id, int seconds) {
        return """
                {"id": "%1$s", "source": "/calls", "type": "call.ended", "time": "2026-11-24T09:31:07Z", "data":
                  {"cdr_id": %2$d, "duration": %2$d, "answered": true, "direction": "inbound", "anum": "+4670123xxx",
                   "start": "2026-11-24T09:27:55Z",
                   "web": {"contentsquare": {"projectId": 1337, "userId": "ae267-6g87D-88Nn6od", "sessionNumber": %2$d}}}}"""
                .formatted(id, seconds);
    }

    private static String base(URI url) {
        return url.getScheme() + "://" + url.getAuthority();
    }
}
