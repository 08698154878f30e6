package io.engagementwebhooks.operate;

import java.io.PrintStream;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Prints the progress of a command: first after three seconds, then at most once a second, and less often over time.
 * Not thread-safe.
 */
final class ProgressLines {

    private static final long QUIET = TimeUnit.SECONDS.toNanos(3);
    private static final long LEAST = TimeUnit.SECONDS.toNanos(1);

    /** The part of the elapsed time between two lines; an hour has some hundred lines. */
    private static final int SHARE = 60;

    private final PrintStream out;
    private final LongSupplier nanos;
    private final long start;
    private long next;

    ProgressLines(PrintStream out) {
        this(out, System::nanoTime);
    }

    ProgressLines(PrintStream out, LongSupplier nanos) {
        this.out = out;
        this.nanos = nanos;
        this.start = nanos.getAsLong();
        this.next = QUIET;
    }

    /** Nanoseconds since the start. */
    long elapsed() {
        return nanos.getAsLong() - start;
    }

    /** Prints a line, unless it is too early. */
    void show(Supplier<String> line) {
        long elapsed = elapsed();
        if (elapsed >= next) {
            next = elapsed + Math.max(LEAST, elapsed / SHARE);
            out.println(line.get());
        }
    }
}
