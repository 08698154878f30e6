package io.engagementwebhooks.deliver.egress;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.SettableClock;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Semantics 42: accounts do not delay each other's lookups, and a failed lookup uses no attempt. */
@Timeout(120)
@ExtendWith(Patience.class)
class NameResolverTest {

    private static final InetAddress ADDRESS = InetAddress.getLoopbackAddress();

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-28T07:00:00Z"));
    private final RecordingNameService service = new RecordingNameService(new NameService.Limits(8, 4));
    private final NameResolver names = new NameResolver(service, clock);

    /** A name service that responds when the test says so. */
    private static final class RecordingNameService implements NameService {

        private final Limits limits;
        private final Queue<Lookup> lookups = new ConcurrentLinkedQueue<>();

        private record Lookup(String name, CompletableFuture<Resolution> found) {}

        RecordingNameService(Limits limits) {
            this.limits = limits;
        }

        @Override
        public CompletableFuture<Resolution> lookUp(String name) {
            Lookup lookup = new Lookup(name, new CompletableFuture<>());
            lookups.add(lookup);
            return lookup.found();
        }

        List<String> names() {
            return lookups.stream().map(Lookup::name).toList();
        }

        /** Responds to the first waiting lookup. */
        void answer(Duration life) {
            lookups.remove().found().complete(new Resolution(List.of(ADDRESS), life));
        }

        void answerNone() {
            lookups.remove().found().complete(Resolution.none());
        }

        void fail(Exception failure) {
            lookups.remove().found().completeExceptionally(failure);
        }

        @Override
        public Limits limits() {
            return limits;
        }

        @Override
        public void close() {}
    }

    @Test
    void a_result_is_cached_for_its_ttl_and_shared_by_all_accounts() throws Exception {
        CompletableFuture<List<InetAddress>> first = names.resolve("acme", "CRM.example");
        service.answer(Duration.ofSeconds(10));
        assertEquals(List.of(ADDRESS), first.get());

        clock.pass(Duration.ofSeconds(9));
        assertEquals(List.of(ADDRESS), names.resolve("other", "crm.example").getNow(null));
        clock.pass(Duration.ofSeconds(1));
        assertFalse(names.resolve("acme", "crm.example").isDone());

        assertEquals(List.of("crm.example"), service.names());
    }

    @Test
    void a_result_is_cached_for_1_to_30_seconds() {
        kept(Duration.ZERO, Duration.ofMillis(999), Duration.ofSeconds(1));
        kept(Duration.ofDays(1), Duration.ofSeconds(29), Duration.ofSeconds(30));
    }

    private void kept(Duration life, Duration still, Duration noMore) {
        String name = life + ".example";
        names.resolve("acme", name);
        service.answer(life);
        clock.pass(still);
        assertTrue(names.resolve("acme", name).isDone());
        clock.pass(noMore.minus(still));
        assertFalse(names.resolve("acme", name).isDone());
        service.answer(life);
    }

    /** Otherwise the duration of a second lookup would tell the two apart. */
    @Test
    void a_name_with_a_non_public_address_is_cached_as_long_as_a_missing_one() {
        NameResolver guarded = new NameResolver(service, InetAddress::isLoopbackAddress, clock);
        for (Duration life : List.of(Duration.ZERO, Duration.ofDays(1))) {
            String name = "inside-" + life + ".example";
            guarded.resolve("acme", name);
            service.answer(life);
            clock.pass(Duration.ofMillis(4_999));
            assertTrue(guarded.resolve("acme", name).isDone());
            clock.pass(Duration.ofMillis(1));
            assertFalse(guarded.resolve("acme", name).isDone());
            service.answer(life);
        }
    }

    @Test
    void a_missing_name_is_the_receivers_fault_and_cached_for_five_seconds() {
        CompletableFuture<List<InetAddress>> first = names.resolve("acme", "nothing.example");
        service.answerNone();
        assertInstanceOf(UnknownHostException.class, failure(first));

        clock.pass(Duration.ofMillis(4_999));
        assertInstanceOf(UnknownHostException.class, failure(names.resolve("acme", "nothing.example")));
        clock.pass(Duration.ofMillis(1));
        assertFalse(names.resolve("acme", "nothing.example").isDone());
    }

