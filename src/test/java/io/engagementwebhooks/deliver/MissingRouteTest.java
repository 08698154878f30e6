package io.engagementwebhooks.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.deliver.judge.MissingRoute;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.testkit.SampleDelivery;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.auth.Authentication;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.direct.DirectConsumerNotAvailableException;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A delivery for a custom destination without a route. */
class MissingRouteTest {

    private static final Instant START = Instant.parse("2026-11-24T12:00:00Z");
    private static final String MISSING = "no route sends to destination 'crm': add one from direct:deliver-crm";
    private static final String STOPPED = "route 'to-crm' of this installation is stopped, or was being replaced;"
            + " its operator can start it over JMX";

    private final SettableClock clock = new SettableClock(START);
    private final MissingRoute judge = new MissingRoute(clock);
    private final DefaultCamelContext camel = new DefaultCamelContext();

    @BeforeEach
    void start() {
        camel.start();
    }

    @AfterEach
    void stop() {
        camel.stop();
    }

    private Outcome sent(String to, Instant unsentSince) {
        Delivery sample = new SampleDelivery(URI.create("https://crm.example/"))
                .with(new Authentication.Custom("crm", new Authentication.None()))
                .delivery();
        Delivery delivery = new Delivery(
                sample.id(), sample.webhook(), sample.event(), null, 1, 0, null, sample.expiresAt(), unsentSince, null);
        Exchange exchange = new DefaultExchange(camel);
        exchange.setProperty(Exchange.TO_ENDPOINT, to);
        return judge.judge(new DirectConsumerNotAvailableException("No consumers available", exchange), delivery)
                .orElseThrow();
    }

    private Duration waits(String to, Duration lasts) {
        Outcome.NotSent notSent = (Outcome.NotSent) sent(to, clock.instant().minus(lasts));
        return Duration.between(clock.instant(), notSent.until());
    }

    private void add(String from) throws Exception {
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from(from).routeId("to-crm").autoStartup(false).process(exchange -> {});
            }
        });
    }

    @Test
    void a_destination_without_a_route_is_missing() {
        assertEquals(
                new Outcome.NotSent(MISSING, START.plusSeconds(1)), sent("direct://deliver-crm?block=false", null));
    }

    @Test
    void a_destination_whose_route_is_there_is_stopped() throws Exception {
        add("direct:deliver-crm");
        assertEquals(
                new Outcome.NotSent(STOPPED, START.plusSeconds(1)), sent("direct://deliver-crm?block=false", null));
    }

    @Test
    void a_stopped_route_of_another_destination_does_not_count() throws Exception {
        add("direct:deliver-crm-2");
        assertEquals(
                new Outcome.NotSent(MISSING, START.plusSeconds(1)), sent("direct://deliver-crm?block=false", null));
    }

    @Test
    void options_of_endpoint_uris_are_ignored() throws Exception {
        add("direct:deliver-crm?exchangePattern=InOut");
        assertEquals(new Outcome.NotSent(STOPPED, START.plusSeconds(1)), sent("direct://deliver-crm", null));
    }

    @Test
    void the_missing_route_is_named_and_a_later_route_is_retried_less_often() {
        assertEquals(
                new Outcome.NotSent(
                        "no route sends to destination 'crm': add one from direct:call-crm", START.plusSeconds(10)),
                sent("direct://call-crm?block=false", null));
        assertEquals(Duration.ofSeconds(10), waits("direct://call-crm?block=false", Duration.ofSeconds(7)));
        assertEquals(Duration.ofSeconds(20), waits("direct://call-crm?block=false", Duration.ofSeconds(20)));
        assertEquals(Duration.ofMinutes(1), waits("direct://call-crm?block=false", Duration.ofHours(7)));
    }

    @Test
    void an_endpoint_called_before_the_failure_was_judged_is_not_reported_as_missing() {
        assertEquals(new Outcome.NotSent(MISSING, START.plusSeconds(1)), sent("log://crm-failed", null));
    }

    @Test
    void a_missing_route_is_retried_soon_and_then_with_backoff() {
        assertEquals(Duration.ofSeconds(1), waits("direct://deliver-crm?block=false", Duration.ZERO));
        assertEquals(Duration.ofSeconds(7), waits("direct://deliver-crm?block=false", Duration.ofSeconds(7)));
        assertEquals(Duration.ofMinutes(1), waits("direct://deliver-crm?block=false", Duration.ofHours(7)));
    }

    @Test
    void other_failures_are_not_judged() {
        assertEquals(
                Optional.empty(),
                judge.judge(
                        new IllegalStateException("No consumers available"),
                        new SampleDelivery(URI.create("https://crm.example/")).delivery()));
    }
}
