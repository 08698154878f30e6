package io.engagementwebhooks.operate;

import io.engagementwebhooks.ledger.FatalErrors;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.camel.util.FileUtil;

/**
 * Starts the product in a temporary folder, delivers one event over loopback and stops it, for a class-data archive.
 * The JVM has then loaded the classes of a start and a delivery, and writes the archive ({@code
 * -XX:ArchiveClassesAtExit}). Local settings do not apply. The process ends within ten minutes, even if a step
 * hangs.
 */
final class ClassArchiveRun {

    private static final int MOST_SECONDS = 600;
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
            "{\"id\":\"1\",\"source\":\"/trial\",\"type\":\"trial\",\"data\":{\"duration\":1}}";

    private ClassArchiveRun() {}

    /** @throws IllegalStateException if the event was not accepted */
    static void run() throws Exception {
        endAfter(MOST_SECONDS);
        Path folder = Files.createTempDirectory("engagement-webhooks-trial");
        try (ServerSocket receiver = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CountDownLatch delivered = new CountDownLatch(1);
            daemon("trial-receiver", () -> receive(receiver, delivered));
            Files.writeString(folder.resolve("webhooks.yaml"), CONFIG.formatted(KEY, receiver.getLocalPort()));
            Settings settings = settings(folder);
            Prewarm.begin(settings);
            Product product = Product.in(folder, settings);
            product.start();
            try {
                send(product.port());
                delivered.await();
            } finally {
                product.stop();
            }
        } finally {
            FileUtil.removeDir(folder.toFile());
        }
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

    private static void send(int port) throws IOException {
        String request = "POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAuthorization: Bearer "
                + KEY + "\r\nContent-Type: application/json\r\nContent-Length: " + EVENT.length() + "\r\n\r\n" + EVENT;
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            String status = String.valueOf(reader(socket).readLine());
            if (!status.startsWith("HTTP/1.1 202")) {
                throw new IllegalStateException("the event was answered by " + status);
            }
        }
    }

    /** Answers 200 to each request once its head has been read. */
    private static void receive(ServerSocket receiver, CountDownLatch delivered) {
        while (!receiver.isClosed()) {
            try (Socket socket = receiver.accept()) {
                List<String> head = reader(socket)
                        .lines()
                        .takeWhile(line -> !line.isEmpty())
                        .toList();
                OutputStream out = socket.getOutputStream();
                out.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                        .getBytes(StandardCharsets.US_ASCII));
                out.flush();
                if (!head.isEmpty()) {
                    delivered.countDown();
                }
            } catch (IOException e) {
                // closed, or a connection that ended: the next one counts
                continue;
            }
        }
    }

    private static BufferedReader reader(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
    }

    /** Ends the process even if something hangs: it runs unwatched in the background. */
    private static void endAfter(int seconds) {
        daemon("trial-limit", () -> {
            try {
                TimeUnit.SECONDS.sleep(seconds);
                Runtime.getRuntime().halt(1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private static void daemon(String name, Runnable task) {
        Thread thread = new Thread(FatalErrors.checked(task), name);
        thread.setDaemon(true);
        thread.start();
    }
}
