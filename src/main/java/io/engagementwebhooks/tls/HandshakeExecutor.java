package io.engagementwebhooks.tls;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Threads for the computations of TLS handshakes, with a bounded queue per key, such as an address. Keys are served by
 * round robin. One key may queue a quarter of the free capacity, and always one task. Thread-safe.
 */
public final class HandshakeExecutor implements AutoCloseable {

    /** The most queued tasks. A task takes about a millisecond. */
    static final int MAX_QUEUED = 512;

    private static final int DIVISOR = 4;

    private final ThreadPoolExecutor threads;

    /** Keys with queued tasks; the first one is next. */
    private final Map<String, Queue<Runnable>> queues = new LinkedHashMap<>();

    private int queued;

    /**
     * @param name of the threads
     * @param size number of threads
     */
    public HandshakeExecutor(String name, int size) {
        threads = new ThreadPoolExecutor(size, size, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
        threads.allowCoreThreadTimeOut(true);
    }

    /**
     * Queues a task.
     *
     * @throws RejectedExecutionException if the key's queue is full, or the executor is closed
     */
    public void execute(String key, Runnable task) {
        synchronized (this) {
            Queue<Runnable> queue = queues.get(key);
            int free = MAX_QUEUED - queued;
            if (free == 0 || queue != null && queue.size() >= free / DIVISOR) {
                throw new RejectedExecutionException("too many TLS handshakes of " + key);
            }
            queues.computeIfAbsent(key, each -> new ArrayDeque<>()).add(task);
            queued++;
        }
        threads.execute(() -> next().run());
    }

    private synchronized Runnable next() {
        Iterator<Map.Entry<String, Queue<Runnable>>> rotation =
                queues.entrySet().iterator();
        Map.Entry<String, Queue<Runnable>> first = rotation.next();
        rotation.remove();
        Runnable task = first.getValue().remove();
        if (!first.getValue().isEmpty()) {
            queues.put(first.getKey(), first.getValue());
        }
        queued--;
        return task;
    }

    /** The number of queued tasks. */
    public synchronized int queued() {
        return queued;
    }

    /** Drops queued tasks. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
