package io.engagementwebhooks.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.deliver.step.OwnDestinations;
import io.engagementwebhooks.testkit.ConfigReaders;
import io.engagementwebhooks.webhook.Config;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.RouteDefinition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Custom destinations are those of the running routes; each route is read once. */
class OwnDestinationsByRouteTest {

    private final AtomicInteger read = new AtomicInteger();
    private final DefaultCamelContext context = new DefaultCamelContext() {
        @Override
        public RouteDefinition getRouteDefinition(String id) {
            read.incrementAndGet();
            return super.getRouteDefinition(id);
        }
    };
    private OwnDestinations destinations;

    @BeforeEach
    void start() throws Exception {
        Config config = ConfigReaders.by(url -> Optional.empty())
                .read("accounts: [{id: acme}, {id: beta}]".getBytes(StandardCharsets.UTF_8), name -> Optional.empty())
                .config();
        destinations = new OwnDestinations(context, () -> config, kamelet -> Optional.empty());
        context.disableJMX();
        add("crm", "acme");
        context.start();
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    private void add(String destination, String accounts) throws Exception {
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from(OwnDestinations.entrance(destination))
                        .routeId(destination)
                        .setProperty(OwnDestinations.ACCOUNTS, constant(accounts))
                        .log("taken");
            }
        });
    }

    private boolean isOpen(String account, String destination) {
        return destinations.refusal(account, destination).isEmpty();
    }

    @Test
    void routes_are_read_once_and_again_when_they_change() throws Exception {
        assertTrue(isOpen("acme", "crm"));
        int first = read.get();
        for (int delivery = 0; delivery < 100; delivery++) {
            assertTrue(isOpen("acme", "crm"));
            assertFalse(isOpen("beta", "crm"));
            assertFalse(isOpen("acme", "other"));
        }
        assertEquals(first, read.get());

        add("other", "*");
        assertTrue(isOpen("acme", "other") && isOpen("beta", "other"));

        add("crm", "beta");
        assertTrue(isOpen("beta", "crm") && !isOpen("acme", "crm"), "another version of the route");

        context.getRouteController().stopRoute("other");
        context.removeRoute("other");
        assertFalse(isOpen("acme", "other"));
    }
}
