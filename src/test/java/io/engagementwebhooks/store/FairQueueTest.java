package io.engagementwebhooks.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.Patience;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The queued writes that share the next transaction. */
@ExtendWith(Patience.class)
class FairQueueTest {

    private final FairQueue<Write> queue = new FairQueue<>();

    private record Write(String account, int number, int rows) implements FairQueue.Write {}

    private void add(String account, int number, int rows) {
        assertTrue(queue.add(new Write(account, number, rows)));
    }

    private List<Write> group() throws InterruptedException {
        List<Write> group = new ArrayList<>();
        queue.take(group, 0);
        return group;
    }

    private static List<Integer> numbersOf(String account, List<Write> writes) {
        return writes.stream()
                .filter(write -> write.account().equals(account))
                .map(Write::number)
                .toList();
    }

    @Test
    void small_writes_of_all_accounts_share_one_group_in_the_order_of_each() throws Exception {
        for (int i = 0; i < 10; i++) {
            add("acme", i, 2);
            add("globex", i, 2);
        }
        List<Write> group = group();
        assertEquals(20, group.size());
        assertEquals(List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), numbersOf("acme", group));
        assertEquals(List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), numbersOf("globex", group));
    }

    @Test
    void after_one_large_write_of_an_account_others_come_before_its_next() throws Exception {
        for (int i = 0; i < 64; i++) {
            add("acme", i, 10_000);
        }
        assertEquals(List.of(new Write("acme", 0, 10_000)), group(), "a large one goes alone");
        add("globex", 0, 2);
        assertEquals(List.of(new Write("globex", 0, 2)), group());
        assertEquals(List.of(new Write("acme", 1, 10_000)), group(), "where no other waits it is served");
    }

    @Test
    void an_account_whose_large_write_is_running_waits_for_others_with_its_next() throws Exception {
        add("acme", 0, 10_000);
        assertEquals(List.of(0), numbersOf("acme", group()));
        add("acme", 1, 10_000);
        add("globex", 0, 2);
        assertEquals(List.of(0), numbersOf("globex", group()));
        assertEquals(List.of(1), numbersOf("acme", group()));
    }

    @Test
    void two_busy_accounts_write_equally_many_rows_whatever_the_size_of_their_writes() throws Exception {
        for (int i = 0; i < 50_000; i++) {
            add("globex", i, 1);
            if (i < 100) {
                add("acme", i, 1_000);
            }
        }
        long acme = 0;
        long globex = 0;
        for (int i = 0; i < 20; i++) {
            for (Write write : group()) {
                acme += write.account().equals("acme") ? write.rows() : 0;
                globex += write.account().equals("globex") ? write.rows() : 0;
            }
        }
        assertTrue(Math.abs(acme - globex) <= 2_000, acme + " and " + globex);
    }

    @Test
    void a_group_has_a_bound_and_takes_at_least_one_write() throws Exception {
        for (int i = 0; i < 100; i++) {
            add("a" + i, 0, 100);
        }
        int first = group().stream().mapToInt(Write::rows).sum();
        assertTrue(first > 1_000 && first <= FairQueue.MAX_ROWS, "rows " + first);
        add("huge", 0, 1_000_000);
        List<Write> rest = new ArrayList<>();
        for (List<Write> group = group(); !group.isEmpty(); group = group()) {
            rest.addAll(group);
        }
        assertEquals(List.of(0), numbersOf("huge", rest));
        assertEquals(100 - first / 100, rest.size() - 1);
    }

    @Test
    void a_second_take_fills_a_group_up_to_its_bound() throws Exception {
        add("acme", 0, FairQueue.MAX_ROWS - 1);
        List<Write> group = group();
        add("acme", 1, 2);
        queue.take(group, TimeUnit.HOURS.toNanos(1));
        assertEquals(1, group.size(), "it has no space for another, and does not wait for one");
        assertEquals(List.of(1), numbersOf("acme", group()));
    }

    @Test
    void a_waiting_consumer_is_woken_by_a_write_and_by_close() throws Exception {
        CompletableFuture<List<Write>> taken = new CompletableFuture<>();
        Thread taker = new Thread(() -> {
            try {
                List<Write> group = new ArrayList<>();
                queue.take(group, TimeUnit.HOURS.toNanos(1));
                taken.complete(group);
                queue.take(new ArrayList<>(), TimeUnit.HOURS.toNanos(1));
            } catch (InterruptedException e) {
                taken.completeExceptionally(e);
            }
        });
        taker.start();
        add("acme", 7, 1);
        assertEquals(List.of(new Write("acme", 7, 1)), taken.get(Patience.LONG.toSeconds(), TimeUnit.SECONDS));
        queue.close();
        taker.join(Patience.LONG.toMillis());
        assertFalse(taker.isAlive());
        assertFalse(queue.add(new Write("acme", 8, 1)));
        assertTrue(queue.isDrained());
    }

    @Test
    void writes_added_before_close_are_taken_after_it() throws Exception {
        add("acme", 1, 1);
        queue.close();
        assertFalse(queue.isDrained());
        assertEquals(1, group().size());
        assertTrue(queue.isDrained());
    }
}
