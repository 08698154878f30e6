package io.engagementwebhooks.bench.kill;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.StrictTokenServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;

/**
 * Kills the product again and again under load and accounts for every event that it acknowledged, by id, at the
 * receivers of two webhooks: one without authentication, one with tokens that live two seconds. One request in seven
 * gets a 500, so that retries are in flight too. Each run of the product has its number in a header, so that a
 * repetition within one run is distinguished from one after a kill. A run gets load once the deliveries of the run
 * before have ended.
 */
final class KillRun implements AutoCloseable {

    /** A delivery that waits longer than the lease and this after the first response is stuck; how long the start takes is the machine's. */
    static final Duration MARGIN = Duration.ofSeconds(20);

    private static final int SENDERS = 4;
    private static final int ONE_FAILS_OF = 7;
    private static final String LIFE = "X-Life";
    private static final List<String> WEBHOOKS = List.of("plain", "by-token");

    /** Of a webhook: so much may have been taken by its receiver and not be recorded at a kill. */
    private static final int IN_FLIGHT = 16;

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration SAMPLE_PATIENCE = Duration.ofSeconds(2);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> SHORT_RETENTION = List.of(
            "-Dwebhooks.retention.payload=1s",
            "-Dwebhooks.retention.attempts=1s",
            "-Dwebhooks.retention.identity=1s",
            "-Dwebhooks.retention.cron=* * * * * ?");

    private final Path folder;
    private final KilledProduct product;
    private final KillApi api;
    private final StrictTokenServer tokens = new StrictTokenServer("a client", "s3cret", StrictTokenServer.Way.BASIC);
    private final AtomicInteger requests = new AtomicInteger();
    private final Receiver receiver = new Receiver(this::receive);
    private final AtomicInteger sent = new AtomicInteger();
    private final CrashTestRecord record = new CrashTestRecord(WEBHOOKS);
    private final List<Kill> kills = new ArrayList<>();
    private final KillStore store;
    private final BiConsumer<Integer, Kill> reported;
    private int life;
    /** Of the life that is under load, or null. */
    private BulkReplay replay;
    /** Of what was accepted before, attempts may have been removed. */
    private Instant cutBefore = Instant.EPOCH;

    /**
     * The result of one kill.
     *
     * @param where its point
     * @param acknowledged events acknowledged in the life that it ended
     * @param repeated deliveries that came once before it and once after it
     * @param readyMs from the start after it to the first answer
     * @param flowingMs from that start to the first delivery
     * @param settledMs from that start until nothing accepted before it waits any more
     */
    record Kill(String where, int acknowledged, int repeated, long readyMs, long flowingMs, long settledMs) {

        /** From the first answer until nothing waits any more. */
        long waitedMs() {
            return settledMs - readyMs;
        }
    }

    /**
     * The whole result.
     *
     * @param acknowledged events
     * @param lost deliveries of those that never came
     * @param faults violations; empty on success
     */
    record Account(List<Kill> kills, int acknowledged, int lost, List<String> faults) {

        int owed() {
            return acknowledged * WEBHOOKS.size();
        }
    }

    /**
     * @param program what follows {@code java} and its options
     * @param reported gets the result of each kill, at once, with its number
     */
    KillRun(Path folder, List<String> program, KillStore store, BiConsumer<Integer, Kill> reported) throws IOException {
        this.store = store;
        this.reported = reported;
        this.folder = folder;
        this.product = new KilledProduct(folder, program);
        this.api = new KillApi(product.port());
        tokens.life(2);
    }

