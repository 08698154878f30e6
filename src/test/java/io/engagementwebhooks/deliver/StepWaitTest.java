package io.engagementwebhooks.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.ledger.FairExecutor;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.SampleDelivery;
import io.engagementwebhooks.testkit.SettableClock;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Semantics 8 and 42: a name lookup counts as the receiver's time, waiting for a thread after it does not. */
@Timeout(60)
@ExtendWith(Patience.class)
class StepWaitTest {

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-28T08:00:00Z"));
    private final Ledger ledger = new Ledger(1 << 20);
    private final CompletableFuture<Void> known = new CompletableFuture<>();

    @Test
    void a_wait_for_a_thread_after_a_lookup_does_not_use_up_the_deadline() throws Exception {
        CountDownLatch free = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        Delivery delivery = new SampleDelivery(URI.create("https://crm.example/hooks")).delivery();
        exchange.getIn().setBody(delivery);
        try (FairExecutor threads = new FairExecutor("test", 2, ledger)) {
            threads.execute(SampleDelivery.ACCOUNT, () -> awaitQuietly(free));
            StepWait wait = new StepWait(
                    (account, url) -> known, ledger, Resuming.onDeliveryThreads((none, rest) -> false, threads), clock);
            new ResolvedStep(new RequestBuilding(clock, AttemptTracing.PROPAGATE_ONLY), wait)
                    .process(exchange, doneSync -> done.countDown());

            clock.pass(Duration.ofSeconds(2));
            known.complete(null);
            clock.pass(Duration.ofMinutes(5));
            free.countDown();
            assertTrue(done.await(60, TimeUnit.SECONDS));
        }

        assertNull(exchange.getException());
        Duration timeout = delivery.webhook().delivery().timeout();
        assertEquals(
                clock.instant().plus(timeout).minusSeconds(2),
                DeliveryContext.of(exchange).deadline());
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
