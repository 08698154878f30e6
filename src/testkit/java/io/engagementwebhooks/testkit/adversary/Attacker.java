package io.engagementwebhooks.testkit.adversary;

import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.Pause;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** The means of an attack: an account with a key, receivers, and raw connections. Thread-safe. */
final class Attacker implements AutoCloseable {

    static final String ACCOUNT = "acme";
    static final String KEY = "acme-admin-key-0123456789";

    /** The number of concurrent requests of an attack. */
    private static final int AT_A_TIME = 64;

    private static final int LONGEST_SECONDS = 120;
    private static final String TRUST_PASSWORD = "trust-password";

    private static final int FLOOD_SECONDS = 20;

    private final int port;
    private final SSLContext trusted;
    private final HttpServer sink;
    private final HttpServer hanging;
    private final DatagramSocket nameServer;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(20))
            .build();
    private final Map<Integer, Integer> statuses = new TreeMap<>();
    private final Certificates authority = new Certificates();
    private Process hostile;

    /** @param trusted for a product with TLS, else null */
    Attacker(Vertx vertx, int port, SSLContext trusted) throws IOException {
        this.port = port;
        this.trusted = trusted;
        this.sink = listen(vertx.createHttpServer().requestHandler(request -> request.body()
                .onSuccess(body -> request.response().end("ok"))));
        this.hanging = listen(vertx.createHttpServer().requestHandler(request -> {}));
        this.nameServer = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    }

    private static HttpServer listen(HttpServer server) {
        return server.listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    /** A receiver that answers at once. */
    String sink() {
        return "http://127.0.0.1:" + sink.actualPort() + "/";
    }

    /** A receiver that never answers. */
    String hanging() {
        return "http://127.0.0.1:" + hanging.actualPort() + "/";
    }

    /** A name server that never answers, as {@code host:port}. */
    String nameServer() {
        return "127.0.0.1:" + nameServer.getLocalPort();
    }

    /** Starts servers. @return their URLs */
    List<String> hostileServers(int count, HostileServer.Kind kind) throws Exception {
        String host = kind == HostileServer.Kind.LARGE_CERTIFICATE ? Certificates.manyNames(10_000) : "127.0.0.1";
        hostile = HostileServer.start(kind, count, authority.serverStore(host, 1));
        BufferedReader urls = hostile.inputReader();
        List<String> found = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            found.add(Objects.requireNonNull(urls.readLine(), "a URL of each server"));
        }
        return found;
    }

    /** The options of a JVM that trusts the certificates of these servers. */
    List<String> trustOptions(Path folder) throws Exception {
        Path file = folder.resolve("trust.p12");
        try (OutputStream out = Files.newOutputStream(file)) {
            authority.trustStore().store(out, TRUST_PASSWORD.toCharArray());
        }
        return List.of(
                "-Djavax.net.ssl.trustStore=" + file,
                "-Djavax.net.ssl.trustStoreType=PKCS12",
                "-Djavax.net.ssl.trustStorePassword=" + TRUST_PASSWORD);
    }

    void post(String event) throws IOException, InterruptedException {
        send("/v1/events", "application/json", event);
    }

    void batch(String events) throws IOException, InterruptedException {
        send("/v1/events", "application/cloudevents-batch+json", events);
    }

    void send(String path, String body) throws IOException, InterruptedException {
        send(path, "application/json", body);
    }

    private void send(String path, String type, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(60))
                .header("Authorization", "Bearer " + KEY)
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        int status = client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
        synchronized (statuses) {
            statuses.merge(status, 1, Integer::sum);
        }
    }

    /** The number of responses by status; 0: no response. */
    String statuses() {
        synchronized (statuses) {
            return statuses.toString();
        }
    }

    /** Runs a step so many times, {@value #AT_A_TIME} at a time. */
    void parallel(int times, Attack.Step step) throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(Math.min(times, AT_A_TIME));
        for (int i = 0; i < times; i++) {
            int number = i;
            threads.execute(() -> {
                try {
                    step.run(number);
                } catch (IOException refused) {
                    synchronized (statuses) {
                        statuses.merge(0, 1, Integer::sum);
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }
        threads.shutdown();
        threads.awaitTermination(LONGEST_SECONDS, TimeUnit.SECONDS);
        threads.shutdownNow();
    }

    /** Opens connections that send some bytes and no more, and holds them for some seconds. */
    void connections(int count, String text) throws InterruptedException {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        List<Socket> open = new ArrayList<>();
        try {
            parallel(count, i -> {
                Socket socket = new Socket();
                socket.setSendBufferSize(bytes.length + 4096);
                // an address has its share of the connections without a key
                socket.bind(new InetSocketAddress("127.0.0.2", 0));
                socket.connect(new InetSocketAddress("127.0.0.1", port), 5_000);
                synchronized (open) {
                    open.add(socket);
                }
                OutputStream out = socket.getOutputStream();
                out.write(bytes);
                out.flush();
            });
            Pause.of(Duration.ofSeconds(5));
        } finally {
            for (Socket socket : open) {
                try {
                    socket.close();
                } catch (IOException alreadyClosed) {
                    continue;
                }
            }
        }
    }

    /** Runs a step so often a second, for {@value #FLOOD_SECONDS} seconds. */
    void everySecond(int times, Attack.Step step) throws InterruptedException {
        long begin = System.nanoTime();
        int batches = FLOOD_SECONDS * 10;
        for (int i = 0; i < batches; i++) {
            int number = i;
            parallel(times / 10, each -> step.run(number * times / 10 + each));
            Pause.of(Duration.ofMillis((i + 1) * 100L).minusNanos(System.nanoTime() - begin));
        }
    }

    /** Sends the first record of a handshake, and closes the connection after the response, which it counts by its type. */
    void hello(byte[] hello) throws IOException {
        try (Socket socket = stranger()) {
            socket.setSoTimeout(2_000);
            socket.getOutputStream().write(hello);
            int type = socket.getInputStream().read();
            synchronized (statuses) {
                statuses.merge(Math.max(0, type), 1, Integer::sum);
            }
        }
    }

    /**
     * Repeats handshakes on some connections, 2 500 a second on each, for {@value #FLOOD_SECONDS} seconds. Opens another
     * connection 100 ms after one was closed, and counts the connections.
     */
    void handshakes(int connections, String protocol) throws InterruptedException {
        parallel(connections, i -> {
            SSLSocket socket = null;
            long begin = System.nanoTime();
            for (int tick = 0; tick < FLOOD_SECONDS * 100; tick++) {
                try {
                    if (socket == null && tick % 10 == 0) {
                        socket = (SSLSocket)
                                trusted.getSocketFactory().createSocket(stranger(), "127.0.0.1", port, true);
                        socket.setEnabledProtocols(new String[] {protocol});
                        synchronized (statuses) {
                            statuses.merge(0, 1, Integer::sum);
                        }
                    }
                    for (int each = 0; socket != null && each < 25; each++) {
                        socket.startHandshake();
                    }
                } catch (IOException closed) {
                    socket = null;
                }
                Pause.of(Duration.ofMillis((tick + 1) * 10L).minusNanos(System.nanoTime() - begin));
            }
        });
    }

    /** A connection from an address that no other client has. */
    private Socket stranger() throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress("127.0.0.2", 0));
        socket.connect(new InetSocketAddress("127.0.0.1", port), 5_000);
        return socket;
    }

    @Override
    public void close() throws IOException {
        if (hostile != null) {
            hostile.destroy();
        }
        sink.close();
        hanging.close();
        nameServer.close();
    }
}
