package io.engagementwebhooks.console.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What needs somebody stands on the overview, before it breaks where that can be known. */
@Timeout(300)
class OverviewPageTest {

    private static final String ANNA = "acme-admin-key-overview";
    private static final String EVE = "acme-read-key-overview-1";

    private static String setUp(Instant until) {
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
    void credentials_that_end_soon_are_told_to_whoever_may_see_them(@TempDir Path folder) {
        Instant until = Instant.now().plus(Duration.ofDays(5));
        String day = until.toString().substring(0, 10);
        try (RunningProduct product = RunningProduct.start(folder, setUp(until))) {
            String page =
                    Visitor.signedIn(product, ANNA).get("/console/overview").body();
            assertTrue(page.contains("This API key is in use, and ends on " + day), page);
            assertFalse(page.contains("unused"), "nobody misses it");
            assertTrue(page.contains("The last signing key ends on " + day), page);
            assertTrue(page.contains("Its credentials expire on"), page);

            String readers =
                    Visitor.signedIn(product, EVE).get("/console/overview").body();
            assertFalse(readers.contains("anna"), "who only reads sees no keys");
            assertTrue(readers.contains("The last signing key ends on " + day), readers);
        }
    }

    @Test
    void client_certificates_of_webhooks_that_end_soon_are_told_the_soonest_first(@TempDir Path folder) {
        try (RunningProduct product =
                RunningProduct.start(folder, setUp(Instant.now().plus(Duration.ofDays(200))))) {
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
                            "<a id=\"to-/console/webhooks?text=ends-soon\" href=\"/console/webhooks?text=ends-soon\">ends-soon</a>"
                                    + " <span class=\"soft\">Its client certificate expires on "
                                    + expiring.at("/0/expires").asText().substring(0, 10) + "."),
                    page);
            assertFalse(page.contains("good-for-long"), page);
            assertFalse(page.contains("by-client"), "its client's certificate is told with the client");
            assertTrue(page.contains("/console/settings/oauth-client/bound"), page);
            assertFalse(page.contains(MORE), page);

            String shared = tls(3);
            IntStream.range(0, 9).forEach(i -> make(product, "webhooks", webhook("shared-" + i, "", shared)));
            String more =
                    Visitor.signedIn(product, ANNA).get("/console/overview").body();
            assertTrue(more.contains("?text=ends-soon") && more.contains(MORE), more);
            assertFalse(more.contains("?text=ends-later"), "ten are told");
        }
    }

    private static final String MORE = "Their client certificates expire within 30 days too, or expired.";

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
    void credentials_that_are_good_for_long_need_nobody(@TempDir Path folder) {
        Instant until = Instant.now().plus(Duration.ofDays(200));
        try (RunningProduct product = RunningProduct.start(folder, setUp(until))) {
            String page =
                    Visitor.signedIn(product, ANNA).get("/console/overview").body();
            assertTrue(page.contains("every credential works"), page);
        }
    }
}