    @Test
    void lookups_of_one_name_are_shared_within_an_account_only() throws Exception {
        CompletableFuture<List<InetAddress>> first = names.resolve("acme", "crm.example");
        CompletableFuture<List<InetAddress>> second = names.resolve("acme", "crm.example");
        CompletableFuture<List<InetAddress>> others = names.resolve("other", "crm.example");
        assertEquals(2, service.names().size());

        service.fail(new TimeoutException());
        assertInstanceOf(NothingSentException.class, failure(first));
        assertInstanceOf(NothingSentException.class, failure(second));
        assertFalse(others.isDone(), "what failed for one account is not another's failure");
        service.answer(Duration.ofSeconds(30));
        assertEquals(List.of(ADDRESS), others.get());
    }

    @Test
    void a_failed_lookup_pauses_the_name_for_its_account_with_backoff() {
        for (int seconds : new int[] {2, 4, 8, 16, 32, 60, 60}) {
            CompletableFuture<List<InetAddress>> lookup = names.resolve("acme", "slow.example");
            service.fail(new TimeoutException());
            NothingSentException nothing = assertInstanceOf(NothingSentException.class, failure(lookup));
            assertEquals("Not sent: the host name slow.example was not resolved in time", nothing.getMessage());
            assertEquals(clock.instant().plusSeconds(seconds), nothing.until());

            assertInstanceOf(NothingSentException.class, failure(names.resolve("acme", "slow.example")));
            assertEquals(List.of(), service.names(), "nothing is asked during the pause");
            clock.pass(Duration.ofSeconds(seconds));
        }
        assertFalse(names.resolve("other", "slow.example").isDone(), "another account asks");
    }

    @Test
    void the_reason_has_the_dns_error_code() {
        CompletableFuture<List<InetAddress>> lookup = names.resolve("acme", "crm.example");
        service.fail(new NameServerException("SERVFAIL"));

        assertEquals(
                "Not sent: the host name crm.example could not be looked up: the name server answered SERVFAIL",
                failure(lookup).getMessage());
    }

    @Test
    void hanging_lookups_of_one_account_delay_no_other() throws Exception {
        List<CompletableFuture<List<InetAddress>>> hanging = IntStream.range(0, 70)
                .mapToObj(i -> names.resolve("acme", "hang-" + i + ".example"))
                .toList();
        assertEquals(4, service.names().size(), "the account's limit");

        CompletableFuture<List<InetAddress>> others = names.resolve("other", "crm.example");

        assertEquals("crm.example", service.names().get(4));
        hanging.forEach(lookup -> assertFalse(lookup.isDone()));
        while (!others.isDone()) {
            service.answer(Duration.ofSeconds(30));
        }
        assertEquals(List.of(ADDRESS), others.get());
    }

    @Test
    void waiting_lookups_start_when_others_end_round_robin_by_account() {
        RecordingNameService one = new RecordingNameService(new NameService.Limits(1, 1));
        NameResolver narrow = new NameResolver(one, clock);
        narrow.resolve("acme", "a.example");
        narrow.resolve("acme", "b.example");
        narrow.resolve("acme", "c.example");
        narrow.resolve("other", "x.example");

        StringBuilder order = new StringBuilder();
        while (!one.names().isEmpty()) {
            order.append(one.names().get(0).charAt(0));
            one.answer(Duration.ofSeconds(30));
        }

        assertEquals("abxc", order.toString());
    }

    @Test
    void callers_over_the_limit_of_their_account_are_refused_and_others_are_not() {
        IntStream.range(0, 1024).forEach(i -> names.resolve("acme", "hang.example"));

        NothingSentException refused =
                assertInstanceOf(NothingSentException.class, failure(names.resolve("acme", "crm.example")));

        assertEquals(clock.instant().plusSeconds(1), refused.until());
        assertFalse(names.resolve("other", "hang.example").isDone());
        while (!service.names().isEmpty()) {
            service.answer(Duration.ofSeconds(30));
        }
        assertEquals(0, names.waiting());
        assertFalse(names.resolve("acme", "crm.example").isDone(), "there is room again");
    }

    @Test
    void a_lookup_times_out_and_a_late_result_is_cached() throws Exception {
        CompletableFuture<List<InetAddress>> lookup = names.resolve("acme", "slow.example");

        ExecutionException late = assertThrows(ExecutionException.class, () -> lookup.get(60, TimeUnit.SECONDS));
        assertInstanceOf(NothingSentException.class, late.getCause());
        assertEquals(1, names.running(), "it still holds its place");
        service.answer(Duration.ofSeconds(30));

        assertEquals(0, names.running());
        assertEquals(List.of(ADDRESS), names.resolve("acme", "slow.example").get());
    }

