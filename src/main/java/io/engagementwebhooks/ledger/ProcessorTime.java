package io.engagementwebhooks.ledger;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.function.LongSupplier;

/** The processor time of the current thread in nanoseconds. For a virtual thread, the wall-clock time. */
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
