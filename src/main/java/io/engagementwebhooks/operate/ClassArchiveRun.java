package io.engagementwebhooks.operate;

import io.engagementwebhooks.ledger.FatalErrors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.util.FileUtil;

/**
 * Starts the product in a temporary folder, delivers events over loopback and stops it, for a class-data archive. The JVM
 * has then loaded the classes of a start and a delivery, and writes the archive ({@code -XX:ArchiveClassesAtExit}); from
 * JDK 25 on with the profiles of thousands of deliveries ({@code -XX:AOTCacheOutput}). Local settings do not apply. The process ends within ten minutes, even if a step
 * hangs.
 */
final class ClassArchiveRun {

    private static final int MOST_SECONDS = 600;
    private static final int SENDERS = 16;

    /** Events of a run for an AOT cache, which holds profiles of methods that are called often. */
    private static final int PROFILED = 4_000;

    private static final String LENGTH = "content-length:";
    private static final byte[] OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
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
        try (ServerSocket receiver = new ServerSocket(0, SENDERS, InetAddress.getLoopbackAddress())) {
            int events = isProfiled() ? PROFILED : SENDERS;
            CountDownLatch delivered = new CountDownLatch(events);
            daemon("trial-receiver", () -> receive(receiver, delivered)).start();
            Files.writeString(folder.resolve("webhooks.yaml"), CONFIG.formatted(KEY, receiver.getLocalPort()));
            Settings settings = settings(folder);
            Prewarm.begin(settings);
            Product product = Product.in(folder, settings);
            product.start();
            try {
                send(product.port(), events);
                delivered.await();
            } finally {
                product.stop();
            }
        } finally {
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

    /** Each sender sends its events one after the other. */
    private static void send(int port, int events) throws Exception {
        ExecutorService senders = Executors.newFixedThreadPool(SENDERS, task -> daemon("trial-sender", task));
        try {
            AtomicInteger next = new AtomicInteger();
            List<Callable<Void>> tasks = Collections.nCopies(SENDERS, () -> {
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    for (int id = next.getAndIncrement(); id < events; id = next.getAndIncrement()) {
                        send(socket, id);
                    }
                    return null;
                }
            });
            for (Future<Void> sender : senders.invokeAll(tasks)) {
                sender.get();
            }
        } finally {
            senders.shutdownNow();
        }
    }

    private static void send(Socket socket, int id) throws IOException {
        String event = EVENT.formatted(id);
        String request = "POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + KEY
                + "\r\nContent-Type: application/json\r\nContent-Length: " + event.length() + "\r\n\r\n" + event;
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        String status = message(socket.getInputStream());
        if (status == null || !status.startsWith("HTTP/1.1 202")) {
            throw new IllegalStateException("the event was answered by " + status);
        }
    }

    /** Answers 200 to each request, on a thread for each connection. */
    private static void receive(ServerSocket receiver, CountDownLatch delivered) {
        while (!receiver.isClosed()) {
            try {
                Socket socket = receiver.accept();
                daemon("trial-receiver", () -> answer(socket, delivered)).start();
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private static void answer(Socket socket, CountDownLatch delivered) {
        try (socket) {
            while (message(socket.getInputStream()) != null) {
                socket.getOutputStream().write(OK);
                delivered.countDown();
            }
        } catch (IOException e) {
            // the product closed the connection, and opens another one
        }
    }

    /** Reads a request or a response with a length. @return its first line; null: the connection ended */
    private static String message(InputStream in) throws IOException {
        String first = line(in);
        int length = 0;
        for (String line = first; line != null && !line.isEmpty(); line = line(in)) {
            length = line.regionMatches(true, 0, LENGTH, 0, LENGTH.length())
                    ? Integer.parseInt(line.substring(LENGTH.length()).strip())
                    : length;
        }
        in.skipNBytes(length);
        return first;
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                return null;
            }
            line.write(b);
        }
        return line.toString(StandardCharsets.US_ASCII).strip();
    }

    /** Ends the process even if something hangs: it runs unwatched in the background. */
    private static void endAfter(int seconds) {
        Thread limit = daemon("trial-limit", () -> {
            try {
                TimeUnit.SECONDS.sleep(seconds);
                Runtime.getRuntime().halt(1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        limit.start();
    }

    private static Thread daemon(String name, Runnable task) {
        Thread thread = new Thread(FatalErrors.checked(task), name);
        thread.setDaemon(true);
        return thread;
    }
}
