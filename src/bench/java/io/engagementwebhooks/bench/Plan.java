package io.engagementwebhooks.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How long and how much is measured, and on which JDK the measured processes run.
 *
 * @param quick whether this is the short form, whose figures only tell whether something is far off
 * @param warmUp before a throughput or a latency is measured: until the compiler takes a small part of the processor
 * @param load of a process that is killed under it
 * @param turns how many each has whose throughput is compared
 * @param turn how long each takes
 * @param openWarmUp at the fixed rate, after a warm-up in a closed loop
 * @param openMeasure at the fixed rate
 * @param connections of the closed loop
 * @param waiting how many deliveries wait in the large run
 * @param webhooks how many there are in the large run
 * @param fairness with and without bad receivers, each; a release to a narrow receiver, with and without a rate limit, each
 * @param starts how often the start is measured
 * @param kills how often the process is killed
 * @param home of the JDK
 * @param options of the measured processes
 */
record Plan(
        boolean quick,
        Duration warmUp,
        Duration load,
        int turns,
        Duration turn,
        Duration openWarmUp,
        Duration openMeasure,
        int connections,
        int waiting,
        int webhooks,
        Duration fairness,
        int starts,
        int kills,
        Path home,
        List<String> options) {

    static Plan full(Path home, List<String> options) {
        return new Plan(
                false,
                Duration.ofSeconds(90),
                Duration.ofSeconds(30),
                7,
                Duration.ofSeconds(5),
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                64,
                1_000_000,
                100_000,
                Duration.ofSeconds(60),
                7,
                3,
                home,
                options);
    }

    static Plan quick(Path home, List<String> options) {
        return new Plan(
                true,
                Duration.ofSeconds(8),
                Duration.ofSeconds(8),
                3,
                Duration.ofSeconds(3),
                Duration.ofSeconds(3),
                Duration.ofSeconds(8),
                64,
                100_000,
                20_000,
                Duration.ofSeconds(25),
                3,
                1,
                home,
                options);
    }

    /** The same with more options. */
    Plan with(String option) {
        List<String> more = new ArrayList<>(options);
        more.add(option);
        return on(home, more);
    }

    /** The same with another JDK or other options. */
    Plan on(Path otherHome, List<String> otherOptions) {
        return new Plan(
                quick,
                warmUp,
                load,
                turns,
                turn,
                openWarmUp,
                openMeasure,
                connections,
                waiting,
                webhooks,
                fairness,
                starts,
                kills,
                otherHome,
                otherOptions);
    }
}
