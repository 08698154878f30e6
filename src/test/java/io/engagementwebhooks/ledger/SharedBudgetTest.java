package io.engagementwebhooks.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How accounts share a budget. */
@SuppressWarnings("try")
class SharedBudgetTest {

    private final SharedBudget budget = new SharedBudget(100, 75);
    private final SharedBudget.Share acme = budget.of("acme");
    private final SharedBudget.Share globex = budget.of("globex");

    @Test
    void one_account_alone_uses_its_limit() {
        assertTrue(acme.tryAcquire(75));
        assertFalse(acme.tryAcquire(1));
        assertTrue(acme.isUsedUp());
        assertTrue(globex.tryAcquire(25));
        assertEquals(100, budget.used());
        assertFalse(globex.isUsedUp(), "the rest of its share is another's");
    }

    @Test
    void above_half_of_the_budget_each_account_has_its_share() {
        assertTrue(globex.tryAcquire(1));
        assertTrue(acme.tryAcquire(49));
        assertTrue(acme.tryAcquire(1));
        assertFalse(acme.tryAcquire(1));
        assertTrue(globex.tryAcquire(49));
    }

    @Test
    void a_refused_request_takes_nothing_and_is_counted() {
        assertFalse(acme.tryAcquire(76));
        assertEquals(0, acme.inUse());
        assertEquals(0, budget.used());
        assertEquals(1, acme.refused());
        assertTrue(acme.tryAcquire(75));
    }

    @Test
    void released_units_are_free_and_not_used_by_their_account() {
        assertTrue(acme.tryAcquire(60));
        acme.release(60);
        assertTrue(globex.tryAcquire(75));
    }

    @Test
    void threads_that_acquire_and_release_leave_nothing_behind_and_never_exceed_the_budget() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<String> accounts = List.of("a", "b", "c", "d");
        AtomicLong granted = new AtomicLong();
        List<Future<?>> ended = new ArrayList<>();
        accounts.forEach(account ->
                ended.add(threads.submit(() -> IntStream.range(0, 20_000).forEach(i -> {
                    long units = 1 + i % 60;
                    if (budget.of(account).tryAcquire(units)) {
                        granted.addAndGet(units);
                        assertTrue(granted.get() <= 100);
                        granted.addAndGet(-units);
                        budget.of(account).release(units);
                    }
                }))));
        threads.shutdown();
        assertTrue(threads.awaitTermination(1, TimeUnit.MINUTES));
        for (Future<?> each : ended) {
            each.get();
        }
        assertEquals(0, budget.used());
        accounts.forEach(account -> assertEquals(0, budget.of(account).inUse()));
        // no account is counted as active: one account has its whole limit again
        assertTrue(acme.tryAcquire(75));
    }

    @Test
    void the_ledger_leaves_a_quarter_of_its_memory_to_other_accounts_and_a_sixteenth_to_strangers() {
        Ledger ledger = new Ledger(1_600);
        Reservation reservation = ledger.of("acme").reserve(1_200);
        assertThrows(BudgetExceededException.class, () -> reservation.grow(1));
        ledger.of("globex").reserve(300);
        ledger.anonymous().reserve(100);
        assertEquals(1_600, ledger.reserved());
        assertThrows(
                BudgetExceededException.class,
                () -> new Ledger(1_600).anonymous().reserve(101));
    }

    @Test
    void a_refused_request_takes_nothing_from_others_while_it_is_refused() throws Exception {
        ExecutorService thread = Executors.newSingleThreadExecutor();
        Future<?> greedy = thread.submit(() -> IntStream.range(0, 200_000).forEach(i -> acme.tryAcquire(99)));
        while (!greedy.isDone()) {
            assertTrue(globex.tryAcquire(2));
            globex.release(2);
        }
        greedy.get();
        thread.shutdown();
    }

    @Test
    void programs_of_an_account_use_half_of_the_processors() throws Exception {
        int most = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        AccountLedger account = new Ledger(1 << 20).of("acme");
        AtomicLong running = new AtomicLong();
        ExecutorService threads = Executors.newFixedThreadPool(4 * most);
        List<Future<?>> ended = new ArrayList<>();
        for (int i = 0; i < 4 * most; i++) {
            ended.add(threads.submit(() -> IntStream.range(0, 1_000).forEach(run -> {
                try (Evaluation outer = Evaluation.begin(account);
                        Evaluation program = Evaluation.ofProgram()) {
                    assertTrue(running.incrementAndGet() <= most);
                    Thread.onSpinWait();
                    running.decrementAndGet();
                }
            })));
        }
        for (Future<?> each : ended) {
            each.get();
        }
        threads.shutdown();
    }

    @Test
    void more_than_an_account_may_have_is_refused_permanently() {
        AccountLedger account = new Ledger(1_600).of("acme");
        account.reserve(1_000);
        assertFalse(assertThrows(BudgetExceededException.class, () -> account.reserve(400))
                .isForGood());
        assertTrue(assertThrows(BudgetExceededException.class, () -> account.reserve(1_300))
                .isForGood());
    }

    @Test
    void a_reservation_is_released_once() {
        Ledger ledger = new Ledger(1_000);
        Reservation reservation = ledger.of("acme").reserve(500);
        assertEquals(500, ledger.reserved());
        reservation.close();
        reservation.close();
        reservation.grow(10);
        assertEquals(0, ledger.reserved());
    }

    @Test
    void an_evaluation_reserves_its_memory_and_releases_it() {
        Ledger ledger = new Ledger(4 << 20);
        Evaluation.use(1L << 40); // outside of evaluations nothing is counted
        try (Evaluation outer = Evaluation.begin(ledger.of("acme"))) {
            assertEquals(0, ledger.reserved());
            Evaluation.use(1 << 20);
            assertTrue(ledger.reserved() >= 1 << 20, "reserved " + ledger.reserved());
            try (Evaluation inner = Evaluation.begin(ledger.of("globex"))) {
                Evaluation.use(100_000);
                assertTrue(ledger.of("globex").reserved() > 0);
                assertThrows(BudgetExceededException.class, () -> Evaluation.use(4 << 20));
            }
            assertEquals(0, ledger.of("globex").reserved());
            assertThrows(BudgetExceededException.class, () -> Evaluation.use(3 << 20));
        }
        assertEquals(0, ledger.reserved());
    }
}
