package io.engagementwebhooks.deliver.egress;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Looks names up with a time limit. The platform's lookup can neither be limited nor interrupted, so it runs on threads
 * of its own; one that hangs keeps its thread until the name service gives up, and at most {@value #THREADS} hang at a
 * time. Thread-safe.
 */
final class TimedLookup implements AutoCloseable {

    private static final int THREADS = 64;

    private final NameLookup lookup;
    private final ExecutorService threads = new ThreadPoolExecutor(
            0,
            THREADS,
            30,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> Deadlines.daemon(task, "egress-name-lookup"));

    TimedLookup(NameLookup lookup) {
        this.lookup = lookup;
    }

    InetAddress[] addresses(String name, long nanos) throws UnknownHostException {
        Future<InetAddress[]> answer = start(name);
        try {
            return answer.get(nanos, TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof UnknownHostException unknown ? unknown : new UnknownHostException(name);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new UnknownHostException(name);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnknownHostException(name);
        }
    }

    private Future<InetAddress[]> start(String name) throws UnknownHostException {
        try {
            return threads.submit(() -> lookup.addresses(name));
        } catch (RejectedExecutionException e) {
            throw new UnknownHostException(name);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