    /**
     * @param points where to kill, in this order; null: at a random moment. None of retention follows one of a replay: it
     *     would remove what the replay goes on with
     */
    Account run(List<KillPoint> points) throws Exception {
        start(points.get(0));
        awaitReady();
        for (int i = 0; i < points.size(); i++) {
            KillPoint point = points.get(i);
            Instant since = Instant.now().truncatedTo(ChronoUnit.MILLIS);
            int before = record.acknowledged();
            underLoad(point);
            // what was acknowledged is known when the senders have ended, and they have
            Set<String> owed = record.missing();
            int killed = life;
            long begun = System.nanoTime();
            start(i + 1 < points.size() ? points.get(i + 1) : null);
            awaitReady();
            long ready = millisSince(begun);
            await().atMost(PATIENCE).until(() -> owed.isEmpty() || record.hasTakenIn(life));
            long flowing = millisSince(begun);
            awaitNothingWaits(since);
            Kill kill = new Kill(
                    point == null ? KillTable.RANDOM : point.words,
                    record.acknowledged() - before,
                    record.repeatedAfter(killed),
                    ready,
                    flowing,
                    millisSince(begun));
            kills.add(kill);
            reported.accept(kills.size(), kill);
            judge(kill);
            checkReplay();
            if (point == KillPoint.RETENTION) {
                cutBefore = Instant.now();
            }
        }
        checkAttempts();
        record.check();
        return new Account(
                List.copyOf(kills), record.acknowledged(), record.missing().size(), record.faults());
    }

    private void start(KillPoint point) throws IOException {
        life++;
        Files.writeString(folder.resolve("webhooks.yaml"), config());
        List<String> options = new ArrayList<>(store.options());
        options.add("-Dwebhooks.deliver.max-in-flight-per-webhook=" + IN_FLIGHT);
        if (point == KillPoint.RETENTION) {
            options.addAll(SHORT_RETENTION);
        }
        product.start(point, options);
    }

    private void awaitReady() {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(this::answers);
    }

    private static long millisSince(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }

    private boolean answers() {
        if (!product.isAlive()) {
            throw new IllegalStateException("the product ended:\n" + product.log());
        }
        return api.get("/v1/deliveries?limit=1").isPresent();
    }

    // --- load

    private void underLoad(KillPoint point) throws Exception {
        if (point == KillPoint.REPLAY) {
            replay = new BulkReplay(api, record, WEBHOOKS.size(), life);
        }
        AtomicBoolean stop = new AtomicBoolean();
        ExecutorService senders = Executors.newFixedThreadPool(SENDERS + 1);
        try {
            List<Future<?>> sending = new ArrayList<>();
            for (int i = 0; i < SENDERS; i++) {
                sending.add(senders.submit(() -> sendUntil(stop)));
            }
            if (point == null) {
                int more = requests.get() + 20 + ThreadLocalRandom.current().nextInt(600);
                await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> requests.get() >= more);
            } else {
                product.arm();
                if (replay != null) {
                    sending.add(senders.submit(replay::start));
                }
                product.awaitPoint(point);
            }
            noteShownAsDelivered();
            product.kill();
            stop.set(true);
            for (Future<?> one : sending) {
                one.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
        } finally {
            stop.set(true);
            senders.shutdownNow();
        }
    }

    private void sendUntil(AtomicBoolean stop) {
        while (!stop.get()) {
            String id = "e" + sent.incrementAndGet();
            if (api.sendEvent(id, "call.ended")) {
                record.acknowledged(id);
            }
        }
    }

    /** Just before a kill; where the point stops the API too it shows none. */
    private void noteShownAsDelivered() {
        api.get("/v1/deliveries?outcome=delivered&limit=200", SAMPLE_PATIENCE).ifPresent(page -> page.path("items")
                .forEach(item -> record.shownAsDelivered(item.path("id").asText(), life)));
    }

    // --- what came

    private Receiver.Reply receive(Receiver.Got got) {
        if (requests.incrementAndGet() % ONE_FAILS_OF == 0) {
            return new Receiver.Reply(500);
        }
        String webhook = got.target().getPath().substring(1);
        if (webhook.equals("by-token") && !isValid(got.header("Authorization"))) {
            return new Receiver.Reply(401);
        }
        record.took(webhook, id(got.body()), got.header("webhook-id"), Integer.parseInt(got.header(LIFE)));
        return new Receiver.Reply(200);
    }

    private boolean isValid(String authorization) {
        return authorization != null
                && authorization.startsWith("Bearer ")
                && tokens.knows(authorization.substring("Bearer ".length()));
    }

