package io.engagementwebhooks.bench.kill;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.StrictTokenServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
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
 * Kills the product again and again under load and accounts for every event that it acknowledged, by id, at the receivers
 * of two webhooks: one without authentication, one with tokens that live two seconds. One request in seven gets a 500, so
 * that retries are under way too. Each life of the product says its number in a header, so that a repetition within one
 * life is told from one after a kill.
 */
final class KillRun implements AutoCloseable {

    private static final int SENDERS = 4;
    private static final int ONE_FAILS_OF = 7;
    private static final String KEY = "kill-test-admin-key-0123456789";
    private static final String LIFE = "X-Life";
    private static final List<String> WEBHOOKS = List.of("plain", "by-token");
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> SHORT_RETENTION = List.of(
            "-Dwebhooks.retention.payload=1s",
            "-Dwebhooks.retention.attempts=1s",
            "-Dwebhooks.retention.identity=1s",
            "-Dwebhooks.retention.cron=* * * * * ?");

    private final Path folder;
    private final KilledProduct product;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();
    private final StrictTokenServer tokens = new StrictTokenServer("a client", "s3cret", StrictTokenServer.Way.BASIC);
    private final AtomicInteger requests = new AtomicInteger();
    private final Receiver receiver = new Receiver(this::receive);
    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private final Set<String> replayed = ConcurrentHashMap.newKeySet();
    private final AtomicInteger sent = new AtomicInteger();
    private final Map<String, Deliveries> deliveries = new ConcurrentHashMap<>();
    private final List<Kill> kills = new ArrayList<>();
    private final ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();
    private final List<String> store;
    private final BiConsumer<Integer, Kill> told;
    private int life;

    /** What a receiver got of one event for one webhook. */
    private static final class Deliveries {
        private final Set<String> messageIds = ConcurrentHashMap.newKeySet();
        /** Lives in which it was answered 2xx; one more than once is a fault. */
        private final Map<String, Integer> received = new ConcurrentHashMap<>();
    }

    /**
     * What came of one kill.
     *
     * @param where its point
     * @param acknowledged events acknowledged in the life that it ended
     * @param readyMs from the start after it to the first answer
     * @param flowingMs from that start to the first delivery
     * @param settledMs from that start to the last delivery of events acknowledged before it
     */
    record Kill(String where, int acknowledged, long readyMs, long flowingMs, long settledMs) {}

    /**
     * The whole account.
     *
     * @param acknowledged events
     * @param lost deliveries of those that never came
     * @param repeated deliveries that came more than once, each by a kill
     * @param faults what must not be, in words; none: all is well
     */
    record Account(List<Kill> kills, int acknowledged, int lost, int repeated, List<String> faults) {}

    /**
     * @param program what follows {@code java} and its options
     * @param store options that name the store; none: a file in the folder
     * @param told what came of each kill, at once, with its number
     */
    KillRun(Path folder, List<String> program, List<String> store, BiConsumer<Integer, Kill> told) throws IOException {
        this.store = List.copyOf(store);
        this.told = told;
        this.folder = folder;
        this.product = new KilledProduct(folder, program);
        tokens.life(2);
    }

