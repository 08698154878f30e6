package io.engagementwebhooks.deliver.salesforce;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.egress.EgressRules;
import io.engagementwebhooks.deliver.egress.EgressSettings;
import io.engagementwebhooks.deliver.egress.NameResolver;
import io.engagementwebhooks.deliver.egress.ResolverSettings;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.testkit.ConnectProxy;
import io.engagementwebhooks.testkit.NameServer;
import io.engagementwebhooks.testkit.SalesforceStandIn;
import io.engagementwebhooks.webhook.SalesforceConnection;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Semantics 27, 28 and 30: each connection to Salesforce obeys the rules for scheme, port and address. */
@Timeout(120)
class SalesforceEgressTest {

    private static final String PUBLIC = "1.1.1.1";
    private static final String NO_HTTP = "plain http is not allowed here: use https";

    private final NameServer server = new NameServer();
    private final NameResolver names = NameResolver.of(
            ResolverSettings.of("dns", server.text()), new EgressRules(EgressSettings.DEFAULT), Clock.systemUTC());
    private final SalesforceStandIn org = SalesforceStandIn.start();

    @AfterEach
    void close() {
        org.close();
        names.close();
        server.close();
    }

    private Outcome send(EgressSettings settings, URI loginUrl) {
        SalesforceConnection connection = SalesforceBranch.connection(
                "sales", loginUrl, SalesforceStandIn.CLIENT_SECRET, List.of("127.0.0.1", "org.example"));
        try (SalesforceBranch branch = new SalesforceBranch(new EgressRules(settings), names)) {
            return DeliveryContext.outcome(
                    branch.send(branch.delivery(connection, SalesforceBranch.create("Task"), "call-ended")));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.0.0/16, '', '', https://login.example:6379, webhooks may not call port 6379",
        "10.1.0.0/16, 443, '', https://login.example:8443, webhooks may not call port 8443",
        "127.0.0.0/8, '', '', http://login.example, " + NO_HTTP,
        "'', '', 10.1.0.0/16, http://login.example, " + NO_HTTP
    })
    void a_login_at_a_public_host_obeys_ports_and_plain_http_whatever_else_is_allowed(
            String allow, String ports, String plainHttp, URI loginUrl, String rule) {
        server.answer("login.example", 60, PUBLIC);

        Outcome.NotSent outcome =
                assertInstanceOf(Outcome.NotSent.class, send(EgressSettings.of(allow, ports, plainHttp), loginUrl));

        assertEquals("the login at Salesforce was not sent: " + rule, outcome.reason());
    }

    @ParameterizedTest
    @CsvSource({"https://my.org.example:6379, webhooks may not call port 6379", "http://my.org.example, " + NO_HTTP})
    void a_call_to_a_public_instance_obeys_ports_and_plain_http(String instanceUrl, String rule) {
        server.answer("my.org.example", 60, PUBLIC);
        org.changeTokenAnswer(answer -> answer.put("instance_url", instanceUrl));

        Outcome.NotSent outcome =
                assertInstanceOf(Outcome.NotSent.class, send(EgressSettings.of("127.0.0.0/8", "", ""), org.url()));

        assertEquals("The call to Salesforce was not sent: " + rule, outcome.reason());
        assertEquals(0, org.calls());
    }

    @Test
    void an_allowed_address_is_exempt_from_ports_and_called_by_plain_http() {
        server.answer("my.org.example", 60, "127.0.0.1");
        String instanceUrl = "http://my.org.example:" + org.url().getPort();
        org.changeTokenAnswer(answer -> answer.put("instance_url", instanceUrl));

        Outcome outcome = send(EgressSettings.of("127.0.0.0/8", "443", ""), org.url());

        assertInstanceOf(Outcome.Delivered.class, outcome, () -> "" + outcome);
        assertEquals(1, org.calls());
    }

    /** Semantics 29. */
    @Test
    void a_login_by_https_goes_through_the_proxy_and_one_by_plain_http_directly() throws IOException {
        try (ConnectProxy proxy = new ConnectProxy()) {
            EgressSettings settings = EgressSettings.of("127.0.0.0/8", "", "", "http://127.0.0.1:" + proxy.port());

            assertInstanceOf(Outcome.Delivered.class, send(settings, org.url()));
            assertEquals(List.of(), proxy.asked());

            proxy.answerWith("HTTP/1.1 403 Forbidden");
            Outcome.NotSent outcome =
                    assertInstanceOf(Outcome.NotSent.class, send(settings, URI.create("https://login.example")));
            assertEquals(List.of("login.example:443"), proxy.asked());
            assertEquals("Not sent: the proxy of this installation refused the connection (403)", outcome.reason());
        }
    }

    /** Connecting may take longer than a lease. */
    @Test
    void an_instance_that_lost_the_webhook_while_connecting_sends_no_byte_to_the_org() {
        try (SalesforceBranch branch = new SalesforceBranch()) {
            branch.isOwned = () -> false;

            Outcome outcome = DeliveryContext.outcome(branch.send(
                    branch.delivery(SalesforceBranch.connection(org), SalesforceBranch.create("Task"), "call-ended")));

            assertEquals(
                    "Not sent yet: a delivery of this request was canceled, or another instance sends it now",
                    assertInstanceOf(Outcome.NotSent.class, outcome).reason());
            assertEquals(0, org.calls());
        }
    }
}
