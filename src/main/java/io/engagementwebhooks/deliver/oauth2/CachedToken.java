package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.deliver.Backoff;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The token of one cache key, and the request for the next one where it is on its way: whoever needs a token then waits
 * for that one. Thread-safe.
 */
final class CachedToken {

    /** Of the credential and its answers; the endpoint has its own. */
    private final Backoff backoff = new Backoff();

    private Token token;
    private CompletableFuture<Token> onItsWay;

    Backoff backoff() {
        return backoff;
    }

    synchronized Optional<Token> usable(Instant now) {
        return token != null && token.usable(now) ? Optional.of(token) : Optional.empty();
    }

    /** Forgets a token that a receiver refused, unless it has been replaced already. */
    synchronized void forget(Token refused) {
        if (token == refused) {
            token = null;
        }
    }

    /** A usable token, or the request on its way, or {@code mine}, which is then on its way and the caller's to fetch. */
    synchronized CompletableFuture<Token> join(CompletableFuture<Token> mine, Instant now) {
        if (usable(now).isPresent()) {
            return CompletableFuture.completedFuture(token);
        }
        return begin(mine) ? mine : onItsWay;
    }

    /** Whether {@code mine} is now on its way, because nothing else was. */
    synchronized boolean begin(CompletableFuture<Token> mine) {
        if (onItsWay == null) {
            onItsWay = mine;
        }
        return onItsWay == mine;
    }

    /** @param fetched what came, or null */
    synchronized void arrived(Token fetched) {
        onItsWay = null;
        if (fetched != null) {
            token = fetched;
        }
    }
}
