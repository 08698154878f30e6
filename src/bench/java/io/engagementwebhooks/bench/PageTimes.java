package io.engagementwebhooks.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.testkit.FreePort;
import io.vertx.core.Vertx;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * How long each page of the console and each list of the API takes with a large store, from the request to the last byte, on
 * one connection. Loopback only; ends by itself. Run it by {@code bench/pages.sh}.
 */
public final class PageTimes {

    private static final String ADMIN = "bench-admin-key-0123456789";
    private static final String OPERATOR = "bench-operator-key-0123456789";
    private static final double LIMIT_MS = 200;
    private static final int WARM_UP = 5;
    private static final int RESTARTS = 5;
    /** There if a store was filled with all that {@link LargeStore} knows now. */
    private static final String FILLED = "filled-with-credentials";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Path folder;
    private final int requests;
    private final int port = FreePort.any();

    private final List<String> store;

    /** @param store settings by which the product finds what was filled */
    private PageTimes(Path folder, int requests, List<String> store) {
        this.folder = folder;
        this.requests = requests;
        this.store = store;
    }

    public static void main(String[] arguments) throws Exception {
        int webhooks = Integer.parseInt(arguments[0]);
        int deliveries = Integer.parseInt(arguments[1]);
        int requests = Integer.parseInt(arguments[2]);
        boolean postgres = arguments[4].equals("postgres");
        Path folder = Path.of(arguments[3] + (postgres ? "-postgres-" : "-") + webhooks + "-" + deliveries)
                .toAbsolutePath();
        refuseHalfFilled(folder);
        Files.createDirectories(folder);
        if (!postgres) {
            fill(folder, new LargeSqlite(folder.resolve("data/webhooks.db"), webhooks, deliveries));
            new PageTimes(folder, requests, List.of()).run();
            return;
        }
        try (EmbeddedPostgres server = server(folder.resolve("pg"))) {
            String url = "jdbc:postgresql://localhost:" + server.getPort() + "/postgres";
            fill(folder, new LargePostgres(url, webhooks, deliveries));
            new PageTimes(folder, requests, LargePostgres.settings(url)).run();
        }
    }

    /** As durable as the product's own measurements have it, with the memory that a small server is given. */
    private static EmbeddedPostgres server(Path data) throws IOException {
        return EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .setPGStartupWait(Duration.ofMinutes(5))
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .setServerConfig("max_connections", "200")
                .setServerConfig("max_wal_size", "4GB")
                .setServerConfig("shared_buffers", "1GB")
                .start();
    }

    private static void fill(Path folder, LargeStore store) throws Exception {
        Path filled = folder.resolve(FILLED);
        if (!Files.exists(filled)) {
            long begin = System.nanoTime();
            store.fill();
            Files.createFile(filled);
            System.out.printf(
                    "filled in %d s%n",
                    Duration.ofNanos(System.nanoTime() - begin).toSeconds());
        }
    }

