package io.engagementwebhooks.deliver.salesforce;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.deliver.egress.RawReceiver;
import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.TestResolver;
import io.engagementwebhooks.testkit.TestResources;
import io.engagementwebhooks.tls.PeerLimitException;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLContext;
import org.apache.camel.component.salesforce.SalesforceLoginConfig;
import org.apache.camel.component.salesforce.internal.SalesforceSession;
import org.apache.camel.impl.DefaultCamelContext;
import org.eclipse.jetty.client.CompletableResponseListener;
import org.eclipse.jetty.client.ContentResponse;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.eclipse.jetty.util.thread.Scheduler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Hosts of Salesforce that make a request cost more than a response does. */
@Timeout(120)
class HostileOrgTest extends TestResources {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final Scheduler timer = new ScheduledExecutorScheduler("timer", true);
    private final OrgClient client = new OrgClient(context, "org", "acme", TestResolver.OF_MACHINE, null, timer);
    private final Certificates authority = new Certificates();

    @BeforeEach
    void start() throws Exception {
        SalesforceLoginConfig unused = new SalesforceLoginConfig();
        unused.setLoginUrl("https://localhost");
        unused.setClientId("unused");
        unused.setClientSecret("unused");
        client.setSession(new SalesforceSession(context, client, 1, unused));
        client.getSslContextFactory().setSslContext(authority.client());
        timer.start();
        client.start();
    }

    @AfterEach
    void stop() throws Exception {
        client.stop();
        timer.stop();
        context.stop();
    }

    private RawReceiver org(SSLContext tls, RawReceiver.Script script) {
        return opened(new RawReceiver(script, tls));
    }

    private ContentResponse call(String scheme, RawReceiver org) throws Throwable {
        try {
            return new CompletableResponseListener(client.newRequest(scheme + "://localhost:" + org.port() + "/"))
                    .send()
                    .get();
        } catch (ExecutionException e) {
            throw e.getCause();
        }
    }

    @Test
    void interim_responses_without_end_fail_the_request() {
        RawReceiver org = org(null, talk -> {
            talk.request();
            while (true) {
                talk.write("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(100));
            }
        });
        Throwable failure = assertThrows(Exception.class, () -> call("http", org));
        assertEquals("more than 8 interim responses (1xx)", failure.getMessage());
    }

    @Test
    void a_few_interim_responses_are_skipped() throws Throwable {
        RawReceiver org = org(null, talk -> {
            while (talk.request()) {
                talk.write("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(8) + OK);
            }
        });
        assertEquals("ok", call("http", org).getContentAsString());
    }

    /** A second handshake on a socket of TLS 1.3 is a key update. */
    @Test
    void key_updates_without_end_fail_the_request() throws Exception {
        RawReceiver org = org(authority.server("localhost", 1), talk -> {
            talk.request();
            while (true) {
                talk.handshake();
            }
        });
        Throwable failure = assertThrows(Exception.class, () -> call("https", org));
        assertTrue(Causes.first(failure, PeerLimitException.class).isPresent(), failure::toString);
    }
}
