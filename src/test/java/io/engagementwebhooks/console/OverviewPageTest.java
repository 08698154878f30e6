package io.engagementwebhooks.console;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.engagementwebhooks.console.settings.SettingsList;
import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The overview shows what needs attention, if possible before it fails. */
@Timeout(300)
class OverviewPageTest {

    private static final String ANNA = "acme-admin-key-overview";
    private static final String EVE = "acme-read-key-overview-1";

    private static String config(Instant until) {
        return """
                accounts:
                  - id: acme
                    apiKeys:
                      - {name: anna, role: admin, key: %s, until: "%s"}
                      - {name: unused, role: ingest, key: acme-ingest-key-overview, until: "%s"}
                      - {name: eve, role: read, key: %s}
                    signingKeys:
                      - {id: k1, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, until: "%s"}
                    connections:
                      - {name: insights, type: contentsquare, clientId: id, clientSecret: secret, integrationVersion: 1, createdOn: %s, schema: [{name: call_duration, type: INT}]}
                """
                .formatted(
                        ANNA,
                        until,
                        until,
                        EVE,
                        until,
                        LocalDate.ofInstant(until, ZoneOffset.UTC).minusYears(1));
    }

    @Test
    void credentials_that_end_soon_are_shown_to_roles_that_may_see_them() {
        Instant until = Instant.now().plus(Duration.ofDays(5));
        String day = until.toString().substring(0, 10);
        try (RunningProduct product = RunningProduct.shared(config(until))) {
            String page =
                    Visitor.signedIn(product, ANNA).get("/console/overview").body();
            assertTrue(page.contains("Nothing was sent in the last hour."), page);
            assertFalse(page.contains("– succeeded") || page.contains("0 of 0"), page);
            for (String kind : List.of("API keys", "Signing keys", "Connections")) {
                assertEquals("Ending within 30 days: 1.", attention(page, kind), "an unused key needs no attention");
                assertEquals("warning", badge(page, ">" + kind + "</a>"));
            }
            assertEquals(List.of("anna"), inNeed(product, "api-keys", "true", "name"));
            assertEquals(List.of("k1"), inNeed(product, "signing-keys", "true", "id"));
            for (String list : List.of("api-keys", "signing-keys", "connections")) {
                assertEquals(List.of(), inNeed(product, list, "failing", "name"), "they work still");
            }

            String readers =
                    Visitor.signedIn(product, EVE).get("/console/overview").body();
            assertFalse(readers.contains(">API keys</a>"), "who only reads sees no keys");
            assertEquals("Ending within 30 days: 1.", attention(readers, "Signing keys"));
            String keys = Visitor.signedIn(product, EVE)
                    .get("/console/settings/signing-keys?attention=true")
                    .body();
            assertTrue(keys.contains("The last signing key ends on " + day), keys);
        }
    }

    @Test
    void client_certificates_that_expire_soon_are_listed_soonest_first() {
        try (RunningProduct product = RunningProduct.shared(config(Instant.now().plus(Duration.ofDays(200))))) {
            make(product, "webhooks", webhook("ends-later", "", tls(20)));
            make(product, "webhooks", webhook("ends-soon", "", tls(5)));
            make(product, "webhooks", webhook("good-for-long", "", tls(200)));
            make(
                    product,
                    "oauth-clients",
                    """
                    {"name": "bound", "clientId": "us", "authorizationMethod": "tls_client_auth",
                     "authenticationEndpoint": "https://auth.example.com", "certificateBoundTokens": true, %s}"""
                            .formatted(tls(7)));
            make(
                    product,
                    "webhooks",
                    webhook("by-client", ", \"authentication\": {\"type\": \"oauth2\", \"client\": \"bound\"}", null));

            JsonNode expiring = product.read("/v1/figures", ANNA).get("expiring");
            assertEquals(List.of("ends-soon", "ends-later"), expiring.findValuesAsText("webhook"));
            String page =
                    Visitor.signedIn(product, ANNA).get("/console/overview").body();
            assertTrue(
                    page.contains(
                            "<a id=\"to-/console/webhooks/ends-soon\" href=\"/console/webhooks/ends-soon\">ends-soon</a>"
                                    + " <span class=\"soft\">Its client certificate expires on "
                                    + expiring.at("/0/expires").asText().substring(0, 10) + "."),
                    page);
            assertFalse(page.contains("good-for-long"), page);
            assertFalse(page.contains("by-client"), "its client's certificate is listed with the client");
            assertEquals("Ending within 30 days: 1.", attention(page, "OAuth clients"));
            assertEquals(List.of("bound"), inNeed(product, "oauth-clients", "true", "name"));
            assertEquals(List.of(), inNeed(product, "oauth-clients", "failing", "name"));
            assertFalse(page.contains(MORE), page);

            String shared = tls(3);
            IntStream.range(0, 9).forEach(i -> make(product, "webhooks", webhook("shared-" + i, "", shared)));
            String more =
                    Visitor.signedIn(product, ANNA).get("/console/overview").body();
            assertTrue(more.contains("/console/webhooks/ends-soon") && more.contains(MORE), more);
            assertFalse(more.contains("/console/webhooks/ends-later"), "ten are listed");
        }
    }

    private static final String MORE = "Their client certificates expire within 30 days too, or expired.";

    @Test
    void counts_end_with_a_plus_at_the_length_of_the_longest_page() {
        assertEquals("Failing or ended: 200+.", why(200, 200));
        assertEquals("Failing or ended: 10. With those ending within 30 days: 200+.", why(10, 200));
        assertEquals("Ending within 30 days: 200+.", why(0, 200));
    }

    private static String why(int failing, int needing) {
        return OverviewPages.attention(SettingsList.CLIENTS, failing, needing).why();
    }

