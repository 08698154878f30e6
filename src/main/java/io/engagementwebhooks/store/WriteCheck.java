package io.engagementwebhooks.store;

import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * Tells whether a store takes writes, by one. After a write has failed the check writes 1 MiB until that succeeds: on a full
 * disk a few bytes still find room where no event does. Thread-safe.
 */
public final class WriteCheck {

    private static final byte[] SMALL = {1};
    private static final int LARGE = 1 << 20;

    private final Duration patience;
    private final AtomicLong failures = new AtomicLong();
    private final AtomicLong checked = new AtomicLong();

    /** @param patience how long a write may take */
    public WriteCheck(Duration patience) {
        this.patience = patience;
    }

    /** A write has failed, and not because of what was to be written. */
    public void failed() {
        failures.incrementAndGet();
    }

    /**
     * Writes.
     *
     * @param write writes a value in the place of the one before
     * @throws StoreException if no write is committed in time
     */
    public void check(Function<byte[], CompletionStage<?>> write) {
        long known = failures.get();
        if (known != checked.get()) {
            byte[] large = new byte[LARGE];
            // nothing can compress it
            ThreadLocalRandom.current().nextBytes(large);
            await(write.apply(large));
        }
        await(write.apply(SMALL));
        checked.set(known);
    }

    private void await(CompletionStage<?> written) {
        try {
            written.toCompletableFuture().get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof StoreException store ? store : new CompletionException(e.getCause());
        } catch (TimeoutException e) {
            failed();
            throw new StoreException("no write was committed for " + patience.toMillis() + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("interrupted", e);
        }
    }
}
