package io.engagementwebhooks.deliver.step;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.outcome.RecordKey;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Random deliveries with random records that end in random order (semantics 20). */
class TurnsPropertiesTest {

    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
    private static final List<RecordKey> RECORDS = List.of(
            RecordKey.of("acme", "a"), RecordKey.of("acme", "b"), RecordKey.of("acme", "c"), RecordKey.of("acme", "d"));

    /**
     * An arriving delivery.
     *
     * @param records indexes
     * @param second time of its event, in seconds
     * @param ends the number of deliveries in flight that end before it arrives
     */
    private record Coming(List<Integer> records, int second, int ends) {}

    @Provide
    Arbitrary<List<Coming>> deliveries() {
        return some(Arbitraries.integers()
                .between(0, RECORDS.size() - 1)
                .list()
                .ofMinSize(1)
                .ofMaxSize(4));
    }

    @Provide
    Arbitrary<List<Coming>> deliveriesToOne() {
        return some(Arbitraries.just(List.of(0)));
    }

    private static Arbitrary<List<Coming>> some(Arbitrary<List<Integer>> records) {
        return Combinators.combine(
                        records,
                        Arbitraries.integers().between(0, 9),
                        Arbitraries.integers().between(0, 2))
                .as(Coming::new)
                .list()
                .ofMaxSize(40);
    }

    private final class Run {
        private final KeyedLocks<RecordKey> locks = new KeyedLocks<>(Comparator.comparing(RecordKey::hash), 100);
        private final Map<String, KeyedLocks.Lock> lockOf = new HashMap<>();
        private final List<CompletableFuture<Void>> turns = new ArrayList<>();
        private final Map<String, Coming> comings = new HashMap<>();
        private final Set<RecordKey> held = new HashSet<>();
        private final Queue<String> having = new ArrayDeque<>();
        private final List<String> order = new ArrayList<>();
        private final Set<String> waiting = new HashSet<>();

        private List<RecordKey> records(String id) {
            return comings.get(id).records().stream().map(RECORDS::get).toList();
        }

        private void comes(Coming coming, String id) {
            comings.put(id, coming);
            waiting.add(id);
            turns.add(locks.acquire(records(id), NOON.plusSeconds(coming.second()), id)
                    .thenAccept(lock -> {
                        lockOf.put(id, lock);
                        has(id);
                    }));
        }

        private void has(String id) {
            assertTrue(waiting.remove(id), "each has its turn once");
            new HashSet<>(records(id)).forEach(record -> assertTrue(held.add(record), "no one else is at it"));
            having.add(id);
            order.add(id);
        }

        private void end() {
            String id = having.poll();
            if (id != null) {
                held.removeAll(records(id));
                lockOf.remove(id).release();
            }
        }

        private void all(List<Coming> deliveries) {
            for (int n = 0; n < deliveries.size(); n++) {
                for (int ends = deliveries.get(n).ends(); ends > 0; ends--) {
                    end();
                }
                comes(deliveries.get(n), String.format("%03d", n));
            }
            while (!having.isEmpty()) {
                end();
            }
        }
    }

    @Property
    void no_two_deliveries_hold_a_record_and_each_gets_the_lock(@ForAll("deliveries") List<Coming> deliveries) {
        Run run = new Run();
        run.all(deliveries);
        assertEquals(Set.of(), run.waiting);
        assertEquals(deliveries.size(), run.order.size());
        assertEquals(0, run.locks.size());
        run.turns.forEach(CompletableFuture::join);
    }

    @Property
    void the_waiting_delivery_with_the_oldest_event_is_next(@ForAll("deliveriesToOne") List<Coming> deliveries) {
        Run run = new Run();
        for (int n = 0; n < deliveries.size(); n++) {
            for (int ends = deliveries.get(n).ends(); ends > 0; ends--) {
                endsInOrder(run);
            }
            run.comes(deliveries.get(n), String.format("%03d", n));
        }
        while (!run.having.isEmpty()) {
            endsInOrder(run);
        }
    }

    private static void endsInOrder(Run run) {
        String next = run.waiting.stream()
                .min((a, b) -> {
                    int byEvent =
                            run.comings.get(a).second() - run.comings.get(b).second();
                    return byEvent != 0 ? byEvent : a.compareTo(b);
                })
                .orElse(null);
        int before = run.order.size();
        boolean isLocked = !run.having.isEmpty();
        run.end();
        if (isLocked && next != null) {
            assertEquals(next, run.order.get(before));
        }
    }
}
