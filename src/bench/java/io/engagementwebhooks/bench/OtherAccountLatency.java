package io.engagementwebhooks.bench;

import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;

/**
 * Latency of one account at the host and port where receivers, or a token endpoint, of many webhooks of another account
 * hang or answer late.
 */
final class OtherAccountLatency {

    private static final String SLOW_ACCOUNT = "slow";
    private static final String SLOW_KEY = "bench-ingest-key-of-the-slow";

    /** The webhooks of the measured account. */
    private static final int BY_HEADER = 0;

    private static final int BY_OAUTH2 = 1;
    private static final int MEASURED = 2;

    private static final int EVENTS = 100;
    private static final int SLOW_EVENTS_PER_SECOND = 1_000;
    private static final int CONNECTIONS = 64;
    private static final Duration TOKEN_LATENCY = Duration.ofSeconds(9);
    private static final Duration DRAIN = Duration.ofSeconds(90);

    /**
     * What the slow account's webhooks do.
     *
     * @param first the number of the first of them
     * @param many how many they are
     * @param each events for each of them
     * @param measured the webhook of the other account
     * @param perSecond its events, all of them while the slow ones last
     * @param fromAccepted whether the time counts from the 202 and not from the event
     * @param slowest the bar in milliseconds
     */
    private record Row(
            String id,
            String what,
            int first,
            int many,
            int each,
            int measured,
            int perSecond,
            boolean fromAccepted,
            double slowest) {

        boolean has(int webhook) {
            return webhook >= first && webhook < first + many;
        }
    }

    private static final Row HANGING = new Row(
            "hanging",
            "400 webhooks of one account hang, another account at that host and port",
            MEASURED,
            400,
            1,
            BY_HEADER,
            10,
            false,
            500);
    private static final Row LATE = new Row(
            "after-14-s",
            "200 webhooks of one account answer after 14 s, another account at that host and port",
            HANGING.first + HANGING.many,
            200,
            20,
            BY_HEADER,
            5,
            true,
            1_000);
    private static final Row TOKENS = new Row(
            "tokens-after-9-s",
            "200 OAuth clients of one account get tokens after 9 s, another account by OAuth2",
            LATE.first + LATE.many,
            200,
            1,
            BY_OAUTH2,
            20,
            true,
            1_000);

    /** Which webhook an event is for. */
    private volatile IntUnaryOperator target = event -> event % MEASURED;

    private final EventTimes events = new EventTimes(Measuring.MOST_EVENTS, 1, event -> target.applyAsInt(event));
    private final Plan plan;
    private final Vertx vertx;
    private final Report report;
    private final Receivers receivers;

    OtherAccountLatency(Plan plan, Vertx vertx, Report report) {
        this.plan = plan;
        this.vertx = vertx;
        this.report = report;
        this.receivers = new Receivers(vertx, events);
    }

    void measure() throws Exception {
        try (receivers) {
            measureAll();
        }
    }

    private BenchConfig config() {
        BenchConfig config = new BenchConfig(receivers.url())
                .webhooks(BY_HEADER, BY_HEADER + 1, EventTimes::type, this::url, BenchConfig.HEADER)
                .webhooks(BY_OAUTH2, BY_OAUTH2 + 1, EventTimes::type, this::url, BenchConfig.OAUTH2)
                .account(SLOW_ACCOUNT, SLOW_KEY, TOKENS.many, receivers.lateTokenUrl())
                .webhooks(HANGING.first, TOKENS.first, EventTimes::type, this::url, BenchConfig.HEADER);
        for (int client = 0; client < TOKENS.many; client++) {
            int webhook = TOKENS.first + client;
            config.webhooks(webhook, webhook + 1, EventTimes::type, this::url, BenchConfig.oauth2(client));
        }
        return config;
    }

    private String url(int webhook) {
        return receivers.url() + "/hook/" + webhook;
    }

    private void measureAll() throws Exception {
        Path folder = Measuring.folder(config());
        try (Program program = Program.product(plan, folder, Measuring.HEAP, Measuring.PLAIN);
                Loop loop = new Loop(
                        vertx,
                        program.port(),
                        events,
                        CONNECTIONS,
                        webhook -> webhook < MEASURED ? BenchConfig.KEY : SLOW_KEY)) {
            program.awaitUp();
            loop.closed(plan.load()).await();
            Measuring.awaitAll(events);
            receivers.behave(webhook -> HANGING.has(webhook) ? Receivers.Manner.HANGS : Receivers.Manner.ANSWERS);
            measure(HANGING, loop);
            receivers.latency(webhook -> LATE.has(webhook) ? Duration.ofSeconds(14) : Duration.ZERO);
            measure(LATE, loop);
            receivers.tokenLatency(TOKEN_LATENCY);
            measure(TOKENS, loop);
        } finally {
            Program.delete(folder);
        }
    }

    private void measure(Row row, Loop loop) throws InterruptedException {
        Measuring.say(row.what);
        long before = slowRequests();
        send(event -> row.first + event % row.many, SLOW_EVENTS_PER_SECOND, row.many * row.each, loop);
        if (!Measuring.await(() -> slowRequests() - before >= row.many, DRAIN)) {
            report.fault(row.what + ": only " + (slowRequests() - before) + " are slow");
        }
        long slow = slowRequests() - before;
        int first = events.sentCount();
        IntPredicate isMeasured = event -> event >= first;
        long from = System.nanoTime();
        send(event -> row.measured, row.perSecond, EVENTS, loop);
        long until = System.nanoTime();
        Measuring.await(() -> events.lost(isMeasured) == 0, DRAIN);
        receivers.behave(webhook -> Receivers.Manner.ANSWERS);
        receivers.latency(Duration.ZERO);
        receivers.tokenLatency(Duration.ZERO);
        Measuring.await(() -> events.lost() == 0, DRAIN);
        report.check(row.what, events.lost(), events.doubled(isMeasured));
        Distribution arrived = Distribution.of(
                row.what,
                row.fromAccepted
                        ? events.fromAcceptedUntilArrived(from, until, event -> true)
                        : events.untilArrived(from, until, event -> true));
        report.add(arrived);
        report.add(new Figure(
                "other-account-" + row.id,
                row.what + ": from the " + (row.fromAccepted ? "202" : "event") + " to the first byte, slowest of "
                        + EVENTS,
                arrived.at(100),
                "ms",
                Bar.atMost(row.slowest),
                String.format(Locale.ROOT, "median %.1f ms, %d slow requests had begun", arrived.at(50), slow)));
    }

    /** While only the slow account sends: requests that hang or are answered late, and requests for tokens. */
    private long slowRequests() {
        return receivers.begun() + receivers.lateTokens();
    }

    /** Sends events at fixed moments, and waits for their responses. @param webhook which one each of them is for */
    private void send(IntUnaryOperator webhook, int perSecond, int many, Loop loop) throws InterruptedException {
        int first = events.sentCount();
        target = event -> webhook.applyAsInt(event - first);
        loop.open(perSecond, Duration.ofMillis(1_000L * many / perSecond));
        Measuring.await(loop::isAllAnswered, DRAIN);
    }
}
