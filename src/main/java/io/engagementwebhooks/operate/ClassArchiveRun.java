package io.engagementwebhooks.operate;

import com.sun.net.httpserver.HttpServer;
import io.engagementwebhooks.operate.settings.Settings;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.camel.util.FileUtil;

/**
 * Starts the product in a temporary folder, delivers events over loopback and stops it, for a class-data archive. The JVM
 * has then loaded the classes of a start and a delivery, and writes the archive ({@code -XX:ArchiveClassesAtExit}); from
 * JDK 25 on with the profiles of thousands of deliveries ({@code -XX:AOTCacheOutput}). Local settings do not apply. The process ends within ten minutes, even if a step
 * hangs.
 */
final class ClassArchiveRun {

    private static final int MOST_SECONDS = 600;
    private static final int AT_A_TIME = 16;

    /** Batches of a run for an AOT cache, which holds profiles of methods that are called often. */
    private static final int PROFILED = 250;

    private static final String KEY = "the-key-of-the-trial-run-0123456789";
    private static final String CONFIG =
            """
            accounts:
              - id: trial
                apiKeys: [{name: sender, role: ingest, key: %s}]
                signingKeys: [{id: only, secret: "whsec_dGhlLXNpZ25pbmcta2V5LW9mLXRoZS10cmlhbA=="}]
                webhooks:
                  - name: receiver
                    events: [trial]
                    delivery: {url: "http://127.0.0.1:%d/", authentication: {type: header, user: trial, password: trial}}
            """;
    private static final String EVENT =
            "{\"id\":\"%d\",\"source\":\"/trial\",\"type\":\"trial\",\"data\":{\"duration\":1}}";

    private ClassArchiveRun() {}

    /** @throws IllegalStateException if the event was not accepted */
    static void run() throws Exception {
        endAfter(MOST_SECONDS);
        Path folder = Files.createTempDirectory("engagement-webhooks-trial");
        HttpServer receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), AT_A_TIME);
        try {
            int batches = isProfiled() ? PROFILED : 1;
            CountDownLatch delivered = new CountDownLatch(batches * AT_A_TIME);
            receiver.createContext("/", exchange -> {
                exchange.getRequestBody().readAllBytes();
                exchange.sendResponseHeaders(200, -1);
                delivered.countDown();
            });
            receiver.start();
            Files.writeString(
                    folder.resolve("webhooks.yaml"),
                    CONFIG.formatted(KEY, receiver.getAddress().getPort()));
            Settings settings = settings(folder);
            Prewarm.begin(settings);
            Product product = Product.in(folder, settings);
            product.start();
            try {
                send(product.port(), batches);
                delivered.await();
            } finally {
                product.stop();
            }
        } finally {
            receiver.stop(0);
            FileUtil.removeDir(folder.toFile());
        }
    }

    private static boolean isProfiled() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .anyMatch(option -> option.startsWith("-XX:AOTCacheOutput"));
    }

    private static Settings settings(Path folder) throws IOException {
        Properties properties = new Properties();
        Path data = folder.resolve("data");
        properties.putAll(Map.of(
                "webhooks.config",
                "file:" + folder.resolve("webhooks.yaml"),
                "webhooks.store.url",
                "jdbc:sqlite:" + data.resolve("webhooks.db"),
                "webhooks.store.crash-journal",
                data.resolve("evaluating").toString(),
                "webhooks.egress.allow",
                "127.0.0.0/8",
                "camel.server.host",
                "127.0.0.1",
                "camel.server.port",
                "0",
                "camel.management.port",
                freePort()));
        Settings settings = Settings.read(folder, Map.of(), properties);
        if (!settings.faults().isEmpty()) {
            throw new IllegalStateException(settings.faults().toString());
        }
        return settings;
    }

    private static String freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return Integer.toString(free.getLocalPort());
        }
    }

    private static void send(int port, int batches) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/events"))
                .header("Authorization", "Bearer " + KEY)
                .header("Content-Type", "application/json");
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        for (int first = 0; first < batches * AT_A_TIME; first += AT_A_TIME) {
            List<CompletableFuture<HttpResponse<String>>> responses = IntStream.range(first, first + AT_A_TIME)
                    .mapToObj(EVENT::formatted)
                    .map(event -> request.POST(HttpRequest.BodyPublishers.ofString(event))
                            .build())
                    .map(event -> client.sendAsync(event, HttpResponse.BodyHandlers.ofString()))
                    .toList();
            for (CompletableFuture<HttpResponse<String>> response : responses) {
                if (response.get().statusCode() != 202) {
                    throw new IllegalStateException("the event was answered by " + response.get());
                }
            }
        }
    }

    /** Ends the process even if something hangs: it runs unwatched in the background. */
    private static void endAfter(int seconds) {
        CompletableFuture.delayedExecutor(seconds, TimeUnit.SECONDS)
                .execute(() -> Runtime.getRuntime().halt(1));
    }
}
