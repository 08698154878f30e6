package io.engagementwebhooks.operate.health;

import io.engagementwebhooks.ledger.AccountLedger;
import io.engagementwebhooks.ledger.Ledger;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Metrics of the {@link Ledger} by account: one series for each of the most active accounts, and their sum for the
 * others. Thread-safe.
 */
public final class AccountMeters {

    static final String OTHERS = "others";

    /** The interval of {@link #refresh}. */
    public static final Duration INTERVAL = Duration.ofSeconds(10);

    private static final String ACCOUNT = "account";
    private static final String BUDGET = "budget";
    private static final String WORK = "work";
    private static final String IN_FLIGHT = "in-flight";

    private static final double SECOND = TimeUnit.SECONDS.toNanos(1);

    private final MeterRegistry meters;
    private final Ledger ledger;
    private final int most;
    private final ToIntFunction<String> tasks;
    private final Map<String, Use> uses = new HashMap<>();
    private final AtomicLong nanosOfOthers = new AtomicLong();
    private final AtomicLong refusedOfOthers = new AtomicLong();
    private final AtomicLong refusedInFlightOfOthers = new AtomicLong();
    /** The rows of callers without a key and of the other accounts; strong references. */
    private final List<Row> always;

    private volatile Map<AccountLedger, Row> shown = Map.of();

    /** The metrics of one account, or the sum of several. */
    private record Figures(
            DoubleSupplier reserved,
            DoubleSupplier inFlight,
            DoubleSupplier refused,
            DoubleSupplier refusedInFlight,
            DoubleSupplier processorNanos,
            DoubleSupplier tasks) {}

    /** @param figures strong references; the registry has weak ones */
    private record Row(Figures figures, List<Meter> meters) {}

    /** An account's use at the last refresh, and its recent use. */
    private static final class Use {
        private long nanos;
        private long refused;
        private long refusedInFlight;
        private long newNanos;
        private long newRefused;
        private long newRefusedInFlight;
        private double lately;
    }

    /**
     * @param most the most accounts with separate series
     * @param tasks the number of an account's tasks that wait for a thread
     */
    public AccountMeters(MeterRegistry meters, Ledger ledger, int most, ToIntFunction<String> tasks) {
        this.meters = meters;
        this.ledger = ledger;
        this.most = most;
        this.tasks = tasks;
        ledger(
                "limit",
                "Memory that the work for all accounts may use at a time",
                Ledger::memory,
                Ledger::inFlightLimit);
        ledger("reserved", "Memory that is reserved for the work for all accounts", Ledger::reserved, Ledger::inFlight);
        always = List.of(show(ledger.anonymous()), show(OTHERS, ofOthers()));
    }

    private void ledger(
            String figure, String description, ToDoubleFunction<Ledger> work, ToDoubleFunction<Ledger> inFlight) {
        Map.of(WORK, work, IN_FLIGHT, inFlight)
                .forEach((budget, value) -> Gauge.builder("webhooks.ledger.memory." + figure, ledger, value)
                        .description(description + ", by budget: in-flight is that of requests to receivers")
                        .baseUnit("bytes")
                        .tag(BUDGET, budget)
                        .register(meters));
    }

    /** Selects the accounts with separate series. */
    public synchronized void refresh() {
        ledger.accounts().forEach(this::measure);
        Set<AccountLedger> chosen = ledger.accounts().stream()
                .sorted(Comparator.comparingDouble((AccountLedger account) -> -uses.get(account.account()).lately)
                        .thenComparing(account -> !shown.containsKey(account))
                        .thenComparing(AccountLedger::account))
                .limit(most)
                .collect(Collectors.toCollection(HashSet::new));
        Map<AccountLedger, Row> next = new HashMap<>();
        shown.forEach((account, own) -> {
            if (chosen.contains(account)) {
                next.put(account, own);
            } else {
                own.meters().forEach(meters::remove);
            }
        });
        chosen.forEach(account -> next.computeIfAbsent(account, this::show));
        shown = Map.copyOf(next);
        // counted as it is used: the sum of all other accounts would fall when one of them is selected
        others().map(account -> uses.get(account.account())).forEach(use -> {
            nanosOfOthers.addAndGet(use.newNanos);
            refusedOfOthers.addAndGet(use.newRefused);
            refusedInFlightOfOthers.addAndGet(use.newRefusedInFlight);
        });
    }

    private void measure(AccountLedger account) {
        Use use = uses.computeIfAbsent(account.account(), id -> new Use());
        use.newNanos = account.processorNanos() - use.nanos;
        use.newRefused = account.refused() - use.refused;
        use.newRefusedInFlight = account.refusedInFlight() - use.refusedInFlight;
        use.nanos += use.newNanos;
        use.refused += use.newRefused;
        use.refusedInFlight += use.newRefusedInFlight;
        use.lately = use.lately / 2
                + use.newNanos / (INTERVAL.toSeconds() * SECOND)
                + (double) account.reserved() / ledger.memory()
                + (double) account.inFlight() / ledger.inFlightLimit()
                + (use.newRefused + use.newRefusedInFlight > 0 ? 1 : 0);
    }

    private Row show(AccountLedger account) {
        return show(
                account.account(),
                new Figures(
                        account::reserved,
                        account::inFlight,
                        account::refused,
                        account::refusedInFlight,
                        account::processorNanos,
                        () -> tasks.applyAsInt(account.account())));
    }

    private Figures ofOthers() {
        return new Figures(
                () -> others().mapToLong(AccountLedger::reserved).sum(),
                () -> others().mapToLong(AccountLedger::inFlight).sum(),
                refusedOfOthers::get,
                refusedInFlightOfOthers::get,
                nanosOfOthers::get,
                () -> others().mapToInt(account -> tasks.applyAsInt(account.account()))
                        .sum());
    }

    private Stream<AccountLedger> others() {
        return ledger.accounts().stream().filter(account -> !shown.containsKey(account));
    }

    private Row show(String account, Figures figures) {
        return new Row(
                figures,
                List.of(
                        reserved(account, WORK, figures.reserved),
                        reserved(account, IN_FLIGHT, figures.inFlight),
                        refused(account, WORK, figures.refused),
                        refused(account, IN_FLIGHT, figures.refusedInFlight),
                        FunctionCounter.builder(
                                        "webhooks.account.processor",
                                        figures.processorNanos,
                                        nanos -> nanos.getAsDouble() / SECOND)
                                .description("Processor time used for an account")
                                .baseUnit("seconds")
                                .tag(ACCOUNT, account)
                                .register(meters),
                        Gauge.builder("webhooks.account.tasks", figures.tasks, DoubleSupplier::getAsDouble)
                                .description("Tasks of an account that wait for a thread")
                                .tag(ACCOUNT, account)
                                .register(meters)));
    }

    private Meter reserved(String account, String budget, DoubleSupplier value) {
        return Gauge.builder("webhooks.account.memory.reserved", value, DoubleSupplier::getAsDouble)
                .description("Memory that is reserved for the work for an account, by budget; those beyond"
                        + " webhooks.metrics.accounts are added up as others")
                .baseUnit("bytes")
                .tag(ACCOUNT, account)
                .tag(BUDGET, budget)
                .register(meters);
    }

    private Meter refused(String account, String budget, DoubleSupplier value) {
        return FunctionCounter.builder("webhooks.account.memory.refused", value, DoubleSupplier::getAsDouble)
                .description("Refused memory reservations of an account, by budget")
                .tag(ACCOUNT, account)
                .tag(BUDGET, budget)
                .register(meters);
    }
}
