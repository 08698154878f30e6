package io.engagementwebhooks.bench.kill;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.ledger.FileDescriptors;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Kills the product while receivers have taken thousands of requests and answered none of them, starts it again, and
 * accounts for every delivery of an acknowledged event, by id. Each event goes to every webhook, and each webhook has
 * sixteen requests in flight at the kill; as many deliveries are queued.
 */
final class KillInFlight implements AutoCloseable {

    private static final int OF_A_WEBHOOK = 16;
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final String LIFE = "X-Life";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Files of a process beside its connections to receivers. */
    private static final int OTHER_FILES = 500;

    private final Path folder;
    private final KillStore store;
    private final List<String> webhooks;
    private final KilledProduct product;
    private final KillApi api;
    private final CrashTestRecord record;
    private final List<String> sent = new ArrayList<>();
    private final Set<String> answered = ConcurrentHashMap.newKeySet();
    private final Set<HttpServerRequest> held = ConcurrentHashMap.newKeySet();
    private final Vertx vertx = Vertx.vertx();
    private final HttpServer receivers;
    private volatile boolean isLate;

    /**
     * The result.
     *
     * @param inFlight requests that receivers had taken and not answered at the kill
     * @param owed deliveries of acknowledged events
     * @param lost of those, how many no receiver has answered in the end
     * @param repeated deliveries that came before the kill and again after it
     * @param readyMs from the start after the kill to the first response of the API
     * @param settledMs from that start until each delivery has arrived and is recorded
     * @param faults violations; empty on success
     */
    record Account(int inFlight, int owed, int lost, int repeated, long readyMs, long settledMs, List<String> faults) {

        String table(KillStore store) {
            return String.join(
                    "\n",
                    "| " + store.words() + ", killed with requests in flight | |",
                    "|---|---|",
                    "| requests in flight at the kill | " + inFlight + " |",
                    "| deliveries owed | " + owed + " |",
                    "| **lost** | **" + lost + "** |",
                    "| repeated, with the same `webhook-id` | " + repeated + " |",
                    "| start to the first response | " + seconds(readyMs) + " |",
                    "| start until all have arrived and are recorded | " + seconds(settledMs) + " |",
                    "| faults in all | " + faults.size() + " |");
        }

        private static String seconds(long ms) {
            return String.format(Locale.ROOT, "%.1f s", ms / 1000.0);
        }
    }

