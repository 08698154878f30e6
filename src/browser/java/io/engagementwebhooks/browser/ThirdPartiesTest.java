package io.engagementwebhooks.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Page;
import io.engagementwebhooks.testkit.ContentsquareStandIn;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.SalesforceStandIn;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Salesforce and a Contentsquare connection made, tried out and written to, in the browser. */
class ThirdPartiesTest {

    private static final String ADMIN = "acme-admin-key-third-parties";

    @TempDir
    Path folder;

    @Test
    void calls_go_to_salesforce_and_to_contentsquare() throws Exception {
        try (SalesforceStandIn salesforce = SalesforceStandIn.start();
                ContentsquareStandIn contentsquare = new ContentsquareStandIn();
                RunningProduct product = RunningProduct.start(
                        folder,
                        "accounts:\n  - id: acme\n    apiKeys: [{name: anna, role: admin, key: " + ADMIN + "}]\n",
                        "webhooks.egress.plain-http=127.0.0.0/8");
                Chromium chromium = new Chromium()) {
            Page page = chromium.open(product.url("/"), Chromium.Look.DARK);
            Chromium.signIn(page, ADMIN);
            makesASalesforceConnection(page, salesforce);
            makesAContentsquareConnection(page, contentsquare);
            buildsAWebhook(page, "salesforce", "calls-as-tasks", "sales");
            buildsAWebhook(page, "contentsquare", "calls-to-insights", "insights");
            product.postEvent(
                    ADMIN,
                    """
                    {"id": "call-1", "source": "/calls", "type": "call.ended", "time": "2026-11-24T09:31:07Z", "data":
                      {"cdr_id": 7, "duration": 192, "call_duration": 192, "answered": true, "direction": "inbound",
                       "anum": "+4670123xxx", "start": "2026-11-24T09:27:55Z",
                       "web": {"contentsquare": {"projectId": 1337, "userId": "ae267-6g87D-88Nn6od", "sessionNumber": 4}}}}""");
            product.awaitDeliveries(ADMIN, "call-1", 2, "delivered");
            page.navigate("/console/deliveries?event=call-1");
            assertThat(page.locator("tbody .badge.delivered")).hasCount(2);
            assertEquals(
                    "Call from browser",
                    salesforce.records().get(0).fields().path("Subject").asText());
            assertEquals(1, contentsquare.accepted().size());
        }
    }

    private static void makesASalesforceConnection(Page page, SalesforceStandIn salesforce) {
        page.navigate("/console/settings/salesforce");
        page.locator("#name").fill("sales");
        page.locator("#loginUrl").fill(base(salesforce.url()));
        page.locator("#clientId").fill(SalesforceStandIn.CLIENT_ID);
        page.locator("#clientSecret").fill(SalesforceStandIn.CLIENT_SECRET);
        page.locator("summary").first().click();
        page.locator("#instanceSuffix").fill("127.0.0.1");
        JourneyTest.button(page, "Save and test").click();
        assertThat(page.locator("#result")).containsText("It works");
    }

    private static void makesAContentsquareConnection(Page page, ContentsquareStandIn contentsquare) {
        page.navigate("/console/settings/contentsquare");
        page.locator("#name").fill("insights");
        page.locator("#clientId").fill(ContentsquareStandIn.CLIENT_ID);
        page.locator("#clientSecret").fill(ContentsquareStandIn.CLIENT_SECRET);
        page.locator("#integrationVersion").fill("1");
        StringBuilder schema = new StringBuilder();
        ContentsquareStandIn.CALL_SCHEMA.forEach(field -> schema.append(field.name())
                .append(": ")
                .append(field.type())
                .append(field.optional() ? " optional\n" : "\n"));
        page.locator("#schema").fill(schema.toString());
        page.locator("summary").first().click();
        page.locator("#tokenUrl").fill(contentsquare.tokenUrl().toString());
        page.locator("#endpointSuffix").fill("127.0.0.1");
        JourneyTest.button(page, "Save and test").click();
        assertThat(page.locator("#result")).containsText("It works");
    }

    private static void buildsAWebhook(Page page, String kind, String name, String connection) {
        page.navigate("/console/builder");
        page.locator("#name").fill(name);
        page.getByLabel("Call ended").check();
        page.locator("#to-" + kind).check();
        page.locator("#connection").selectOption(connection);
        if (kind.equals("salesforce")) {
            page.locator("#object").fill("Task");
            page.locator("#fields").fill("Subject: Call from browser\nCallDurationInSeconds: {duration}");
        }
        assertThat(page.locator("#preview")).containsText("matches");
        JourneyTest.button(page, "Create the webhook").click();
        assertThat(page.locator(".notice")).containsText("saved");
    }

    private static String base(URI url) {
        return url.getScheme() + "://" + url.getAuthority();
    }
}
