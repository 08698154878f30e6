package io.engagementwebhooks.deliver;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.deliver.step.BatchSending;
import io.engagementwebhooks.deliver.step.Batching;
import io.engagementwebhooks.testkit.ReceiverStep;
import io.engagementwebhooks.testkit.SampleDelivery;
import io.engagementwebhooks.testkit.SettableClock;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.apache.camel.Exchange;
import org.apache.camel.component.direct.DirectConsumerNotAvailableException;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BatchingTest {

    private static final Duration FOR_EVER = Duration.ofDays(1);

    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T12:00:00Z"));
    private final Requests requests = new Requests();
    private final Batching batching = new Batching(requests, timer, clock, ReceiverStep.UNFENCED);
    private final List<Exchange> back = new CopyOnWriteArrayList<>();

    private int size = 3;
    private Duration most = FOR_EVER;

    /** Records the sent batches, and answers one when the test says so. */
    private final class Requests implements BatchSending {
        private final List<List<Exchange>> sent = new CopyOnWriteArrayList<>();
        private final List<CompletableFuture<Void>> answers = new CopyOnWriteArrayList<>();

        @Override
        public Terms terms(Exchange exchange) {
            if (exchange.getMessage().getBody() == null) {
                throw new IllegalStateException("it has no key");
            }
            return new Terms(exchange.getMessage().getBody(), size, most);
        }

        @Override
        public CompletionStage<Void> send(List<Exchange> together) {
            CompletableFuture<Void> answer = new CompletableFuture<>();
            sent.add(together);
            answers.add(answer);
            return answer;
        }
    }

    @AfterEach
    void close() {
        timer.shutdownNow();
    }

    private Exchange delivering() {
        Exchange exchange = new DefaultExchange(camel);
        DeliveryContext.begin(
                exchange, new SampleDelivery(URI.create("https://crm.example")).delivery(), clock.instant());
        return exchange;
    }

    private Exchange comes(String key) {
        Exchange exchange = delivering();
        exchange.getMessage().setBody(key);
        batching.process(exchange, doneSync -> back.add(exchange));
        return exchange;
    }

    @Test
    void a_full_batch_is_sent_at_once_and_each_delivery_gets_the_response() {
        Exchange a1 = comes("a");
        comes("b");
        Exchange a2 = comes("a");
        assertTrue(requests.sent.isEmpty());

        Exchange a3 = comes("a");

        assertEquals(List.of(List.of(a1, a2, a3)), requests.sent);
        assertTrue(back.isEmpty());
        requests.answers.get(0).complete(null);
        assertEquals(List.of(a1, a2, a3), back);
        assertNull(a1.getException());
    }

    @Test
    void after_the_maximum_wait_a_partial_batch_is_sent() {
        most = Duration.ofMillis(1);

        Exchange first = comes("a");

        await().until(() -> requests.sent.size() == 1);
        assertTrue(requests.sent.get(0).contains(first));
    }

    @Test
    void deliveries_after_a_full_batch_start_a_new_batch() {
        comes("a");
        comes("a");
        comes("a");

        Exchange fourth = comes("a");
        assertEquals(1, requests.sent.size());
        comes("a");
        comes("a");

        assertEquals(2, requests.sent.size());
        assertSame(fourth, requests.sent.get(1).get(0));
    }

    @Test
    void with_batch_size_one_no_delivery_waits() {
        size = 1;

        comes("a");
        comes("a");

        assertEquals(2, requests.sent.size());
    }

    @Test
    void an_attempt_begins_when_its_batch_is_sent() {
        Exchange first = comes("a");
        clock.pass(Duration.ofSeconds(5));
        comes("a");

        comes("a");

        assertEquals(clock.instant(), DeliveryContext.of(first).startedAt());
    }

    /** The wait for other records does not count as the receiver's time. */
    @Test
    void the_attempt_of_a_partial_batch_begins_after_the_maximum_wait() {
        size = 10;
        List<Exchange> nine = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            nine.add(comes("a"));
            clock.pass(Duration.ofSeconds(1));
        }
        assertTrue(requests.sent.isEmpty());

        timer.getQueue().element().run();

        assertEquals(List.of(nine), requests.sent);
        nine.forEach(
                each -> assertEquals(clock.instant(), DeliveryContext.of(each).startedAt()));
    }

    @Test
    void a_failed_batch_fails_each_delivery_without_its_own_exception() {
        List<Exchange> three = new ArrayList<>(List.of(comes("a"), comes("a"), comes("a")));
        IllegalStateException own = new IllegalStateException("own");
        IllegalStateException common = new IllegalStateException("common");
        three.get(1).setException(own);

        requests.answers.get(0).completeExceptionally(common);

        assertEquals(three, back);
        assertSame(common, three.get(0).getException());
        assertSame(own, three.get(1).getException());
    }

    @Test
    void while_the_sending_route_is_replaced_nothing_is_sent() {
        Exchange exchange = comes("a");
        comes("a");
        comes("a");
        exchange.setException(new DirectConsumerNotAvailableException("No consumers available", exchange));

        requests.answers.get(0).complete(null);

        NothingSentException nothing = assertInstanceOf(NothingSentException.class, exchange.getException());
        assertEquals(clock.instant().plusSeconds(5), nothing.until());
        assertFalse(nothing.isLasting());
    }

    @Test
    void a_delivery_whose_batch_terms_fail_fails_alone_and_at_once() {
        Exchange exchange = comes(null);

        assertEquals(List.of(exchange), back);
        assertEquals("it has no key", exchange.getException().getMessage());
    }

    @Test
    void a_failing_continuation_does_not_stop_the_other_deliveries_of_a_batch() {
        size = 2;
        Exchange first = delivering();
        first.getMessage().setBody("a");
        batching.process(first, doneSync -> {
            throw new IllegalStateException("after the first");
        });
        Exchange second = comes("a");

        requests.answers.get(0).complete(null);

        assertEquals(List.of(second), back);
    }

    @Test
    void during_shutdown_no_delivery_waits_for_a_batch() {
        timer.shutdownNow();

        comes("a");

        assertEquals(1, requests.sent.size());
    }

    @Test
    void a_half_that_cannot_be_sent_leaves_the_other_its_result() {
        Exchange one = new DefaultExchange(camel);
        Exchange other = new DefaultExchange(camel);
        CompletableFuture<Void> both = requests.sendHalves(List.of(one, other)).toCompletableFuture();
        requests.answers.get(0).complete(null);
        requests.answers.get(1).completeExceptionally(new IllegalStateException("no memory"));
        both.join();
        assertNull(one.getException());
        assertEquals("no memory", other.getException().getMessage());
    }
}
