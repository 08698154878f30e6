package io.engagementwebhooks.bench;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;

/**
 * Releases many queued deliveries of one webhook to a receiver that accepts 50 requests per second, ten at once, and
 * responds 429 without Retry-After above that.
 */
final class ReleaseSection implements Section {

    private static final int WAITING = 100_000;
    private static final int PER_SECOND = 50;
    private static final int AT_ONCE = 10;
    private static final long SECOND_MS = 1_000;
    private static final int SETTLING = 5;
    private static final int MOST_SECONDS = 600;

    /** The receiver's counts per second since the first request. Called on one event loop. */
    private static final class Narrow implements AutoCloseable {

        private final int[] came = new int[MOST_SECONDS];
        private final int[] refused = new int[MOST_SECONDS];
        private final AtomicIntegerArray taken = new AtomicIntegerArray(WAITING);
        private final HttpServer server;
        private double room = AT_ONCE;
        private long last;
        private volatile long first;

        Narrow(Vertx vertx) {
            server = vertx.createHttpServer()
                    .requestHandler(
                            request -> request.body().onSuccess(body -> handle(request, Receivers.id(body.getBytes()))))
                    .listen(0, "127.0.0.1")
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        }

        String url() {
            return "http://127.0.0.1:" + server.actualPort();
        }

        private synchronized void handle(HttpServerRequest request, int event) {
            long now = System.nanoTime();
            if (first == 0) {
                first = now;
                last = now;
            }
            room = Math.min(AT_ONCE, room + PER_SECOND * (now - last) / 1e9);
            last = now;
            boolean isRefused = room < 1;
            room -= isRefused ? 0 : 1;
            int second = (int) Math.min(MOST_SECONDS - 1, (now - first) / 1_000_000_000);
            came[second]++;
            refused[second] += isRefused ? 1 : 0;
            if (!isRefused) {
                taken.incrementAndGet(event);
            }
            request.response().setStatusCode(isRefused ? 429 : 200).end();
        }

        private long takenAtLeast(int times) {
            return IntStream.range(0, WAITING)
                    .filter(event -> taken.get(event) >= times)
                    .count();
        }

        private synchronized Measured measured(int seconds, List<Long> begun) {
            return new Measured(Arrays.copyOf(came, seconds), Arrays.copyOf(refused, seconds), begun);
        }

        @Override
        public void close() {
            server.close();
        }
    }

    /** @param begun when the attempts began, in ms since 1970, in order */
    private record Measured(int[] came, int[] refused, List<Long> begun) {

        /** The most attempts that began less than a second apart; NaN: none began. */
        double mostBegun() {
            int most = 0;
            int oldest = 0;
            for (int newest = 0; newest < begun.size(); newest++) {
                while (begun.get(newest) - begun.get(oldest) >= SECOND_MS) {
                    oldest++;
                }
                most = Math.max(most, newest - oldest + 1);
            }
            return most == 0 ? Double.NaN : most;
        }

        double perSecond() {
            return Arrays.stream(came).average().orElseThrow();
        }

        double refusedShare() {
            return 100.0 * Arrays.stream(refused).sum() / Arrays.stream(came).sum();
        }

        int mostAfter(int second) {
            return Arrays.stream(came).skip(second).max().orElse(0);
        }

        String text() {
            return String.format(
                    "%.1f/s came, %d in the first second, at most %d in one of the first %d and %d later; %d refused",
                    perSecond(),
                    came[0],
                    mostAfter(0),
                    SETTLING,
                    mostAfter(SETTLING),
                    Arrays.stream(refused).sum());
        }
    }

    @Override
    public void run(Plan plan, Vertx vertx, Report report) throws Exception {
        Measured learned = measure("", plan, vertx, report);
        Measured limited = measure(", rateLimit: " + PER_SECOND + "/s", plan, vertx, report);
        report.add(new Figure(
                "release-refused",
                "requests refused when " + Measuring.number(WAITING) + " waiting deliveries are released to a receiver"
                        + " that takes " + PER_SECOND + "/s",
                learned.refusedShare(),
                "%",
                Bar.atMost(5),
                learned.text()));
        report.add(new Figure(
                "release-begun-limited",
                "the same with rateLimit: " + PER_SECOND + "/s: the most requests begun in any second",
                limited.mostBegun(),
                "requests",
                Bar.atMost(PER_SECOND),
                limited.text()));
        report.add(new Figure(
                "release-refused-limited", "the same: requests refused", limited.refusedShare(), "%", null, ""));
        report.add(new Figure(
                "release-rate-limited",
                "the same: requests a second against the limit",
                limited.perSecond() / PER_SECOND,
                "×",
                Bar.atLeast(0.95),
                ""));
    }

    private static Measured measure(String limit, Plan plan, Vertx vertx, Report report) throws Exception {
        int seconds = (int) plan.fairness().toSeconds();
        Measuring.say("release" + limit + ": " + seconds + " s");
        try (Narrow narrow = new Narrow(vertx)) {
            Path folder = Measuring.folder(new BenchConfig(narrow.url())
                    .webhooks(0, 1, i -> "call.waiting", i -> narrow.url() + "/hook", BenchConfig.HEADER + limit));
            Backlog.fill(folder.resolve("data/webhooks.db"), WAITING, 0, 1);
            try (Program program = Program.product(plan, folder, Measuring.PLAIN)) {
                program.awaitUp();
                Staff.at(program.port()).resume(0);
                long begin = System.nanoTime();
                Measuring.await(() -> narrow.first != 0, Duration.ofSeconds(60));
                Measuring.await(
                        () -> System.nanoTime() - narrow.first > seconds * 1_000_000_000L,
                        plan.fairness().multipliedBy(2));
                Measuring.say("first request after " + (narrow.first - begin) / 1_000_000 + " ms");
                program.stop();
                Measured measured = narrow.measured(seconds, Backlog.begun(folder.resolve("data/webhooks.db")));
                long left = Backlog.left(folder.resolve("data/webhooks.db"));
                report.check("release" + limit, WAITING - narrow.takenAtLeast(1) - left, narrow.takenAtLeast(2));
                return measured;
            } finally {
                Program.delete(folder);
            }
        }
    }
}
