package io.engagementwebhooks.deliver.salesforce;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.egress.EgressRules;
import io.engagementwebhooks.deliver.egress.EgressSettings;
import io.engagementwebhooks.deliver.egress.NameResolver;
import io.engagementwebhooks.deliver.egress.ResolverSettings;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.testkit.NameServer;
import io.engagementwebhooks.testkit.SalesforceStandIn;
import io.engagementwebhooks.webhook.SalesforceConnection;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Semantics 42: if no name server resolves the name of an org, no attempt is used. */
@Timeout(120)
class SalesforceNamesTest {

    private final NameServer server = new NameServer();
    private final NameResolver names = NameResolver.of(
            ResolverSettings.of("dns", server.text()), new EgressRules(EgressSettings.DEFAULT), Clock.systemUTC());
    private final SalesforceStandIn org = SalesforceStandIn.start();
    private final SalesforceBranch branch = new SalesforceBranch(SalesforceBranch.LOOPBACK, names);

    @AfterEach
    void close() {
        branch.close();
        org.close();
        names.close();
        server.close();
    }

    private Outcome send(URI loginUrl) {
        SalesforceConnection connection = SalesforceBranch.connection(
                "sales", loginUrl, SalesforceStandIn.CLIENT_SECRET, List.of("127.0.0.1", "org.example"));
        return DeliveryContext.outcome(
                branch.send(branch.delivery(connection, SalesforceBranch.create("Task"), "call-ended")));
    }

    @Test
    void a_failed_lookup_of_the_login_host_is_no_attempt() {
        server.fail("login.example", NameServer.SERVFAIL);

        Outcome.NotSent outcome = assertInstanceOf(Outcome.NotSent.class, send(URI.create("https://login.example")));

        assertEquals(
                "Not sent: the host name login.example could not be looked up: the name server answered SERVFAIL",
                outcome.reason());
    }

    @Test
    void a_failed_lookup_of_the_org_is_no_attempt() {
        server.fail("my.org.example", NameServer.SERVFAIL);
        org.changeTokenAnswer(answer -> answer.put("instance_url", "https://my.org.example"));

        Outcome.NotSent outcome = assertInstanceOf(Outcome.NotSent.class, send(org.url()));

        assertEquals(
                "Not sent: the host name my.org.example could not be looked up: the name server answered SERVFAIL",
                outcome.reason());
    }
}