    @Test
    void an_account_uses_at_most_four_threads_of_the_system_resolver() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        AtomicInteger running = new AtomicInteger();
        SystemNames system = new SystemNames(name -> {
            if (name.startsWith("hang")) {
                running.incrementAndGet();
                Patience.await(end);
            }
            return new InetAddress[] {ADDRESS};
        });
        try (NameResolver resolver = new NameResolver(system, Clock.systemUTC())) {
            for (int i = 0; i < 20; i++) {
                resolver.resolve("acme", "hang-" + i);
            }
            await().until(() -> running.get() == 4);

            assertEquals(
                    List.of(ADDRESS), resolver.resolve("other", "crm.example").get(60, TimeUnit.SECONDS));

            assertEquals(4, running.get());
            end.countDown();
        }
    }

    @Test
    void a_temporary_failure_of_the_system_resolver_is_not_a_missing_name() {
        SystemNames system = new SystemNames(name -> {
            throw new UnknownHostException(
                    name + (name.startsWith("later") ? ": Temporary failure in name resolution" : ""));
        });
        try (NameResolver resolver = new NameResolver(system, Clock.systemUTC())) {
            CompletableFuture<?> later = resolver.resolve("acme", "later.example");
            CompletableFuture<?> never = resolver.resolve("acme", "never.example");
            await().until(() -> later.isDone() && never.isDone());

            assertInstanceOf(NothingSentException.class, failure(later));
            assertInstanceOf(UnknownHostException.class, failure(never));
        }
    }

    @Test
    void without_a_free_thread_lookups_of_the_system_resolver_wait() {
        CountDownLatch end = new CountDownLatch(1);
        AtomicInteger running = new AtomicInteger();
        SystemNames system = new SystemNames(name -> {
            running.incrementAndGet();
            Patience.await(end);
            return new InetAddress[] {ADDRESS};
        });
        try (NameResolver resolver = new NameResolver(system, Clock.systemUTC())) {
            List<CompletableFuture<List<InetAddress>>> lookups = IntStream.range(0, 256)
                    .mapToObj(i -> resolver.resolve("account-" + i, "crm-" + i))
                    .toList();
            await().until(() -> running.get() == 64);
            end.countDown();

            lookups.forEach(lookup -> assertEquals(List.of(ADDRESS), lookup.join()));
        }
    }

    @Test
    void lookups_that_end_at_once_are_started_without_recursion() {
        LookupQueue queue = new LookupQueue(new NameService.Limits(1, 1));
        CompletableFuture<Void> first = new CompletableFuture<>();
        AtomicInteger begun = new AtomicInteger();
        queue.add("acme", () -> first);
        for (int i = 0; i < 100_000; i++) {
            queue.add("acme", () -> {
                begun.incrementAndGet();
                return CompletableFuture.completedFuture(null);
            });
        }
        queue.add("acme", () -> {
            throw new IllegalStateException();
        });

        first.complete(null);

        assertEquals(100_000, begun.get());
        assertEquals(0, queue.running());
    }

    @Test
    void a_result_that_cannot_be_cached_fails_its_lookup_and_the_next_lookup_runs() {
        AtomicInteger checks = new AtomicInteger();
        NameResolver guarded = new NameResolver(
                service,
                address -> {
                    if (checks.getAndIncrement() == 0) {
                        throw new IllegalStateException();
                    }
                    return false;
                },
                clock);
        CompletableFuture<?> first = guarded.resolve("acme", "crm.example");
        service.answer(Duration.ofSeconds(30));
        assertInstanceOf(NothingSentException.class, failure(first));
        assertEquals(0, guarded.waiting());

        clock.pass(Duration.ofSeconds(2));
        CompletableFuture<List<InetAddress>> second = guarded.resolve("acme", "crm.example");
        service.answer(Duration.ofSeconds(30));
        assertEquals(List.of(ADDRESS), second.join());
    }

    private static Throwable failure(CompletableFuture<?> future) {
        assertTrue(future.isDone());
        CompletionException failed = assertThrows(CompletionException.class, future::join);
        return failed.getCause();
    }
}