    /** @param points where to kill, in this order; null: at a random moment */
    Account run(List<KillPoint> points) throws Exception {
        start(points.get(0));
        awaitReady();
        for (int i = 0; i < points.size(); i++) {
            KillPoint point = points.get(i);
            int before = acknowledged.size();
            underLoad(point);
            // what was acknowledged is known when the senders have ended, and they have
            Set<String> owed = missing();
            long begun = System.nanoTime();
            start(i + 1 < points.size() ? points.get(i + 1) : null);
            long ready = awaitReady();
            await().atMost(PATIENCE).until(() -> owed.isEmpty() || hasDelivered(life));
            long flowing = millisSince(begun);
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> missing().stream()
                    .noneMatch(owed::contains));
            Kill kill = new Kill(
                    point == null ? "a random moment" : point.words,
                    acknowledged.size() - before,
                    ready,
                    flowing,
                    millisSince(begun));
            kills.add(kill);
            told.accept(kills.size(), kill);
        }
        awaitNothingWaits();
        checkAttempts();
        checkRepetitions();
        return new Account(List.copyOf(kills), acknowledged.size(), missing().size(), repeated(), List.copyOf(faults));
    }

    private void start(KillPoint point) throws IOException {
        life++;
        Files.writeString(folder.resolve("webhooks.yaml"), setUp());
        List<String> options = new ArrayList<>(store);
        if (point == KillPoint.RETENTION) {
            options.addAll(SHORT_RETENTION);
        }
        product.start(point, options);
    }

    private long awaitReady() {
        long begun = System.nanoTime();
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(this::answers);
        return millisSince(begun);
    }

    private static long millisSince(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }

    private boolean answers() throws Exception {
        if (!product.isAlive()) {
            throw new IllegalStateException("the product ended:\n" + product.log());
        }
        try {
            return client.send(request("/v1/deliveries?limit=1", null), bodies())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        }
    }

    // --- load

    private void underLoad(KillPoint point) throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        ExecutorService senders = Executors.newFixedThreadPool(SENDERS + 1);
        try {
            List<Future<?>> sending = new ArrayList<>();
            for (int i = 0; i < SENDERS; i++) {
                sending.add(senders.submit(() -> sendUntil(stop)));
            }
            if (point == KillPoint.REPLAY) {
                sending.add(senders.submit(() -> replayUntil(stop)));
            }
            if (point == null) {
                int more = requests.get() + 20 + ThreadLocalRandom.current().nextInt(600);
                await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> requests.get() >= more);
            } else {
                product.arm();
                product.awaitPoint(point);
            }
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
            send("/v1/events", event(id), 202).ifPresent(answer -> acknowledged.add(id));
        }
    }

    private void replayUntil(AtomicBoolean stop) {
        while (!stop.get()) {
            read("/v1/deliveries?outcome=delivered&limit=50").path("items").forEach(delivery -> replay(stop, delivery));
        }
    }

    private void replay(AtomicBoolean stop, JsonNode delivery) {
        if (!stop.get()) {
            replayed.add(delivery.path("event").asText());
            send("/v1/deliveries/" + delivery.path("id").asText() + "/replay", "{}", 202);
        }
    }

    private Optional<String> send(String path, String body, int expected) {
        try {
            HttpResponse<String> answer = client.send(request(path, body), bodies());
            return answer.statusCode() == expected ? Optional.of(answer.body()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // killed before it answered: not acknowledged
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private JsonNode read(String path) {
        try {
            return JSON.readTree(client.send(request(path, null), bodies()).body());
        } catch (IOException e) {
            return JSON.createObjectNode();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return JSON.createObjectNode();
        }
    }

    private static String event(String id) {
        return "{\"specversion\":\"1.0\",\"id\":\"" + id
                + "\",\"source\":\"/calls\",\"type\":\"call.ended\",\"data\":{\"cdr_id\":\"" + id + "\"}}";
    }

    private static HttpResponse.BodyHandler<String> bodies() {
        return HttpResponse.BodyHandlers.ofString();
    }

    private HttpRequest request(String path, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + product.port() + path))
                .timeout(Duration.ofSeconds(10))
                .header("Authorization", "Bearer " + KEY);
        return body == null
                ? request.build()
                : request.header(
                                "Content-Type",
                                path.equals("/v1/events") ? "application/cloudevents+json" : "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build();
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
        String event = id(got.body());
        Deliveries known = deliveries.computeIfAbsent(webhook + " " + event, key -> new Deliveries());
        known.messageIds.add(got.header("webhook-id"));
        known.received.merge(got.header(LIFE), 1, Integer::sum);
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

    private Set<String> missing() {
        Set<String> missing = new HashSet<>();
        for (String event : acknowledged) {
            for (String webhook : WEBHOOKS) {
                String key = webhook + " " + event;
                if (!deliveries.containsKey(key)) {
                    missing.add(key);
                }
            }
        }
        return missing;
    }

    private boolean hasDelivered(int inLife) {
        String number = Integer.toString(inLife);
        return deliveries.values().stream().anyMatch(delivery -> delivery.received.containsKey(number));
    }

    private int repeated() {
        return (int) deliveries.entrySet().stream()
                .filter(delivery -> !replayed.contains(eventOf(delivery.getKey())))
                .filter(delivery -> delivery.getValue().received.size() > 1)
                .count();
    }

    private static String eventOf(String key) {
        return key.substring(key.indexOf(' ') + 1);
    }

    // --- what must be

    private void awaitNothingWaits() {
        await().atMost(PATIENCE)
                .until(() ->
                        read("/v1/deliveries?outcome=try-later").path("items").isEmpty()
                                && missing().isEmpty());
    }

    private void checkRepetitions() {
        deliveries.forEach((key, delivery) -> {
            if (delivery.messageIds.size() != 1) {
                faults.add(key + " came under several webhook-ids: " + delivery.messageIds);
            }
            delivery.received.forEach((inLife, times) -> {
                if (times > 1 && !replayed.contains(eventOf(key))) {
                    faults.add(key + " was taken " + times + " times in life " + inLife + ", without a kill between");
                }
            });
        });
        Set<String> ids = new HashSet<>();
        deliveries.forEach((key, delivery) -> delivery.messageIds.forEach(id -> {
            if (!ids.add(id)) {
                faults.add("webhook-id " + id + " is that of several deliveries, " + key + " among them");
            }
        }));
    }

    /** Of what retention has left: attempt numbers go 1, 2, 3 without a gap, and each delivery has arrived. */
    private void checkAttempts() {
        int several = 0;
        String cursor = "";
        do {
            JsonNode page = read("/v1/deliveries?limit=200" + cursor);
            for (JsonNode item : page.path("items")) {
                if (!item.path("state").asText().equals("delivered")) {
                    faults.add("not delivered: " + item);
                }
                if (item.path("attemptCount").asInt() > 1) {
                    several++;
                    checkNumbers(item.path("id").asText());
                }
            }
            cursor = page.path("next").isTextual()
                    ? "&cursor=" + page.path("next").asText()
                    : "";
        } while (!cursor.isEmpty());
        if (several == 0) {
            faults.add("no delivery needed several attempts, though one request in " + ONE_FAILS_OF + " failed");
        }
    }

    private void checkNumbers(String delivery) {
        List<Integer> numbers = new ArrayList<>();
        read("/v1/deliveries/" + delivery)
                .path("attempts")
                .forEach(attempt -> numbers.add(attempt.path("number").asInt()));
        if (!numbers.equals(IntStream.rangeClosed(1, numbers.size()).boxed().toList())) {
            faults.add("attempts of " + delivery + " are numbered " + numbers);
        }
    }

    private String setUp() {
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
                        KEY,
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
