package io.engagementwebhooks.credential;

import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.ledger.FatalErrors;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Caches a token; concurrent callers share one request for the next one. Thread-safe; no lock is held during a request.
 *
 * @param <T> a token; each fetched one is a separate object, even with the same text
 */
public final class CachedToken<T> {

    private final Function<T, CompletableFuture<T>> fetcher;
    private final Function<T, Life> lives;
    private final Clock clock;

    private Issued<T> latest;
    private boolean isDiscarded;
    private CompletableFuture<T> pending;

    /**
     * The lifetime of a token.
     *
     * @param renewFrom when the next one may be fetched in the background
     * @param usableUntil when it is no longer used
     */
    public record Life(Instant renewFrom, Instant usableUntil) {

        /** A lifetime without end: the token is used until refused, and may be renewed at any time. */
        public static final Life UNLIMITED = new Life(Instant.MIN, Instant.MAX);
    }

    private record Issued<T>(T token, Life life) {}

    /**
     * @param fetcher requests the next token, given the latest one or null; called on the thread that needs the token
     * @param lives gives the lifetime of a fetched token
     */
    public CachedToken(Function<T, CompletableFuture<T>> fetcher, Function<T, Life> lives, Clock clock) {
        this.fetcher = fetcher;
        this.lives = lives;
        this.clock = clock;
    }

    /**
     * The token, or that of the pending request, or of a new one. Fails like the fetcher's future. Do not complete it.
     */
    public CompletableFuture<T> obtain() {
        CompletableFuture<T> mine;
        synchronized (this) {
            if (usable().isPresent()) {
                return CompletableFuture.completedFuture(latest.token);
            }
            if (pending != null) {
                return pending;
            }
            pending = new CompletableFuture<>();
            mine = pending;
        }
        fetch(mine);
        return mine;
    }

    /** As {@link #obtain}, but never the refused token: its successor, or a new one. */
    public CompletableFuture<T> obtainInsteadOf(T refused) {
        discard(refused);
        return obtain();
    }

    /**
     * Sends a request with the token, and once more with its successor or a new one.
     *
     * @param <A> an answer
     * @param send sends with a token, given the refused answer of the first request or null
     * @param isResent whether an answer refuses the token and the request is sent once more
     */
    public <A> CompletableFuture<A> send(BiFunction<T, A, CompletableFuture<A>> send, Predicate<A> isResent) {
        return obtain().thenCompose(token -> send.apply(token, null)
                .thenCompose(answer -> isResent.test(answer)
                        ? obtainInsteadOf(token).thenCompose(other -> send.apply(other, answer))
                        : CompletableFuture.completedFuture(answer)));
    }

    /** Requests the next token if it is due; the current one is used until then. */
    public void renewAhead() {
        CompletableFuture<T> mine;
        synchronized (this) {
            boolean isDue = usable().isPresent() && !clock.instant().isBefore(latest.life.renewFrom);
            if (!isDue || pending != null) {
                return;
            }
            pending = new CompletableFuture<>();
            mine = pending;
        }
        fetch(mine);
    }

    /** Discards a token, unless it was replaced already. */
    public synchronized void discard(T refused) {
        isDiscarded |= latest != null && latest.token == refused;
    }

    /** The token, if it can be used now. */
    public synchronized Optional<T> usable() {
        return Optional.ofNullable(latest)
                .filter(issued -> !isDiscarded && clock.instant().isBefore(issued.life.usableUntil))
                .map(Issued::token);
    }

    /** Whether a token is being requested. */
    public synchronized boolean isPending() {
        return pending != null;
    }

    private void fetch(CompletableFuture<T> mine) {
        try {
            fetcher.apply(former())
                    .thenApply(token -> new Issued<>(token, lives.apply(token)))
                    .whenComplete((issued, failure) -> arrived(mine, issued, failure));
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            arrived(mine, null, e);
        }
    }

    private synchronized T former() {
        return latest == null ? null : latest.token;
    }

    private void arrived(CompletableFuture<T> mine, Issued<T> issued, Throwable failure) {
        synchronized (this) {
            pending = null;
            if (issued != null) {
                latest = issued;
                isDiscarded = false;
            }
        }
        if (issued != null) {
            mine.complete(issued.token);
        } else {
            FatalErrors.check(failure);
            mine.completeExceptionally(Causes.unwrapped(failure));
        }
    }
}
