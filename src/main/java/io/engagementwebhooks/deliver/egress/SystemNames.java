package io.engagementwebhooks.deliver.egress;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Looks names up by the machine's name service, with all sources of {@code nsswitch.conf}. Its lookups cannot be
 * interrupted and give no TTL. A failed lookup is distinguished from a missing name only by the English messages of
 * glibc and musl; otherwise it counts as a missing name. Thread-safe.
 */
final class SystemNames implements NameService {

    private static final Duration TTL = Duration.ofSeconds(30);
    private static final Limits LIMITS = new Limits(64, 4);

    /** EAI_AGAIN, in glibc and in musl. */
    private static final Pattern TEMPORARY = Pattern.compile(": (Temporary failure in name resolution|Try again)$");

    private final Lookup lookup;
    private final ExecutorService threads = threads();

    @FunctionalInterface
    interface Lookup {
        InetAddress[] addresses(String name) throws UnknownHostException;
    }

    SystemNames() {
        this(InetAddress::getAllByName);
    }

    SystemNames(Lookup lookup) {
        this.lookup = lookup;
    }

    /** Unbounded queue: the next lookup may start before the thread of the last one is free. */
    private static ExecutorService threads() {
        ThreadPoolExecutor threads = new ThreadPoolExecutor(
                LIMITS.inAll(),
                LIMITS.inAll(),
                30,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                new DefaultThreadFactory("egress-name-lookup", true));
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    @Override
    public CompletableFuture<Resolution> lookUp(String name) {
        return CompletableFuture.supplyAsync(() -> found(name), threads);
    }

    private Resolution found(String name) {
        try {
            return new Resolution(List.of(lookup.addresses(name)), TTL);
        } catch (UnknownHostException e) {
            if (TEMPORARY.matcher(String.valueOf(e.getMessage())).find()) {
                throw new CompletionException(e);
            }
            return Resolution.none();
        }
    }

    @Override
    public Limits limits() {
        return LIMITS;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