    /** The folder may contain other files, which must not be deleted. */
    private static void refuseHalfFilled(Path folder) throws IOException {
        if (!Files.exists(folder) || Files.exists(folder.resolve(FILLED))) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            if (files.findAny().isPresent()) {
                throw new IllegalStateException(folder + " has files, and no store that was filled to the end with what"
                        + " is measured now; remove it to have one filled there, or name another folder");
            }
        }
    }

    private void run() throws Exception {
        pages();
        restarts();
    }

    private void pages() throws Exception {
        Files.writeString(
                folder.resolve("webhooks.yaml"),
                """
                accounts:
                  - id: large
                    apiKeys: [{name: admin, role: admin, key: %s}]
                """
                        .formatted(ADMIN));
        long begin = System.nanoTime();
        Process process = start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
        try {
            awaitStart(process);
            System.out.printf(Locale.ROOT, "started in %.1f s%n%n", (System.nanoTime() - begin) / 1e9);
            measure();
        } finally {
            process.destroy();
            if (!process.waitFor(180, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }

    /** Killed under load and started again, as the section restart of {@code bench/run.sh} does it with a small store. */
    private void restarts() throws Exception {
        Plan plan = Plan.full(Path.of(System.getProperty("java.home")), List.of());
        EventTimes events = new EventTimes(Measuring.MOST_EVENTS, 1, id -> 0);
        Vertx vertx = Vertx.vertx();
        double[] seconds = new double[RESTARTS];
        try (Receivers receivers = new Receivers(vertx, events)) {
            Files.writeString(
                    folder.resolve("webhooks.yaml"),
                    new BenchConfig(receivers.url())
                            .webhooks(
                                    0, 1, i -> EventTimes.type(0), i -> receivers.url() + "/hook/0", BenchConfig.HEADER)
                            .text());
            for (int i = 0; i < RESTARTS; i++) {
                seconds[i] = RestartSection.once(
                                where -> Program.byJava(plan, where, store), folder, plan, vertx, receivers, events)
                        / 1000;
            }
        } finally {
            vertx.close();
        }
        Arrays.sort(seconds);
        System.out.printf(
                Locale.ROOT,
                "%nkilled under load and started again, until the 100th delivery: median of %d %.2f s (%.2f to %.2f), %d lost%n",
                RESTARTS,
                seconds[RESTARTS / 2],
                seconds[0],
                seconds[RESTARTS - 1],
                events.lost());
        if (events.lost() > 0) {
            throw new IllegalStateException("events were lost");
        }
    }

    private Process start() throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx1g"));
        String more = System.getenv("BENCH_JAVA_OPTS");
        if (more != null && !more.isBlank()) {
            command.addAll(List.of(more.split(" ")));
        }
        command.addAll(store);
        command.addAll(List.of(
                "-Dwebhooks.operator-key=" + OPERATOR,
                "-Dcamel.server.host=127.0.0.1",
                "-Dcamel.server.port=" + port,
                "-Dcamel.management.port=" + FreePort.any(),
                "-jar",
                Program.JAR.toString()));
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
    }

    private void awaitStart(Process process) throws Exception {
        long end = System.nanoTime() + Duration.ofMinutes(10).toNanos();
        while (System.nanoTime() < end && process.isAlive()) {
            try {
                if (api(ADMIN, "/v1/deliveries?limit=1").statusCode() == 200) {
                    return;
                }
            } catch (IOException e) {
                // not there yet
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        throw new IllegalStateException("the product does not start; see " + folder.resolve("log"));
    }

    private HttpResponse<String> api(String key, String path) throws IOException, InterruptedException {
        return client.send(
                request(path).header("Authorization", "Bearer " + key).build(), text());
    }

    private HttpResponse<String> page(String cookie, String path) throws IOException, InterruptedException {
        return client.send(request(path).header("Cookie", cookie).build(), text());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    }

    private static HttpResponse.BodyHandler<String> text() {
        return HttpResponse.BodyHandlers.ofString();
    }

    private String signIn(String key) throws IOException, InterruptedException {
        HttpResponse<String> answer = client.send(
                request("/console/sign-in")
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString("key=" + key))
                        .build(),
                text());
        String cookie = answer.headers().firstValue("Set-Cookie").orElseThrow();
        return cookie.substring(0, cookie.indexOf(';'));
    }

    /** A request to measure. */
    private interface Asking {
        HttpResponse<String> ask() throws IOException, InterruptedException;
    }

    private void measure() throws Exception {
        String cookie = signIn(ADMIN);
        String operator = signIn(OPERATOR);
        Map<String, Asking> asked = new LinkedHashMap<>();
        paths().forEach(path -> asked.put(path, () -> page(cookie, path)));
        asked.put("/console/accounts", () -> page(operator, "/console/accounts"));
        lists().forEach(path -> asked.put(path, () -> api(ADMIN, path)));
        asked.put("/v1/accounts", () -> api(OPERATOR, "/v1/accounts"));
        asked.put("/v1/webhooks?account=large", () -> api(OPERATOR, "/v1/webhooks?account=large"));
        System.out.printf(Locale.ROOT, "%-72s %9s %9s %7s%n", "page or list", "median ms", "slowest", "KB");
        for (Map.Entry<String, Asking> one : asked.entrySet()) {
            print(one.getKey(), one.getValue());
        }
        System.out.println();
        System.out.println("the second page of a list, and those after it, by its cursor:");
        for (String list : List.of("/v1/deliveries", "/v1/webhooks", "/v1/events", "/v1/oauth-clients")) {
            walk(list);
        }
        searchAll("/v1/deliveries?payload=data.agent=none-such");
    }

    private void print(String name, Asking asking) throws IOException, InterruptedException {
        int status = 0;
        long size = 0;
        double[] times = new double[requests];
        for (int i = -Math.min(WARM_UP, requests); i < requests; i++) {
            long begin = System.nanoTime();
            HttpResponse<String> answer = asking.ask();
            if (i >= 0) {
                times[i] = (System.nanoTime() - begin) / 1e6;
            }
            status = answer.statusCode();
            size = answer.body().length();
        }
        row(name, status, times, size);
    }

    private static void row(String name, int status, double[] times, long size) {
        double[] sorted = times.clone();
        Arrays.sort(sorted);
        double slowest = sorted[sorted.length - 1];
        System.out.printf(
                Locale.ROOT,
                "%-72s %9.1f %9.1f %7d%s%s%n",
                name,
                sorted[sorted.length / 2],
                slowest,
                size / 1024,
                slowest > LIMIT_MS ? "  SLOW" : "",
                status == 200 ? "" : "  " + status);
    }

    private void walk(String list) throws IOException, InterruptedException {
        String cursor = JSON.readTree(api(ADMIN, list).body()).path("next").asText();
        double[] times = new double[requests];
        for (int i = 0; i < requests; i++) {
            long begin = System.nanoTime();
            HttpResponse<String> answer = api(ADMIN, list + "?cursor=" + cursor);
            times[i] = (System.nanoTime() - begin) / 1e6;
            cursor = JSON.readTree(answer.body()).path("next").asText();
        }
        row(list + "?cursor=…", 200, times, 0);
    }

    /** A search without results, to its end: all payloads of the retained time. */
    private void searchAll(String search) throws IOException, InterruptedException {
        List<Double> times = new ArrayList<>();
        String cursor = "";
        do {
            long begin = System.nanoTime();
            HttpResponse<String> answer = api(ADMIN, search + cursor);
            times.add((System.nanoTime() - begin) / 1e6);
            String next = JSON.readTree(answer.body()).path("next").asText(null);
            cursor = next == null ? null : "&cursor=" + next;
        } while (cursor != null);
        double[] all = times.stream().mapToDouble(time -> time).toArray();
        row(search + "&cursor=…", 200, all, 0);
        System.out.printf(
                Locale.ROOT,
                "%d steps in %.1f s%n",
                all.length,
                Arrays.stream(all).sum() / 1e3);
    }

    private List<String> paths() throws IOException, InterruptedException {
        String newest = JSON.readTree(api(ADMIN, "/v1/deliveries?limit=1").body())
                .path("items")
                .path(0)
                .path("id")
                .asText();
        List<String> pages = new ArrayList<>();
        for (String hours : List.of("1", "6", "24", "168")) {
            pages.add("/console/overview?hours=" + hours);
            pages.add("/console/failures?hours=" + hours);
        }
        pages.add("/console/webhooks");
        pages.add("/console/builder");
        pages.add("/console/builder/" + LargeStore.BUSY);
        pages.add("/console/deliveries/" + newest);
        pages.add("/console/replays");
        pages.add("/console/builder-names/client?client=99");
        pages.add("/console/settings/oauth-clients");
        pages.add("/console/settings/oauth-clients?text=client-099");
        pages.add("/console/settings/oauth-clients?attention=true");
        pages.add("/console/deliveries?text=data.agent+%3D+agent-7");
        pages.add("/console/deliveries?text=data.agent+%3D+none-such");
        filters().forEach(filter -> pages.add("/console/deliveries" + filter));
        return pages;
    }

    private static List<String> lists() {
        List<String> lists = new ArrayList<>(List.of(
                "/v1/figures?hours=168",
                "/v1/failures?hours=168",
                "/v1/webhooks",
                "/v1/webhooks?limit=200",
                "/v1/webhooks/" + LargeStore.BUSY,
                "/v1/events",
                "/v1/events?event=call-000000100",
                "/v1/oauth-clients",
                "/v1/oauth-clients?limit=200",
                "/v1/oauth-clients?text=client-099",
                "/v1/oauth-clients?attention=true",
                "/v1/connections",
                "/v1/connections?attention=true",
                "/v1/api-keys",
                "/v1/signing-keys",
                "/v1/audit",
                "/v1/replays",
                "/v1/waiting",
                "/v1/waiting?configured=false"));
        filters().forEach(filter -> lists.add("/v1/deliveries" + filter));
        lists.add("/v1/deliveries?limit=200");
        return lists;
    }

    /** Includes requests without results, which are the most expensive. */
    private static List<String> filters() {
        List<String> filters = new ArrayList<>();
        filters.add("");
        for (String outcome : List.of("delivered", "gave-up", "skipped", "try-later")) {
            filters.add("?outcome=" + outcome);
            filters.add("?webhook=" + LargeStore.BUSY + "&outcome=" + outcome);
            filters.add("?webhook=w-000123&outcome=" + outcome);
        }
        for (String state : List.of("waiting", "paused", "discarded")) {
            filters.add("?state=" + state);
        }
        filters.add("?eventType=nothing.like.it");
        filters.add("?webhook=w-000123");
        filters.add("?text=w-000123");
        filters.add("?text=nothing+like+it");
        filters.add("?text=nothing+like+it&webhook=" + LargeStore.BUSY);
        filters.add("?text=call-000000100");
        filters.add("?webhook=none");
        filters.add("?event=call-000000100");
        filters.add("?event=none");
        String aWeekAgo = Instant.now()
                .minus(Duration.ofDays(7))
                .truncatedTo(ChronoUnit.MINUTES)
                .toString();
        filters.add("?from=" + aWeekAgo);
        filters.add("?to=" + aWeekAgo);
        filters.add("?outcome=gave-up&from=" + aWeekAgo);
        filters.add("?webhook=" + LargeStore.BUSY + "&outcome=gave-up&from=" + aWeekAgo);
        return filters;
    }
}
