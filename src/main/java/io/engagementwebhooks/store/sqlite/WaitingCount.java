package io.engagementwebhooks.store.sqlite;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many deliveries wait, in all and for each webhook, as it is on disk: counted once when the store is opened, then kept by
 * the writer, which tells what a transaction changes and how it ended. Whoever reads it reads what was committed. Changed by
 * the writer thread alone.
 */
final class WaitingCount {

    /** Stands for the webhooks of deliveries that are not inserted yet, which are counted in all only. */
    static final int FANNED_OUT = 0;

    private final AtomicLong committed = new AtomicLong();
    private final Map<Integer, Map<Integer, Long>> byAccount = new ConcurrentHashMap<>();
    private final List<Change> uncommitted = new ArrayList<>();

    /** So many more deliveries of a webhook wait, or less. */
    record Change(int account, int webhook, long more) {}

    /** What waits of a webhook. @param webhook its number */
    record Waiting(int webhook, long deliveries) {}

    /** @param counted what waits when the store is opened */
    WaitingCount(List<Change> counted) {
        counted.forEach(this::apply);
    }

    private void apply(Change change) {
        committed.addAndGet(change.more());
        if (change.webhook() == FANNED_OUT) {
            return;
        }
        byAccount
                .computeIfAbsent(change.account(), account -> new ConcurrentHashMap<>())
                .compute(change.webhook(), (webhook, before) -> {
                    long now = (before == null ? 0 : before) + change.more();
                    return now == 0 ? null : now;
                });
    }

    long get() {
        return committed.get();
    }

    /** What waits of a webhook. */
    long of(int account, int webhook) {
        return byAccount.getOrDefault(account, Map.of()).getOrDefault(webhook, 0L);
    }

    /** The webhooks of an account of which anything waits; empty: they are more than so many. */
    Optional<List<Integer>> few(int account, int most) {
        Map<Integer, Long> waiting = byAccount.getOrDefault(account, Map.of());
        return waiting.size() > most ? Optional.empty() : Optional.of(List.copyOf(waiting.keySet()));
    }

    /** The webhooks of an account of which most waits, the most first. */
    List<Waiting> most(int account, int limit) {
        return most(List.of(byAccount.getOrDefault(account, Map.of())), limit);
    }

    /** The webhooks of all accounts of which most waits, the most first. */
    List<Waiting> most(int limit) {
        return most(byAccount.values(), limit);
    }

    private static List<Waiting> most(Collection<Map<Integer, Long>> counts, int limit) {
        Comparator<Waiting> fewestFirst = Comparator.comparingLong(Waiting::deliveries);
        PriorityQueue<Waiting> most = new PriorityQueue<>(fewestFirst);
        counts.forEach(ofAccount -> ofAccount.forEach((webhook, deliveries) -> {
            if (most.size() < limit || deliveries > most.peek().deliveries()) {
                most.add(new Waiting(webhook, deliveries));
                if (most.size() > limit) {
                    most.remove();
                }
            }
        }));
        return most.stream().sorted(fewestFirst.reversed()).toList();
    }

    /** So many more of a webhook, or less, if the transaction is committed. @param webhook its number, or {@link #FANNED_OUT} */
    void add(int account, int webhook, long more) {
        if (more != 0) {
            uncommitted.add(new Change(account, webhook, more));
        }
    }

    /** How many changes the transaction has made so far, for {@link #rolledBackTo}. */
    int uncommitted() {
        return uncommitted.size();
    }

    void committed() {
        uncommitted.forEach(this::apply);
        uncommitted.clear();
    }

    void rolledBackTo(int before) {
        uncommitted.subList(before, uncommitted.size()).clear();
    }
}
