package io.engagementwebhooks.bench.kill;

import io.engagementwebhooks.testkit.Postgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** The kill harness at large, on the jar; prints a table and ends with 1 if anything was lost or wrong. */
public final class KillMain {

    private KillMain() {}

    /** @param arguments how often at each point, how often at random moments, and {@code sqlite} or {@code postgres} */
    public static void main(String[] arguments) throws Exception {
        int each = Integer.parseInt(arguments[0]);
        int random = Integer.parseInt(arguments[1]);
        List<String> store = arguments[2].equals("postgres") ? postgres() : List.of();
        List<KillPoint> points = new ArrayList<>();
        for (KillPoint point : KillPoint.values()) {
            points.addAll(Collections.nCopies(each, point));
        }
        points.addAll(Collections.nCopies(random, null));
        Collections.shuffle(points);
        Path folder = Files.createTempDirectory("kill");
        KillRun.Account account;
        try (KillRun run = new KillRun(folder, List.of("-jar", jar()), store, KillMain::print)) {
            System.out.println(points.size() + " kills in " + folder + "; the log of all lives is there\n");
            System.out.printf(
                    Locale.ROOT,
                    "%4s  %-36s %12s %9s %11s %11s%n",
                    "",
                    "killed",
                    "acknowledged",
                    "ready",
                    "flowing",
                    "settled");
            account = run.run(points);
        }
        System.out.println("\nevents acknowledged " + account.acknowledged() + ", deliveries lost " + account.lost()
                + ", repeated after a kill " + account.repeated() + ", faults "
                + account.faults().size());
        account.faults().forEach(System.out::println);
        System.exit(account.lost() == 0 && account.faults().isEmpty() ? 0 : 1);
    }

    /**
     * Settings that name a new database. The lease is short: who is killed does not give it back, and the next one waits
     * for its end.
     */
    static List<String> postgres() {
        // short, since each life waits for the end of the lease of the one before; not so short that a busy machine
        // lets it
        // end within a life, which then sends again what it has in flight
        return List.of(
                "-Dwebhooks.store.url=" + Postgres.newDatabase(),
                "-Dwebhooks.store.user=" + Postgres.USER,
                "-Dwebhooks.store.key=" + Base64.getEncoder().encodeToString(new byte[32]),
                "-Dwebhooks.store.lease=5s");
    }

    private static void print(int number, KillRun.Kill kill) {
        System.out.printf(
                Locale.ROOT,
                "%4d  %-36s %12d %6d ms %8d ms %8d ms%n",
                number,
                kill.where(),
                kill.acknowledged(),
                kill.readyMs(),
                kill.flowingMs(),
                kill.settledMs());
    }

    private static String jar() throws IOException {
        Path jar = Path.of("target", "engagement-webhooks.jar").toAbsolutePath();
        if (!Files.exists(jar)) {
            throw new IOException(jar + " is missing: run ./mvnw package");
        }
        return jar.toString();
    }
}