    /** What the overview says about credentials of a kind. */
    private static String attention(String page, String kind) {
        String line = page.substring(page.indexOf(">" + kind + "</a>"));
        line = line.substring(0, line.indexOf("</dd>"));
        return line.substring(line.indexOf("<span class=\"soft\">") + 19, line.indexOf("</span>"));
    }

    private static List<String> inNeed(RunningProduct product, String list, String attention, String member) {
        List<String> names = new ArrayList<>();
        product.read("/v1/" + list + "?attention=" + attention, ANNA)
                .path("items")
                .forEach(item -> names.add(item.path(member).asText()));
        return names;
    }

    @Test
    void failing_and_ending_credentials_are_counted() {
        try (RunningProduct product = RunningProduct.shared(config(Instant.now().plus(Duration.ofDays(200))))) {
            IntStream.range(0, 12).forEach(i -> make(product, "connections", connection("ends-" + (10 + i), 350)));
            make(product, "connections", connection("z-over", 400));
            make(
                    product,
                    "oauth-clients",
                    """
                    {"name": "ends", "clientId": "us", "authorizationMethod": "tls_client_auth",
                     "authenticationEndpoint": "https://auth.example.com", %s}"""
                            .formatted(tls(7)));
            Visitor anna = Visitor.signedIn(product, ANNA);

            String page = anna.get("/console/overview").body();
            assertEquals("Failing or ended: 1. With those ending within 30 days: 13.", attention(page, "Connections"));
            assertEquals("bad", badge(page, ">Connections</a>"));
            assertEquals("warning", badge(page, ">OAuth clients</a>"));
            assertTrue(page.indexOf(">Connections</a>") < page.indexOf(">OAuth clients</a>"), "failing ones first");
            assertEquals(List.of("z-over"), inNeed(product, "connections", "failing", "name"));
            assertEquals(13, inNeed(product, "connections", "true", "name").size());
            String settings =
                    anna.get("/console/settings/connections?attention=failing").body();
            assertTrue(settings.contains(">z-over</a>") && !settings.contains(">ends-10</a>"), settings);
        }
    }

    private static String connection(String name, int age) {
        return """
                {"name": "%s", "type": "contentsquare", "clientId": "id", "clientSecret": "secret", "integrationVersion": 1,
                 "createdOn": "%s", "schema": [{"name": "call_duration", "type": "INT"}]}"""
                .formatted(name, LocalDate.now(ZoneOffset.UTC).minusDays(age));
    }

    /** The badge of a link. */
    private static String badge(String page, String link) {
        String before = page.substring(0, page.indexOf(link));
        String badge = before.substring(before.lastIndexOf("<span class=\"badge ") + "<span class=\"badge ".length());
        return badge.substring(0, badge.indexOf('"'));
    }

    @Test
    void a_client_that_gets_no_token_and_whose_certificate_ends_says_both() throws Exception {
        int closed = FreePort.any();
        try (RunningProduct product = RunningProduct.shared(config(Instant.now().plus(Duration.ofDays(200))))) {
            make(
                    product,
                    "oauth-clients",
                    """
                    {"name": "refused", "clientId": "us", "authorizationMethod": "tls_client_auth",
                     "authenticationEndpoint": "https://127.0.0.1:%d", %s}"""
                            .formatted(closed, tls(7)));
            make(
                    product,
                    "webhooks",
                    """
                    {"name": "by-refused", "events": ["call.ended"], "delivery": {"url": "https://127.0.0.1:%d",
                     "authentication": {"type": "oauth2", "client": "refused"}}}"""
                            .formatted(closed));
            product.postEvent(ANNA, "{\"id\": \"1\", \"source\": \"/s\", \"type\": \"call.ended\", \"data\": {}}");
            Visitor anna = Visitor.signedIn(product, ANNA);

            await().untilAsserted(() -> {
                String page = anna.get("/console/overview").body();
                assertEquals("Failing or ended: 1.", attention(page, "OAuth clients"));
                assertEquals("bad", badge(page, ">OAuth clients</a>"));
            });
            await().untilAsserted(() -> {
                String page = anna.get("/console/settings/oauth-clients?attention=failing")
                        .body();
                String row = page.substring(page.indexOf(">refused</a>"));
                row = row.substring(0, row.indexOf("</tr>"));
                assertTrue(row.contains(">fails</span>"), row);
                assertTrue(row.contains(">expires soon</span>"), row);
                assertTrue(row.contains("Its client certificate expires on"), row);
            });
        }
    }

    private static void make(RunningProduct product, String list, String definition) {
        HttpResponse<String> made = product.post("/v1/" + list, ANNA, "application/json", definition);
        assertEquals(201, made.statusCode(), made.body());
    }

    private static String webhook(String name, String authentication, String tls) {
        return "{\"name\": \"" + name
                + "\", \"events\": [\"never.happens\"], \"delivery\": {\"url\": \"https://crm.example.com\""
                + authentication + (tls == null ? "" : ", " + tls) + "}}";
    }

    private static String tls(int days) {
        Certificates.Issued issued = new Certificates().client("acme", days);
        return "\"tls\": "
                + JsonNodeFactory.instance
                        .objectNode()
                        .put("certificate", issued.certificatePem())
                        .put("key", issued.keyPem());
    }

    @Test
    void credentials_that_end_late_need_no_attention() {
        Instant until = Instant.now().plus(Duration.ofDays(200));
        try (RunningProduct product = RunningProduct.shared(config(until))) {
            String page =
                    Visitor.signedIn(product, ANNA).get("/console/overview").body();
            assertFalse(page.contains("Credentials and certificates"), page);
        }
    }
}