    private static String id(String event) {
        try {
            return JSON.readTree(event).path("id").asText();
        } catch (IOException e) {
            throw new IllegalArgumentException(event, e);
        }
    }

    // --- what must be

    /** A replay in flight continues to make deliveries, and is checked separately. */
    private void awaitNothingWaits(Instant since) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> record.missing().isEmpty()
                        && api.deliveries(since)
                                .filter(all -> all.stream().noneMatch(KillRun::waits))
                                .isPresent());
    }

    private static boolean waits(JsonNode delivery) {
        return delivery.path("endedAt").isNull() && delivery.path("replayOf").isNull();
    }

    private void judge(Kill kill) {
        long limit = store.lease().plus(MARGIN).toMillis();
        if (kill.waitedMs() > limit) {
            record.fault("after the kill at " + kill.where + " deliveries waited for " + kill.waitedMs()
                    + " ms, which is more than " + limit);
        }
        int most = WEBHOOKS.size() * IN_FLIGHT;
        if (kill.repeated > most) {
            record.fault("after the kill at " + kill.where + " " + kill.repeated
                    + " deliveries were repeated, and no more than " + most + " were in flight");
        }
    }

    private void checkReplay() {
        if (replay != null) {
            replay.check();
            replay = null;
        }
    }

    /** What is left of deliveries and attempts by retention is as it came. */
    private void checkAttempts() {
        List<JsonNode> all = api.deliveries(Instant.EPOCH).orElseThrow();
        all.parallelStream().forEach(delivery -> {
            String id = delivery.path("id").asText();
            if (!delivery.path("state").asText().equals("delivered") || !record.hasTaken(id)) {
                record.fault("not delivered: " + delivery);
            }
            checkAttempts(api.get("/v1/deliveries/" + id).orElseThrow());
        });
        if (all.stream().noneMatch(delivery -> delivery.path("attemptCount").asInt() > 1)) {
            record.fault("no delivery needed several attempts, though one request in " + ONE_FAILS_OF + " failed");
        }
    }

    /** They are all there, numbered 1, 2, 3 without a gap, and the last one is that which was delivered. */
    private void checkAttempts(JsonNode delivery) {
        List<String> attempts = new ArrayList<>();
        delivery.path("attempts")
                .forEach(attempt -> attempts.add(attempt.path("number").asInt() + " "
                        + attempt.path("outcome").asText()));
        int last = delivery.path("attemptCount").asInt();
        List<String> expected = IntStream.rangeClosed(1, last)
                .mapToObj(number -> number + (number < last ? " try-later" : " delivered"))
                .toList();
        boolean isCut = attempts.isEmpty()
                && Instant.parse(delivery.path("acceptedAt").asText()).isBefore(cutBefore);
        if (last == 0 || !isCut && !attempts.equals(expected)) {
            record.fault("attempts are " + attempts + " of " + delivery);
        }
    }

    private String config() {
        return """
                accounts:
                  - id: acme
                    apiKeys:
                      - {name: all, role: admin, key: %1$s}
                    oauthClients:
                      - name: idp
                        clientId: "a client"
                        clientSecret: "s3cret"
                        authenticationEndpoint: %2$s
                    webhooks:
                      - name: plain
                        events: ["*"]
                        retry: [%4$s]
                        delivery: {url: "%3$s/plain", headers: {%5$s: "%6$d"}, authentication: {type: none}}
                      - name: by-token
                        events: ["*"]
                        retry: [%4$s]
                        delivery: {url: "%3$s/by-token", headers: {%5$s: "%6$d"}, authentication: {type: oauth2, client: idp}}
                """
                .formatted(
                        KillApi.KEY,
                        root(tokens.url()),
                        root(receiver.url()),
                        String.join(", ", Collections.nCopies(12, "300ms")),
                        LIFE,
                        life);
    }

    private static String root(URI url) {
        return "http://" + url.getAuthority();
    }

    @Override
    public void close() throws IOException {
        product.close();
        receiver.close();
        tokens.close();
    }
}
