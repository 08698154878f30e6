package io.engagementwebhooks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A change that would make a webhook invalid is refused: the webhook would be inactive after the next start. {@link
 * DefinitionsRestartTest} has the last signing key.
 */
@Timeout(300)
class UsedResourcesTest {

    @AutoClose
    private final RunningProduct product = RunningProduct.shared(TwoAccounts.ONLY_ACME);

    private final ApiClient acme = new ApiClient(product, TwoAccounts.adminKey("acme"));

    private void webhook(String name, String delivery) {
        acme.created("webhooks", "{`name`: `%s`, `events`: [`call.*`], `delivery`: {%s}}".formatted(name, delivery));
    }

    static void assertInUse(HttpResponse<String> answer, String webhook, String fault) {
        ApiClient.assertProblem(409, "in-use", answer);
        String detail = RunningProduct.json(answer).path("detail").asText();
        assertTrue(detail.contains("webhook '" + webhook + "': ") && detail.contains(fault), detail);
    }

    @Test
    void a_connection_keeps_the_schema_that_webhooks_are_written_for() {
        String connection =
                "{`type`: `contentsquare`, `clientId`: `a`, `clientSecret`: `%s`, `integrationVersion`: 1, `schema`: [{`name`: `%s`, `type`: `INT`}]%s}";
        acme.created("connections", connection.formatted("s", "length", ", `name`: `insights`"));
        for (int i = 1; i <= 7; i++) {
            webhook(
                    "sessions " + i,
                    "`authentication`: {`type`: `contentsquare`, `connection`: `insights`}, `contentsquare`: {`fields`: {`length`: `{duration}`}}");
        }
        webhook("usual", "`authentication`: {`type`: `contentsquare`, `connection`: `insights`}");
        String path = "/v1/connections/insights";
        HttpResponse<String> other = acme.change("PUT", path, connection.formatted("t", "seconds", ""));
        assertInUse(other, "sessions 5", "field 'length' is not in the schema");
        assertTrue(other.body().contains("and more webhooks"), other.body());
        assertInUse(
                acme.change("PATCH", path, "{`schema`: [{`name`: `seconds`, `type`: `INT`}]}"),
                "sessions 1",
                "field 'length' is not in the schema");
        HttpResponse<String> renewed = acme.change("PUT", path, connection.formatted("t", "length", ", `scope`: `a`"));
        assertEquals(200, renewed.statusCode(), renewed.body());
    }

    @Test
    void certificate_bound_tokens_are_refused_for_a_webhook_with_another_certificate() {
        Certificates.Issued certificate = new Certificates().client("acme", 400);
        String tls = "{`certificate`: %s, `key`: %s}"
                .formatted(
                        JsonNodeFactory.instance.textNode(certificate.certificatePem()),
                        JsonNodeFactory.instance.textNode(certificate.keyPem()));
        acme.created(
                "oauth-clients",
                "{`name`: `crm`, `clientId`: `a`, `authenticationEndpoint`: `https://auth.example.com`, `authorizationMethod`: `tls_client_auth`, `tls`: "
                        + tls + "}");
        webhook(
                "certified",
                "`url`: `https://x.example.com`, `authentication`: {`type`: `oauth2`, `client`: `crm`}, `tls`: " + tls);
        assertInUse(
                acme.change("PATCH", "/v1/oauth-clients/crm", "{`certificateBoundTokens`: true}"),
                "certified",
                "are bound to that of the client");
    }
}
