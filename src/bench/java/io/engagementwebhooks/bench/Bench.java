package io.engagementwebhooks.bench;

import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Runs the sections of the harness one after the other on loopback, checks every id at the receiver and reports which
 * bars are met. Bounded; ends by itself, with 1 if something was lost, doubled or could not be measured. A missed bar
 * does not fail it. Run it by {@code bench/run.sh}, which documents the arguments.
 */
public final class Bench {

    private static final Path IMAGES = Path.of("docs/images");
    private static final Path SCRATCH = Path.of("target/bench");

    private final List<String> arguments;
    private final Plan plan;
    private final Map<String, Section> all = new LinkedHashMap<>();
    private final Map<String, Section> chosen = new LinkedHashMap<>();
    private final Report report = new Report();

    private Bench(List<String> arguments) {
        this.arguments = arguments;
        Path home = Path.of(option("--jdk").orElse(System.getProperty("java.home")));
        List<String> options = new ArrayList<>();
        Optional.ofNullable(System.getenv("BENCH_JAVA_OPTS"))
                .filter(text -> !text.isBlank())
                .ifPresent(text -> options.addAll(List.of(text.strip().split("\\s+"))));
        if (arguments.contains("--virtual")) {
            options.add("-Dcamel.threads.virtual.enabled=true");
        }
        this.plan = arguments.contains("--quick") ? Plan.quick(home, options) : Plan.full(home, options);
        all.put("throughput", new ThroughputSection());
        all.put("latency", new LatencySection());
        all.put("latency-of-receivers", new LatencyOfReceiversSection());
        all.put("side-by-side", (each, vertx, report) -> {
            new SideBySideSection().run(each, vertx, report);
            new ColdSection(otherJdk()).run(each, vertx, report);
        });
        all.put("waiting", new WaitingSection());
        all.put("lookup", new LookupSection());
        all.put("fan-out", new FanOutSection());
        all.put("start", new StartSection());
        all.put("restart", new RestartSection());
        all.put("fairness", new FairnessSection());
        all.put("release", new ReleaseSection());
        all.put("pacing", new PacingSection());
        all.put("changes", new ChangesSection());
        all.put("jdk", new JdkSection(otherJdk()));
        choose();
    }

    private void choose() {
        Map<String, Section> named = Map.of(
                "cold", new ColdSection(otherJdk()), "compare", new CompareSection(), "erasure", new ErasureSection());
        for (String argument : arguments) {
            if (!argument.startsWith("--")) {
                Section section = all.getOrDefault(argument, named.get(argument));
                if (section == null) {
                    throw new IllegalArgumentException("there is no section '" + argument + "'; known: "
                            + String.join(", ", named.keySet()) + ", " + String.join(", ", all.keySet()));
                }
                chosen.put(argument, section);
            }
        }
        if (chosen.isEmpty()) {
            chosen.putAll(all);
            if (plan.quick()) {
                chosen.remove("jdk");
            }
        }
    }

    private static Path otherJdk() {
        return Path.of(
                Optional.ofNullable(System.getenv("BENCH_OTHER_JDK")).orElse("/usr/lib/jvm/temurin-25-jdk-amd64"));
    }

    private Optional<String> option(String name) {
        return arguments.stream()
                .filter(argument -> argument.startsWith(name + "="))
                .map(argument -> argument.substring(name.length() + 1))
                .findFirst();
    }

    public static void main(String[] arguments) throws Exception {
        List<String> given = List.of(arguments);
        if (given.contains("--table")) {
            System.out.print(Results.read(Results.newest()).markdown(false));
        } else if (given.contains("--fill")) {
            Results results = Results.read(Results.newest());
            Charts.write(results, IMAGES);
            BenchPage.fill(results);
        } else {
            boolean isWell = new Bench(given).run();
            System.exit(isWell ? 0 : 1);
        }
    }

    private boolean run() throws Exception {
        Instant begin = Instant.now();
        Machine machine = Machine.here(plan.home());
        System.out.println(machine.text());
        Vertx vertx = Vertx.vertx();
        try {
            for (Map.Entry<String, Section> section : chosen.entrySet()) {
                System.out.printf(
                        "%n== %s (after %d s)%n",
                        section.getKey(), Duration.between(begin, Instant.now()).toSeconds());
                run(section.getKey(), section.getValue(), vertx);
            }
        } finally {
            vertx.close();
        }
        Results results = new Results(
                begin.toString(),
                Duration.between(begin, Instant.now()).toSeconds(),
                ("bench/run.sh " + String.join(" ", arguments)).strip(),
                plan.quick(),
                machine,
                report.figures(),
                report.runs(),
                report.distributions(),
                report.faults());
        keep(results);
        System.out.println("\n" + results.markdown(true));
        return report.faults().isEmpty();
    }

    /** A failed section does not stop the others. */
    private void run(String name, Section section, Vertx vertx) {
        try {
            section.run(plan, vertx, report);
        } catch (Exception e) {
            e.printStackTrace();
            report.fault(name + " could not be measured: " + e.getMessage());
        }
    }

    /** Partial and short runs are not stored, unless requested. */
    private void keep(Results results) throws Exception {
        boolean isAll = chosen.keySet().containsAll(all.keySet()) && !plan.quick();
        boolean isKept = isAll || arguments.contains("--keep");
        Path folder = isKept ? Results.FOLDER : SCRATCH;
        Path file = folder.resolve(results.at().substring(0, 10) + ".json");
        results.write(file);
        Charts.write(results, isKept ? IMAGES : SCRATCH);
        if (isKept) {
            BenchPage.fill(results);
        }
        System.out.println("\nwritten to " + file);
    }
}
