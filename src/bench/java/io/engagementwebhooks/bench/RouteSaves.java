package io.engagementwebhooks.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The time from the save of a route file until it is active in the running jar. */
final class RouteSaves {

    private static final int SAVES = 20;
    private static final int WARM_UP = 3;

    /** Spreads saves over the interval of polls. */
    private static final int MOST_BETWEEN_MS = 600;

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private RouteSaves() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Files.createTempDirectory("route-saves");
        Path routes = Files.createDirectory(folder.resolve("routes"));
        try (Stream<Path> own = Files.list(Path.of("routes"))) {
            for (Path file : own.toList()) {
                Files.copy(file, routes.resolve(file.getFileName()));
            }
        }
        Files.writeString(
                folder.resolve("webhooks.yaml"),
                new BenchConfig("http://127.0.0.1:9")
                        .webhooks(0, 1, i -> "call.ended", i -> "http://127.0.0.1:9/", BenchConfig.HEADER)
                        .text());
        Plan plan = Plan.full(Path.of(System.getProperty("java.home")), List.of());
        try (Program product = Program.product(plan, folder, List.of("-Xmx256m"))) {
            product.awaitUp();
            Path edited = routes.resolve("31-deliver-header.camel.yaml");
            String text = Files.readString(edited);
            double[] took = new double[SAVES];
            for (int i = -WARM_UP; i < SAVES; i++) {
                TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextInt(MOST_BETWEEN_MS));
                double seconds =
                        save(product, edited, text.replaceFirst("description: ", "description: Edit " + i + ". "));
                if (i >= 0) {
                    took[i] = seconds;
                }
            }
            Arrays.sort(took);
            System.out.printf(
                    "from save to active, of %d: median %.2f s, slowest %.2f s; load average %.1f on %d cores%n",
                    SAVES,
                    (took[SAVES / 2 - 1] + took[SAVES / 2]) / 2,
                    took[SAVES - 1],
                    ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
                    Runtime.getRuntime().availableProcessors());
        }
    }

    private static double save(Program product, Path file, String text) throws IOException, InterruptedException {
        String before = state(product);
        long start = System.nanoTime();
        Files.writeString(file, text);
        String after = state(product);
        while (after.equals(before)) {
            TimeUnit.MILLISECONDS.sleep(2);
            after = state(product);
        }
        if (!after.contains("\"current\":true")) {
            throw new IllegalStateException(after);
        }
        return (System.nanoTime() - start) / 1e9;
    }

    /** The time since which these routes are active. */
    private static String state(Program product) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + product.port() + "/v1/routes"))
                .header("Authorization", "Bearer " + BenchConfig.STAFF_KEY)
                .build();
        HttpResponse<String> answer = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IllegalStateException(answer.statusCode() + " " + answer.body());
        }
        return answer.body();
    }
}
