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
 * Checks with a write whether a store accepts writes. After a failed write it writes 1 MiB until that succeeds: a full
 * disk may have space for a few bytes and for no event. Thread-safe.
 */
public final class WriteCheck {

    private static final byte[] SMALL = {1};
    private static final int LARGE = 1 << 20;

    private final Duration timeout;
    private final AtomicLong failures = new AtomicLong();
    private final AtomicLong checked = new AtomicLong();

    /** @param patience the longest a write may take */
    public WriteCheck(Duration patience) {
        this.timeout = patience;
    }

    /** Records that a write failed because of the store, not of the data. */
    public void failed() {
        failures.incrementAndGet();
    }

    /**
     * @param write replaces the stored value
     * @throws StoreException if no write is committed in time
     */
    public void check(Function<byte[], CompletionStage<?>> write) {
        long failuresBefore = failures.get();
        if (failuresBefore != checked.get()) {
            byte[] large = new byte[LARGE];
            // random, so that it cannot be compressed
            ThreadLocalRandom.current().nextBytes(large);
            await(write.apply(large));
        }
        await(write.apply(SMALL));
        checked.set(failuresBefore);
    }

    private void await(CompletionStage<?> written) {
        try {
            written.toCompletableFuture().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof StoreException store ? store : new CompletionException(e.getCause());
        } catch (TimeoutException e) {
            failed();
            throw new StoreException("no write was committed for " + timeout.toMillis() + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("interrupted", e);
        }
    }
}
