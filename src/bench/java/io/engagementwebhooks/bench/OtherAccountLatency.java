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
    private static final String OAUTH_ACCOUNT = "oauth";
    private static final String OAUTH_KEY = "bench-ingest-key-with-clients";

    /** The webhook of the account that is measured by header. */
    private static final int BY_HEADER = 0;

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
     * @param measured which webhook of the other account an event is for
     * @param lasts whether all slow requests are to last until the end
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
            IntUnaryOperator measured,
            int perSecond,
            boolean lasts,
            boolean fromAccepted,
            double slowest) {

        boolean has(int webhook) {
            return webhook >= first && webhook < first + many;
        }
    }

    private static final Row HANGING = new Row(
            "hanging",
            "400 webhooks of one account hang, another account at that host and port",
            BY_HEADER + 1,
            400,
            1,
            event -> BY_HEADER,
            20,
            true,
            false,
            500);
    private static final Row LATE = new Row(
            "after-14-s",
            "200 webhooks of one account answer after 14 s, another account at that host and port",
            HANGING.first + HANGING.many,
            200,
            20,
            event -> BY_HEADER,
            5,
            false,
            true,
            1_000);

    /** The webhooks of the account that is measured by OAuth2; each has a client, whose first token is awaited. */
    private static final int BY_OAUTH2 = LATE.first + LATE.many;

    private static final Row TOKENS = new Row(
            "tokens-after-9-s",
            "200 OAuth clients of one account get tokens after 9 s, another account gets its first tokens",
            BY_OAUTH2 + EVENTS,
            200,
            1,
            event -> BY_OAUTH2 + event,
            20,
            true,
            true,
            1_000);

    /** Which webhook an event is for. */
    private volatile IntUnaryOperator target = event -> BY_HEADER;

    private final EventTimes events = new EventTimes(Measuring.MOST_EVENTS, 1, event -> target.applyAsInt(event));
    private final Plan plan;
    private final Launcher launcher;
    private final Vertx vertx;
    private final Report report;
    private final Receivers receivers;

    OtherAccountLatency(Plan plan, Launcher launcher, Vertx vertx, Report report) {
        this.plan = plan;
        this.launcher = launcher;
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
                .account(OAUTH_ACCOUNT, OAUTH_KEY, EVENTS, receivers.url());
        byOAuth2(config, BY_OAUTH2, EVENTS)
                .account(SLOW_ACCOUNT, SLOW_KEY, TOKENS.many, receivers.lateTokenUrl())
                .webhooks(HANGING.first, BY_OAUTH2, EventTimes::type, this::url, BenchConfig.HEADER);
        return byOAuth2(config, TOKENS.first, TOKENS.many);
    }

    /** Webhooks of an account, each with a client. */
    private BenchConfig byOAuth2(BenchConfig config, int first, int many) {
        for (int client = 0; client < many; client++) {
            int webhook = first + client;
            config.webhooks(webhook, webhook + 1, EventTimes::type, this::url, BenchConfig.oauth2(client));
        }
        return config;
    }

    private static String key(int webhook) {
        if (webhook == BY_HEADER) {
            return BenchConfig.KEY;
        }
        return webhook >= BY_OAUTH2 && webhook < TOKENS.first ? OAUTH_KEY : SLOW_KEY;
    }

    private String url(int webhook) {
        return receivers.url() + "/hook/" + webhook;
    }

    private void measureAll() throws Exception {
        Path folder = Measuring.folder(config());
        try (Program program = launcher.start(folder, Measuring.PLAIN);
                Loop loop = new Loop(vertx, program.port(), events, CONNECTIONS, OtherAccountLatency::key)) {
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
        long before = slowRequests(row);
        send(event -> row.first + event % row.many, SLOW_EVENTS_PER_SECOND, row.many * row.each, loop);
        if (!Measuring.await(() -> slowRequests(row) - before >= row.many, DRAIN)) {
            report.fault(row.what + ": only " + (slowRequests(row) - before) + " are slow");
        }
        long slow = slowRequests(row) - before;
        int first = events.sentCount();
        IntPredicate isMeasured = event -> event >= first;
        long from = System.nanoTime();
        long arrivedBefore = receivers.begun();
        send(row.measured, row.perSecond, EVENTS, loop);
        long until = System.nanoTime();
        Measuring.await(() -> events.lost(isMeasured) == 0, DRAIN);
        if (row.lasts && (slow != row.many || receivers.begun() - arrivedBefore != EVENTS)) {
            report.fault(row.what + ": slow requests ended before the measurement");
        }
        if (events.accepted(isMeasured) != EVENTS) {
            report.fault(row.what + ": only " + events.accepted(isMeasured) + " events were accepted");
        }
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

    /** Requests that hang or are answered late, while only the slow account sends. */
    private long slowRequests(Row row) {
        return row == TOKENS ? receivers.lateTokens() : receivers.begun();
    }

    /** Sends events at fixed moments, and waits for their responses. @param webhook which one each of them is for */
    private void send(IntUnaryOperator webhook, int perSecond, int many, Loop loop) throws InterruptedException {
        int first = events.sentCount();
        target = event -> webhook.applyAsInt(event - first);
        loop.open(perSecond, Duration.ofMillis(1_000L * many / perSecond));
        Measuring.await(loop::isAllAnswered, DRAIN);
    }
}
