package io.engagementwebhooks.testkit.adversary;

import io.engagementwebhooks.testkit.Certificates;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The account that is not attacked: it sends a small event every 100 ms and has a receiver that answers at once. Measures
 * how long events take to be accepted, and deliveries from then to the first byte at the receiver. Thread-safe.
 */
final class Probe implements AutoCloseable {

    static final String ACCOUNT = "globex";
    static final String KEY = "globex-admin-key-0123456789";

    private static final Pattern ID = Pattern.compile("\"id\":\"(probe-\\d+)\"");
    private static final int EVERY_MS = 100;

    private final URI events;
    private final HttpServer receiver;
    private final HttpClient client;
    private final Certificates authority;
    private final ScheduledExecutorService sending = Executors.newScheduledThreadPool(8);
    private final AtomicInteger sent = new AtomicInteger();
    private final Map<String, Long> accepted = new ConcurrentHashMap<>();
    private final Map<String, Long> begun = new ConcurrentHashMap<>();
    private final Map<String, Double> acceptMillis = new ConcurrentHashMap<>();
    private final Map<String, Double> newConnectionMillis = new ConcurrentHashMap<>();
    private final Map<String, String> refused = new ConcurrentHashMap<>();

    /**
     * @param port the product's port
     * @param authority of the product's certificate; null: the product has no TLS
     */
    Probe(Vertx vertx, int port, Certificates authority) throws Exception {
        this.authority = authority;
        events = URI.create((authority == null ? "http" : "https") + "://127.0.0.1:" + port + "/v1/events");
        HttpClient.Builder builder =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(10));
        client = (authority == null ? builder : builder.sslContext(authority.client())).build();
        receiver = vertx.createHttpServer()
                .requestHandler(this::receive)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    /** The account's part of the configuration. */
    String configuration() {
        return """
                  - id: %s
                    apiKeys: [{name: k, role: admin, key: %s}]
                    webhooks:
                      - {name: probe, events: ["call.*"], delivery: {url: "http://127.0.0.1:%d/", authentication: {type: none}}}
                """
                .formatted(ACCOUNT, KEY, receiver.actualPort());
    }

    private void receive(HttpServerRequest request) {
        long now = System.nanoTime();
        request.body().onSuccess(body -> {
            note(body, now);
            request.response().end("ok");
        });
    }

    private void note(Buffer body, long at) {
        Matcher id = ID.matcher(body.toString());
        if (id.find()) {
            begun.putIfAbsent(id.group(1), at);
        }
    }

    void start() {
        sending.scheduleAtFixedRate(() -> sending.execute(this::send), 0, EVERY_MS, TimeUnit.MILLISECONDS);
        if (authority != null) {
            sending.scheduleAtFixedRate(
                    () -> sending.execute(this::sendOnNewConnection), 0, 2L * EVERY_MS, TimeUnit.MILLISECONDS);
        }
    }

    /** Sends an event on a new connection, without a session to resume. */
    private void sendOnNewConnection() {
        String id = "probe-" + sent.incrementAndGet();
        String body = event(id);
        long begin = System.nanoTime();
        try (Socket socket = authority.client().getSocketFactory().createSocket(events.getHost(), events.getPort())) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream()
                    .write(("POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + KEY
                                    + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length()
                                    + "\r\n\r\n" + body)
                            .getBytes(StandardCharsets.US_ASCII));
            String status = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
            long end = System.nanoTime();
            newConnectionMillis.put(id, (end - begin) / 1e6);
            if (status.endsWith(" 202")) {
                accepted.put(id, end);
            } else {
                refused.put(id, status);
            }
        } catch (Exception e) {
            newConnectionMillis.put(id, (System.nanoTime() - begin) / 1e6);
            refused.put(id, String.valueOf(e));
        }
    }

    private static String event(String id) {
        return "{\"specversion\":\"1.0\",\"id\":\"" + id
                + "\",\"source\":\"/calls\",\"type\":\"call.ended\",\"data\":{\"duration\":65}}";
    }

    private void send() {
        String id = "probe-" + sent.incrementAndGet();
        HttpRequest request = HttpRequest.newBuilder(events)
                .timeout(Duration.ofSeconds(60))
                .header("Authorization", "Bearer " + KEY)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(event(id)))
                .build();
        long begin = System.nanoTime();
        try {
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            long end = System.nanoTime();
            acceptMillis.put(id, (end - begin) / 1e6);
            if (response.statusCode() == 202) {
                accepted.put(id, end);
            } else {
                refused.put(id, response.statusCode() + " " + response.body());
            }
        } catch (IOException e) {
            acceptMillis.put(id, (System.nanoTime() - begin) / 1e6);
            refused.put(id, String.valueOf(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Discards the measurements so far. */
    void forget() {
        acceptMillis.clear();
        newConnectionMillis.clear();
        refused.clear();
        accepted.keySet().removeAll(begun.keySet());
    }

    void stopSending() throws InterruptedException {
        sending.shutdown();
        sending.awaitTermination(90, TimeUnit.SECONDS);
    }

    /** Whether each event that was accepted has arrived. */
    boolean hasAllArrived() {
        return begun.keySet().containsAll(accepted.keySet());
    }

    int sent() {
        return sent.get();
    }

    /** Events not accepted, with the reason. */
    Map<String, String> refused() {
        return refused;
    }

    /** Ids that were accepted and did not arrive. */
    Set<String> lost() {
        Set<String> lost = ConcurrentHashMap.newKeySet();
        lost.addAll(accepted.keySet());
        lost.removeAll(begun.keySet());
        return lost;
    }

    /** The slowest hundredth on kept connections, in milliseconds. */
    double slowHundredth() {
        double[] sorted = acceptMillis.values().stream()
                .mapToDouble(each -> each)
                .sorted()
                .toArray();
        return sorted.length == 0 ? 0 : sorted[sorted.length * 99 / 100];
    }

    /** On a new connection, from before it is opened, in milliseconds; 0 without TLS. */
    double slowestOnNewConnection() {
        return newConnectionMillis.values().stream()
                .mapToDouble(each -> each)
                .max()
                .orElse(0);
    }

    double slowestAccept() {
        return acceptMillis.values().stream().mapToDouble(each -> each).max().orElse(0);
    }

    /** From acceptance to the first byte, in milliseconds. @param part 0.5 is the median, 1 the slowest */
    double begin(double part) {
        double[] millis = accepted.entrySet().stream()
                .filter(each -> begun.containsKey(each.getKey()))
                .mapToDouble(each -> (begun.get(each.getKey()) - each.getValue()) / 1e6)
                .sorted()
                .toArray();
        return millis.length == 0 ? 0 : millis[(int) ((millis.length - 1) * part)];
    }

    @Override
    public void close() {
        sending.shutdownNow();
        receiver.close();
    }
}