    /**
     * @param program what follows {@code java} and its options
     * @param inFlight requests that are to be in flight; rounded up to whole webhooks
     * @throws IllegalStateException if the system does not allow so many connections
     */
    KillInFlight(Path folder, List<String> program, KillStore store, int inFlight) throws IOException {
        int connections = (inFlight + OF_A_WEBHOOK - 1) / OF_A_WEBHOOK * OF_A_WEBHOOK;
        // the product's budget is four fifths of its files
        long files = connections * 5L / 4 + OTHER_FILES;
        if (FileDescriptors.limit() >= 0 && FileDescriptors.limit() < files) {
            throw new IllegalStateException(inFlight + " requests in flight need " + files + " open files, and "
                    + FileDescriptors.limit() + " are allowed; raise the limit (ulimit -n)");
        }
        this.folder = folder;
        this.store = store;
        this.webhooks = IntStream.range(0, connections / OF_A_WEBHOOK)
                .mapToObj(i -> "w" + i)
                .toList();
        this.record = new CrashTestRecord(webhooks);
        this.product = new KilledProduct(folder, program);
        this.api = new KillApi(product.port());
        this.receivers = vertx.createHttpServer(new HttpServerOptions().setAcceptBacklog(connections))
                .requestHandler(request -> request.body().onSuccess(body -> receive(request, body)))
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    Account run() throws Exception {
        int most = webhooks.size() * OF_A_WEBHOOK;
        start(1);
        send("at-once", 1);
        awaitAllAnswered();
        noteShownAsDelivered();
        isLate = true;
        send("late", 2 * OF_A_WEBHOOK);
        await("requests in flight").atMost(PATIENCE).until(() -> held.size() >= most);
        int inFlight = held.size();
        product.kill();

        isLate = false;
        long begun = System.nanoTime();
        start(2);
        long ready = millisSince(begun);
        awaitAllAnswered();
        long settled = millisSince(begun);
        record.check();
        int repeated = record.repeatedAfter(1);
        if (repeated > inFlight) {
            record.fault(repeated + " deliveries were repeated, and " + inFlight + " were in flight");
        }
        return new Account(
                inFlight,
                owed().size(),
                (int) owed().stream().filter(each -> !answered.contains(each)).count(),
                repeated,
                ready,
                settled,
                record.faults());
    }

    private void start(int life) throws IOException {
        Files.writeString(folder.resolve("webhooks.yaml"), config(life));
        List<String> options = new ArrayList<>(store.options());
        options.add("-Xmx512m");
        options.add("-Dwebhooks.deliver.max-in-flight-per-webhook=" + OF_A_WEBHOOK);
        product.start(null, options);
        await("the first response").atMost(PATIENCE).until(() -> {
            if (!product.isAlive()) {
                throw new IllegalStateException("the product ended:\n" + product.log());
            }
            return api.get("/v1/deliveries?limit=1").isPresent();
        });
    }

    private void send(String name, int events) {
        for (int i = 0; i < events; i++) {
            String id = name + "-" + i;
            await("acknowledged").atMost(PATIENCE).until(() -> api.sendEvent(id, "call.ended"));
            record.acknowledged(id);
            sent.add(id);
        }
    }

    private Set<String> owed() {
        return sent.stream()
                .flatMap(event -> webhooks.stream().map(webhook -> webhook + " " + event))
                .collect(Collectors.toSet());
    }

    /** By their receivers, and the API says so of each. */
    private void awaitAllAnswered() {
        Set<String> owed = owed();
        await("all have arrived").atMost(PATIENCE).until(() -> answered.containsAll(owed));
        await("all are recorded").atMost(PATIENCE).until(() -> api.deliveries(Instant.EPOCH)
                .filter(all -> all.size() == owed.size() && all.stream().allMatch(KillInFlight::isDelivered))
                .isPresent());
    }

    private static boolean isDelivered(JsonNode delivery) {
        return delivery.path("state").asText().equals("delivered");
    }

    private void noteShownAsDelivered() {
        api.deliveries(Instant.EPOCH)
                .orElseThrow()
                .forEach(delivery -> record.shownAsDelivered(delivery.path("id").asText(), 1));
    }

    private static long millisSince(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }

    // --- the receivers

    private void receive(HttpServerRequest request, Buffer body) {
        String webhook = request.path().substring(1);
        String event = id(body);
        record.took(webhook, event, request.getHeader("webhook-id"), Integer.parseInt(request.getHeader(LIFE)));
        if (isLate) {
            held.add(request);
            request.connection().closeHandler(closed -> held.remove(request));
        } else {
            answered.add(webhook + " " + event);
            request.response().end();
        }
    }

    private static String id(Buffer event) {
        try {
            return JSON.readTree(event.getBytes()).path("id").asText();
        } catch (IOException e) {
            throw new IllegalArgumentException(event.toString(), e);
        }
    }

    private String config(int life) {
        StringBuilder text = new StringBuilder(
                """
                accounts:
                  - id: acme
                    apiKeys:
                      - {name: all, role: admin, key: %s}
                    webhooks:
                """
                        .formatted(KillApi.KEY));
        webhooks.forEach(name -> text.append(
                """
                      - name: %1$s
                        events: ["*"]
                        retry: [1s, 1s, 1s]
                        delivery: {url: "http://127.0.0.1:%2$d/%1$s", timeout: 30s, headers: {%3$s: "%4$d"}, authentication: {type: none}}
                """
                        .formatted(name, receivers.actualPort(), LIFE, life)));
        return text.toString();
    }

    @Override
    public void close() throws IOException {
        product.close();
        receivers.close();
        vertx.close();
    }
}
