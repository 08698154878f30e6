package io.engagementwebhooks.bench;

import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * This build in turn with another, or with itself under other options, while something is changed. {@code BENCH_OTHER_JAR} names
 * the other's jar, {@code BENCH_OTHER_JAVA_OPTS} its options; both are on SQLite, or on PostgreSQL with {@code BENCH_STORE=postgres}.
 */
final class CompareSection implements Section {

    private static final String THIS = "this";
    private static final String OTHER = "the other";

    @Override
    public void run(Plan plan, Vertx vertx, Report report) throws Exception {
        Path jar = setting("BENCH_OTHER_JAR").map(Path::of).orElse(Program.JAR);
        List<String> options = setting("BENCH_OTHER_JAVA_OPTS")
                .map(text -> Arrays.asList(text.split("\\s+")))
                .orElse(plan.options());
        boolean postgres = setting("BENCH_STORE").filter("postgres"::equals).isPresent();
        try (Contest contest = new Contest(plan, vertx)) {
            contest.enter(Contestant.product(THIS, BenchConfig.HEADER, postgres, plan, vertx));
            contest.enter(
                    Contestant.product(OTHER, BenchConfig.HEADER, postgres, jar, plan.on(plan.home(), options), vertx));
            contest.run(report);
            report.add(new Figure(
                    "this-to-other",
                    "delivered and recorded a second, this build against the other",
                    contest.ratio(THIS, OTHER),
                    "×",
                    null,
                    contest.spread(THIS, OTHER)));
        }
    }

    private static Optional<String> setting(String name) {
        return Optional.ofNullable(System.getenv(name)).map(String::strip).filter(text -> !text.isEmpty());
    }
}
