package io.engagementwebhooks.credential;

import io.engagementwebhooks.ledger.FatalErrors;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/**
 * A token, and the request for the next one: however many callers need a token at the same time, one request is made.
 * Thread-safe; no lock is held during a request.
 *
 * @param <T> a token; each one that is fetched is another object, also where its text is the same
 */
public final class CachedToken<T> {

    private final Function<T, CompletableFuture<T>> fetcher;
    private final Function<T, Life> lives;
    private final Clock clock;

    private Issued<T> latest;
    private boolean isDiscarded;
    private CompletableFuture<T> pending;

    /**
     * How long a token is used.
     *
     * @param renewFrom from then on the next one may be fetched while this one is still used
     * @param usableUntil from then on it is not used any more
     */
    public record Life(Instant renewFrom, Instant usableUntil) {

        /** A token that is good until it is refused. */
        public static final Life UNLIMITED = new Life(Instant.MAX, Instant.MAX);
    }

    private record Issued<T>(T token, Life life) {}

    /**
     * @param fetcher requests the next token, given the latest one or null; called by the thread that needs the token
     * @param lives tells the life of a token that was fetched
     */
    public CachedToken(Function<T, CompletableFuture<T>> fetcher, Function<T, Life> lives, Clock clock) {
        this.fetcher = fetcher;
        this.lives = lives;
        this.clock = clock;
    }

    /** The token, or that of the pending request, or of a new one. Fails as the fetcher's future does; not to be completed. */
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

    /** As {@link #obtain}, but not the token that was refused: the one that replaced it already, or a new one. */
    public CompletableFuture<T> obtainInsteadOf(T refused) {
        discard(refused);
        return obtain();
    }

    /** Requests the next token if it is time for it; the present one is used until it arrives. */
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

    /** Does not use a token any more, unless it has been replaced already. */
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
            mine.completeExceptionally(failure instanceof CompletionException ? failure.getCause() : failure);
        }
    }
}
