package io.engagementwebhooks.quickstart;

import io.engagementwebhooks.testkit.FreePort;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/** The demonstration: see {@code quickstart.sh}, which checks the options and starts this. */
public final class Quickstart {

    private final Options options;
    private final PrintStream out;
    private final Clock clock = Clock.systemUTC();
    private final DemoSecrets secrets = DemoSecrets.generate(new SecureRandom());
    private final Deque<AutoCloseable> closing = new ArrayDeque<>();
    private volatile boolean ending;

    /**
     * What the script says.
     *
     * @param home the project's folder
     * @param port of the product; 0 for a free one
     * @param managementPort of the product; 0 for a free one
     * @param once whether to stop when everything has arrived
     * @param terminal whether a person watches
     */
    private record Options(Path home, int port, int managementPort, boolean once, boolean terminal) {
        static Options of(String... arguments) throws IOException {
            List<String> flags = List.of(arguments);
            return new Options(
                    Path.of(arguments[0]).toAbsolutePath().normalize(),
                    orFree(Integer.parseInt(arguments[1])),
                    orFree(Integer.parseInt(arguments[2])),
                    flags.contains("--once"),
                    flags.contains("--terminal"));
        }

        private static int orFree(int port) {
            return port != 0 ? port : FreePort.any();
        }
    }

    private Quickstart(Options options, PrintStream out) {
        this.options = options;
        this.out = out;
    }

    /** @param arguments home, port, management port, then {@code --once} and {@code --terminal} if so */
    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        Quickstart quickstart = new Quickstart(Options.of(arguments), out);
        // also the end by Ctrl-C: what was started ends with it
        Runtime.getRuntime().addShutdownHook(new Thread(quickstart::end, "end"));
        System.exit(quickstart.run());
    }

    private int run() {
        try {
            demonstrate();
            return 0;
        } catch (DemoFailure e) {
            return failed(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return failed("interrupted");
        } catch (IOException e) {
            return failed(e.toString());
        }
    }

    private int failed(String why) {
        out.flush();
        // Ctrl-C ends the product too, which is no failure then
        if (!ending) {
            System.err.println("quickstart: " + why);
        }
        return 1;
    }

    private void demonstrate() throws IOException, InterruptedException, DemoFailure {
        out.println(
                "Starting the product, a receiver, an OAuth2 server, and stand-ins for Salesforce and Contentsquare");
        out.flush();
        Path folder = closing(Files.createTempDirectory("engagement-webhooks-"));
        DemoEnvironment demo = closing(DemoEnvironment.start(secrets, clock));
        ProductProcess product = closing(start(folder, demo));
        ProductApi api = new ProductApi("http://127.0.0.1:" + options.port(), secrets);
        Table table = new Table(out, options.terminal(), System.getenv("NO_COLOR") == null);
        Show show = new Show(options.home().resolve("examples/quickstart/events"), api, product, table, clock);
        show.awaitReady();
        out.println("Sending calls to " + api.url() + "/v1/events");
        List<Row> rows = show.play();
        List<String> faults = show.faults(rows, demo);
        if (!faults.isEmpty()) {
            throw new DemoFailure(String.join("\n  ", faults) + "\nThe product's log ends with:\n" + product.tail());
        }
        out.println("Everything arrived: " + rows.size() + " deliveries, each checked where it went.");
        if (!options.once()) {
            product.greeting().forEach(out::println);
            out.println(WhatNext.text(api.url(), options.managementPort(), secrets, product.log(), rows));
            out.flush();
            show.follow();
        }
    }

    private ProductProcess start(Path folder, DemoEnvironment demo) throws IOException {
        Path home = options.home();
        return ProductProcess.start(
                home.resolve("target/engagement-webhooks.jar"),
                folder,
                List.of(
                        // soon there rather than fast later: a third less processor time until everything has arrived
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx256m",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-Dwebhooks.config=file:" + home.resolve("examples/quickstart/webhooks.yaml"),
                        "-Dwebhooks.egress.allow=127.0.0.0/8",
                        "-Dcamel.server.host=127.0.0.1",
                        "-Dcamel.server.port=" + options.port(),
                        "-Dcamel.management.port=" + options.managementPort(),
                        "-Dcamel.main.shutdownTimeout=" + Duration.ofSeconds(5).toSeconds()),
                List.of("--routes", home.resolve("routes").toString()),
                demo.environment());
    }

    private Path closing(Path folder) {
        closing(() -> delete(folder));
        return folder;
    }

    private <T extends AutoCloseable> T closing(T resource) {
        synchronized (closing) {
            closing.push(resource);
        }
        return resource;
    }

    private void end() {
        ending = true;
        synchronized (closing) {
            while (!closing.isEmpty()) {
                try {
                    closing.pop().close();
                } catch (Exception e) {
                    System.err.println("quickstart: " + e);
                }
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        }
    }
}
