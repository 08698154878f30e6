package io.engagementwebhooks.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Common steps of sections. */
final class Measuring {

    static final List<String> PLAIN = List.of();

    /** A limit above the events of any run. */
    static final int MOST_EVENTS = 6_000_000;

    private static final Duration LONGEST_ARRIVAL = Duration.ofSeconds(180);

    private Measuring() {}

    /** A folder for one process. */
    static Path folder(BenchConfig config) throws IOException {
        Path folder = Files.createTempDirectory("bench");
        Files.writeString(folder.resolve("webhooks.yaml"), config.text());
        return folder;
    }

    /** Warms up until the code is compiled, and waits for all deliveries. */
    static void warmUp(Plan plan, Loop loop, EventTimes events) throws InterruptedException {
        loop.closed(plan.warmUp()).await();
        awaitAll(events);
    }

    /** Waits until what was accepted has arrived, up to a limit. */
    static void awaitAll(EventTimes events) throws InterruptedException {
        if (events.isUsedUp()) {
            throw new IllegalStateException("more events than this run has numbers for");
        }
        await(() -> events.lost() == 0, LONGEST_ARRIVAL);
    }

    static boolean await(BooleanSupplier isSo, Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        while (!isSo.getAsBoolean()) {
            if (System.nanoTime() > end) {
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        return true;
    }

    /** With spaces between thousands. */
    static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number).replace(',', ' ');
    }

    static void say(String text) {
        System.out.println(text);
    }
}
