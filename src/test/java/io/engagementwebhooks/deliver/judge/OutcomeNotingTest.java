package io.engagementwebhooks.deliver.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.deliver.DeliveryContext;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class OutcomeNotingTest {

    private static final Instant NOW = Instant.parse("2026-12-01T12:00:00Z");

    private static Outcome failed(String reason, String retryAfter) throws Exception {
        try (DefaultCamelContext camel = new DefaultCamelContext()) {
            Exchange exchange = new DefaultExchange(camel);
            exchange.setProperty(OutcomeNoting.REASON, reason);
            exchange.setProperty(OutcomeNoting.RETRY_AFTER, retryAfter);
            OutcomeNoting.failed(Clock.fixed(NOW, ZoneOffset.UTC)).process(exchange);
            return DeliveryContext.outcome(exchange);
        }
    }

    @Test
    void plain_digits_are_seconds_and_a_reason_of_control_characters_is_none() throws Exception {
        assertEquals(
                new Outcome.TryLater("The destination did not take the delivery", NOW.plusSeconds(120), false, false),
                failed("\u0000\u0001", "120"));
        assertEquals(new Outcome.TryLater("closed", NOW.plusSeconds(600), false, false), failed("closed\n", "10m"));
    }
}
