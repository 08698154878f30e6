package io.engagementwebhooks.ledger;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.function.LongSupplier;

/**
 * The time the current thread has run, in nanoseconds: waiting for a processor or for the garbage collector does not
 * count. Where a thread's own time is not known (a virtual thread), the time of the clock.
 */
public final class ProcessorTime implements LongSupplier {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    @Override
    public long getAsLong() {
        long time = ofThread();
        return time < 0 ? System.nanoTime() : time;
    }

    private static long ofThread() {
        try {
            return THREADS.getCurrentThreadCpuTime();
        } catch (UnsupportedOperationException e) {
            return -1;
        }
    }
}
