package io.engagementwebhooks.operate.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

/** What is in flight on a route that is exchanged for another version. */
class InFlightCountsTest {

    private final InFlightCounts counts = new InFlightCounts();

    @Test
    void an_exchange_between_two_versions_of_a_route_is_counted_once() throws Exception {
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            Exchange exchange = new DefaultExchange(context);
            counts.addRoute("deliver");
            counts.removeRoute("deliver");

            counts.add(exchange, "deliver");
            counts.addRoute("deliver");
            assertEquals(1, counts.size("deliver"));

            counts.remove(exchange, "deliver");
            assertEquals(0, counts.size("deliver"));
        }
    }
}
