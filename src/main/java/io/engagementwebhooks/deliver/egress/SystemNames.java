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
 * The name service of the machine, with all that {@code nsswitch.conf} names. Its lookups can neither be limited nor
 * interrupted, and it does not say how long an answer holds. Whether a name does not exist or could not be looked up is known
 * by the English texts of glibc and musl only; any other failure counts as a name that does not exist. Thread-safe.
 */
final class SystemNames implements NameService {

    private static final Duration LIFE = Duration.ofSeconds(30);
    private static final Limits LIMITS = new Limits(64, 4);

    /** EAI_AGAIN, in glibc and in musl. */
    private static final Pattern TEMPORARY = Pattern.compile(": (Temporary failure in name resolution|Try again)$");

    private final Lookup lookup;
    private final ExecutorService threads = threads();

    /** Finds the addresses of a name. */
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

    /** A lookup may be started by the thread of one that has ended and has the thread still: it waits for a moment then. */
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
    public CompletableFuture<Found> lookUp(String name) {
        return CompletableFuture.supplyAsync(() -> found(name), threads);
    }

    private Found found(String name) {
        try {
            return new Found(List.of(lookup.addresses(name)), LIFE);
        } catch (UnknownHostException e) {
            if (TEMPORARY.matcher(String.valueOf(e.getMessage())).find()) {
                throw new CompletionException(e);
            }
            return Found.none();
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
