package io.engagementwebhooks.testkit.adversary;

import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.JavaCommand;
import io.engagementwebhooks.testkit.Patience;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * Attacks a product in a separate process, on loopback, and measures the effect on another account. Each attack ends by
 * itself.
 */
public final class AdversarySuite {

    /** The most resident memory beyond the heap. */
    public static final long ABOVE_HEAP = 250L << 20;

    /** Rendering and delivery come after the attacker's last response: the other account sends so many events then, 10 s. */
    private static final int EVENTS_AFTERWARDS = 100;

    private final List<String> options;
    private final Path folder;

    /**
     * The result of an attack.
     *
     * @param attack which
     * @param sent events of the other account
     * @param refused events not accepted, with the response
     * @param lost events accepted and not delivered
     * @param slowestAccept of the other account, in milliseconds
     * @param slowHundredth the 99th percentile of the same
     * @param slowestOnNewConnection of the other account with its handshake, in milliseconds; 0 without TLS
     * @param medianBegin from acceptance to the first byte at the other account's receiver, in milliseconds
     * @param slowestBegin the same, of the slowest event
     * @param answers the attacker's requests by status; 0: no response
     * @param alive whether the process still ran at the end
     * @param residentBytes the largest resident memory of the process; 0 where it is not known
     */
    public record Result(
            Attack attack,
            int sent,
            Map<String, String> refused,
            Set<String> lost,
            double slowestAccept,
            double slowHundredth,
            double slowestOnNewConnection,
            double medianBegin,
            double slowestBegin,
            String answers,
            boolean alive,
            long residentBytes) {

        /** A line of a table. */
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%-22s %5d %7d %4d %9.0f %7.0f %7.0f %9.0f %9.0f %7d %-5s %s",
                    attack.name().toLowerCase(Locale.ROOT),
                    sent,
                    refused.size(),
                    lost.size(),
                    slowestAccept,
                    slowHundredth,
                    slowestOnNewConnection,
                    medianBegin,
                    slowestBegin,
                    residentBytes >> 20,
                    alive,
                    answers);
        }

        /** The head of the table. */
        public static String head() {
            return String.format(
                    Locale.ROOT,
                    "%-22s %5s %7s %4s %9s %7s %7s %9s %9s %7s %-5s %s",
                    "attack",
                    "sent",
                    "refused",
                    "lost",
                    "accept ms",
                    "p99 ms",
                    "new ms",
                    "median ms",
                    "begin ms",
                    "rss MiB",
                    "alive",
                    "attacker's answers");
        }
    }

    /**
     * @param folder the folder of the runs' folders
     * @param options of the JVM, such as {@code -Xmx256m}, and the product's settings as {@code -D}
     */
    public AdversarySuite(Path folder, List<String> options) {
        this.folder = folder;
        this.options = List.copyOf(options);
    }

    /**
     * Starts the product and attacks it. The other account sends until 10 s after the attacker's last response; what was accepted
     * of it has a minute to arrive.
     */
    public Result run(Attack attack) throws Exception {
        Path home = Files.createTempDirectory(folder, attack.name() + "-");
        int port = FreePort.any();
        Vertx vertx = Vertx.vertx();
        Certificates authority = attack.isOfTls() ? new Certificates() : null;
        try (Attacker attacker = new Attacker(vertx, port, authority == null ? null : authority.client());
                Probe probe = new Probe(vertx, port, authority)) {
            String webhooks = attack.webhooks(attacker);
            Files.writeString(
                    home.resolve("webhooks.yaml"),
                    "accounts:\n" + probe.configuration() + "  - id: " + Attacker.ACCOUNT
                            + "\n    apiKeys: [{name: k, role: admin, key: " + Attacker.KEY + "}]\n" + "    webhooks:\n"
                            + (webhooks.isEmpty() ? "      []\n" : webhooks));
            Process process = start(home, port, attacker, authority);
            try {
                await(process, home);
                if (attack.restarts()) {
                    attack.run(attacker);
                    process.destroyForcibly().waitFor();
                    Files.delete(home.resolve("log"));
                    process = start(home, port, attacker, authority);
                    await(process, home);
                }
                return attacked(attack, attacker, probe, process);
            } finally {
                process.destroyForcibly().waitFor();
            }
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    private Process start(Path home, int port, Attacker attacker, Certificates authority) throws Exception {
        List<String> all = new ArrayList<>(options);
        all.addAll(attacker.trustOptions(home));
        all.addAll(List.of(
                "-XX:-UsePerfData",
                "-Dwebhooks.config=file:webhooks.yaml",
                "-Dwebhooks.egress.allow=127.0.0.0/8",
                "-Dwebhooks.egress.name-servers=" + attacker.nameServer(),
                "-Dcamel.server.host=127.0.0.1",
                "-Dcamel.server.port=" + port,
                "-Dcamel.management.port=" + FreePort.any()));
        if (authority != null) {
            authority.serverSettings("127.0.0.1", home).forEach(setting -> all.add("-D" + setting));
        }
        List<String> command = JavaCommand.product(all.toArray(String[]::new));
        command.remove("-XX:TieredStopAtLevel=1");
        return new ProcessBuilder(command)
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("log").toFile())
                .start();
    }

    private static void await(Process process, Path home) {
        Awaitility.await("the product is ready").atMost(Patience.LONG).until(() -> {
            String log = Files.readString(home.resolve("log"));
            if (!process.isAlive()) {
                throw new AssertionError("the product ended: " + log);
            }
            return log.contains("ready version=");
        });
    }

    private static Result attacked(Attack attack, Attacker attacker, Probe probe, Process process) throws Exception {
        probe.start();
        // a first event loads classes before the attack
        Awaitility.await().atMost(Patience.LONG).until(() -> probe.hasAllArrived() && probe.sent() > 20);
        probe.forget();
        if (attack.restarts()) {
            attack.afterRestart(attacker);
        } else {
            attack.run(attacker);
        }
        int during = probe.sent();
        Awaitility.await().atMost(Patience.LONG).until(() -> probe.sent() >= during + EVENTS_AFTERWARDS);
        probe.stopSending();
        if (process.isAlive()) {
            try {
                Awaitility.await()
                        .atMost(Duration.ofSeconds(60))
                        .until(() -> probe.hasAllArrived() || !process.isAlive());
            } catch (org.awaitility.core.ConditionTimeoutException lost) {
                // in the result
            }
        }
        return new Result(
                attack,
                probe.sent(),
                probe.refused(),
                probe.lost(),
                probe.slowestAccept(),
                probe.slowHundredth(),
                probe.slowestOnNewConnection(),
                probe.begin(0.5),
                probe.begin(1),
                attacker.statuses(),
                process.isAlive(),
                resident(process));
    }

    /** The largest resident memory so far. */
    private static long resident(Process process) {
        try (Stream<String> status = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
            return status.filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElse(0);
        } catch (IOException | RuntimeException gone) {
            return 0;
        }
    }
}
