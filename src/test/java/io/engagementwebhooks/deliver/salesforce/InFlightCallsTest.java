package io.engagementwebhooks.deliver.salesforce;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.engagementwebhooks.deliver.Timing;
import io.engagementwebhooks.ledger.Ledger;
import java.util.concurrent.CompletableFuture;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class InFlightCallsTest {

    private final InFlightCalls calls = new InFlightCalls();
    private final InFlightCalls.Call call = InFlightCalls.Call.measuredBy(
            new Timing(), new Ledger(1 << 20).anonymous().reserve(0));
    private final Exchange exchange = new DefaultExchange(new DefaultCamelContext());

    private String number() {
        return exchange.getMessage().getHeader(OrgRequest.CALL_HEADER, String.class);
    }

    @Test
    void a_call_is_found_by_its_number_until_it_ends() {
        CompletableFuture<Exchange> answer = new CompletableFuture<>();
        calls.make(call, exchange, () -> answer);
        assertEquals(call, calls.of(number()));

        answer.complete(exchange);
        assertThrows(IllegalStateException.class, () -> calls.of(number()));
    }

    @Test
    void a_call_that_cannot_be_sent_is_removed() {
        assertThrows(
                StackOverflowError.class,
                () -> calls.make(call, exchange, () -> {
                    throw new StackOverflowError();
                }));

        assertThrows(IllegalStateException.class, () -> calls.of(number()));
    }
}
