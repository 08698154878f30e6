package io.engagementwebhooks.bench.kill;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * The full kill harness, on the jar; prints the tables of docs/internals/benchmarks.md and ends with status 1 if anything was
 * lost or wrong.
 */
public final class KillMain {

    private static final OperatingSystemMXBean MACHINE = ManagementFactory.getOperatingSystemMXBean();

    private KillMain() {}

    /**
     * @param arguments how often at each point, how often at random moments, {@code sqlite} or {@code postgres}, and the
     *     commit the jar is of; or {@code in-flight} and how many requests, instead of the first two
     */
    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("in-flight")) {
            inFlight(arguments);
        } else {
            atPoints(arguments);
        }
    }

    private static void inFlight(String[] arguments) throws Exception {
        KillStore store = store(arguments);
        String load = load();
        Path folder = Files.createTempDirectory("kill");
        KillInFlight.Account account;
        try (KillInFlight run =
                new KillInFlight(folder, List.of("-jar", jar()), store, Integer.parseInt(arguments[1]))) {
            account = run.run();
        }
        System.out.println(heading(arguments, load));
        System.out.println(account.table(store));
        account.faults().forEach(System.out::println);
        System.exit(account.lost() == 0 && account.faults().isEmpty() ? 0 : 1);
    }

    private static KillStore store(String[] arguments) throws IOException {
        return arguments[2].equals("postgres") ? KillStore.postgres() : KillStore.sqlite();
    }

    private static String heading(String[] arguments, String load) {
        return "\n`bench/kill/run.sh "
                + String.join(" ", List.of(arguments).subList(0, 3)) + "`, "
                + LocalDate.now() + ", commit " + arguments[3] + ", JDK " + System.getProperty("java.version") + ", "
                + MACHINE.getAvailableProcessors() + " cores, load average " + load + " at the beginning and " + load()
                + " at the end:\n";
    }

    private static void atPoints(String[] arguments) throws Exception {
        List<KillPoint> points = points(Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]));
        KillStore store = store(arguments);
        Path folder = Files.createTempDirectory("kill");
        String load = load();
        KillRun.Account account;
        try (KillRun run = new KillRun(folder, List.of("-jar", jar()), store, KillMain::print)) {
            System.out.println(points.size() + " kills in " + folder + "; the log of all lives is there\n");
            System.out.printf(
                    Locale.ROOT,
                    "%4s  %-36s %12s %8s %9s %11s %11s%n",
                    "",
                    "killed",
                    "acknowledged",
                    "repeated",
                    "ready",
                    "flowing",
                    "settled");
            account = run.run(points);
        }
        System.out.println(heading(arguments, load));
        System.out.println(KillTable.of(store, account));
        account.faults().forEach(System.out::println);
        System.exit(account.lost() == 0 && account.faults().isEmpty() ? 0 : 1);
    }

    /** In any order, but as {@link KillRun#run} can have them. */
    private static List<KillPoint> points(int each, int random) {
        List<KillPoint> points = new ArrayList<>();
        for (KillPoint point : KillPoint.values()) {
            points.addAll(Collections.nCopies(each, point));
        }
        points.addAll(Collections.nCopies(random, null));
        do {
            Collections.shuffle(points);
        } while (Collections.indexOfSubList(points, List.of(KillPoint.REPLAY, KillPoint.RETENTION)) >= 0);
        return points;
    }

    private static String load() {
        return String.format(Locale.ROOT, "%.0f", MACHINE.getSystemLoadAverage());
    }

    private static void print(int number, KillRun.Kill kill) {
        System.out.printf(
                Locale.ROOT,
                "%4d  %-36s %12d %8d %6d ms %8d ms %8d ms%n",
                number,
                kill.where(),
                kill.acknowledged(),
                kill.repeated(),
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
