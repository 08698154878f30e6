package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.AttemptRow;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What went through in the last quarter of an hour, by account, in steps of ten seconds: events, attempts, and how long
 * these took; and which webhooks fail. In memory, so it begins anew with the process. Thread-safe; a note costs some tens of nanoseconds.
 */
public final class Pulse {

    /** How long a step is, in seconds. */
    public static final int STEP_SECONDS = 10;

    /** How many steps are remembered. */
    public static final int STEPS = 90;

    /** Four to each doubling of the time, from one millisecond. */
    private static final int BUCKETS_A_DOUBLING = 4;

    private static final int BUCKETS = 18 * BUCKETS_A_DOUBLING;

    /** At most some 30 KB each; of more accounts those are forgotten that did nothing for the longest time. */
    static final int ACCOUNTS = 500;

    private static final int FAILING = 200;

    private final Clock clock;
    private final Map<String, Ring> byAccount = new ConcurrentHashMap<>();

    /**
     * One step.
     *
     * @param from when it began
     * @param events accepted, duplicates left out
     * @param delivered attempts that delivered
     * @param failed attempts that did not
     * @param p50 milliseconds that half of the attempts took at most, to a fifth; 0 where there were none
     * @param p99 the same for 99 of 100
     */
    public record Step(Instant from, long events, long delivered, long failed, long p50, long p99) {}

    /**
     * A webhook whose last attempt did not deliver.
     *
     * @param webhook its name
     * @param since the first of the attempts in a row that did not
     * @param attempts how many there were
     * @param reason of the last one
     */
    public record Failing(String webhook, Instant since, int attempts, String reason) {}

    public Pulse(Clock clock) {
        this.clock = clock;
    }

    /** An event was stored. */
    void accepted(String account) {
        ring(account).add(step(), 1, null);
    }

    /** An attempt was recorded. */
    void attempted(WebhookId webhook, AttemptRow attempt) {
        ring(webhook.account()).add(step(), 0, attempt);
        ring(webhook.account()).note(webhook.name(), attempt);
    }

    /** The webhooks of an account whose last attempt did not deliver, the longest first. */
    public List<Failing> failing(String account) {
        Ring ring = byAccount.get(account);
        return ring == null
                ? List.of()
                : ring.failing.values().stream()
                        .sorted(Comparator.comparing(Failing::since))
                        .toList();
    }

    /** The steps of an account, the oldest first; the last one is still under way. */
    public List<Step> of(String account) {
        long now = step();
        Ring ring = byAccount.get(account);
        return ring == null ? new Ring().steps(now) : ring.steps(now);
    }

    private Ring ring(String account) {
        Ring known = byAccount.get(account);
        if (known != null) {
            return known;
        }
        if (byAccount.size() >= ACCOUNTS) {
            byAccount.entrySet().stream()
                    .min(Comparator.comparingLong(each -> each.getValue().last))
                    .ifPresent(idle -> byAccount.remove(idle.getKey(), idle.getValue()));
        }
        return byAccount.computeIfAbsent(account, id -> new Ring());
    }

    /** How many accounts are remembered. */
    int accounts() {
        return byAccount.size();
    }

    private long step() {
        return Math.floorDiv(clock.instant().getEpochSecond(), STEP_SECONDS);
    }

    private static int bucket(long ms) {
        double doublings = Math.log(Math.max(1, ms)) / Math.log(2);
        return Math.min(BUCKETS - 1, (int) Math.ceil(doublings * BUCKETS_A_DOUBLING));
    }

    private static final class Ring {
        private final long[] step = new long[STEPS];
        private final long[] events = new long[STEPS];
        private final long[] delivered = new long[STEPS];
        private final long[] failed = new long[STEPS];
        private final int[][] took = new int[STEPS][];
        private final Map<String, Failing> failing = new ConcurrentHashMap<>();
        private volatile long last;

        void note(String webhook, AttemptRow attempt) {
            if (attempt.outcome().equals("delivered")) {
                if (!failing.isEmpty()) {
                    failing.remove(webhook);
                }
            } else if (failing.size() < FAILING || failing.containsKey(webhook)) {
                failing.merge(
                        webhook,
                        new Failing(webhook, attempt.startedAt(), 1, attempt.reason()),
                        (before, now) -> new Failing(webhook, before.since(), before.attempts() + 1, now.reason()));
            }
        }

        synchronized void add(long now, int accepted, AttemptRow attempt) {
            last = now;
            int at = (int) Math.floorMod(now, (long) STEPS);
            if (step[at] != now) {
                clear(at, now);
            }
            events[at] += accepted;
            if (attempt != null) {
                boolean arrived = attempt.outcome().equals("delivered");
                delivered[at] += arrived ? 1 : 0;
                failed[at] += arrived ? 0 : 1;
                if (took[at] == null) {
                    took[at] = new int[BUCKETS];
                }
                took[at][bucket(attempt.ms())]++;
            }
        }

        private void clear(int at, long now) {
            step[at] = now;
            events[at] = 0;
            delivered[at] = 0;
            failed[at] = 0;
            if (took[at] != null) {
                Arrays.fill(took[at], 0);
            }
        }

        synchronized List<Step> steps(long now) {
            List<Step> steps = new ArrayList<>(STEPS);
            for (long each = now - STEPS + 1; each <= now; each++) {
                int at = (int) Math.floorMod(each, (long) STEPS);
                Instant from = Instant.ofEpochSecond(each * STEP_SECONDS);
                steps.add(
                        step[at] == each
                                ? new Step(from, events[at], delivered[at], failed[at], share(at, 0.5), share(at, 0.99))
                                : new Step(from, 0, 0, 0, 0, 0));
            }
            return steps;
        }

        private long share(int at, double share) {
            long all = delivered[at] + failed[at];
            long seen = 0;
            for (int i = 0; all > 0 && i < BUCKETS; i++) {
                seen += took[at][i];
                if (seen >= Math.ceil(share * all)) {
                    return Math.round(Math.pow(2, (double) i / BUCKETS_A_DOUBLING));
                }
            }
            return 0;
        }
    }
}
