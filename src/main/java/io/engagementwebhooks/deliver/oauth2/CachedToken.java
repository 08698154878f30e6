package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.deliver.Backoff;
import io.engagementwebhooks.webhook.OAuthClient;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The token of one cache key, and the request for the next one where it is on its way: whoever needs a token then waits
 * for that one. Thread-safe.
 */
final class CachedToken {

    /** How long one that nobody asks for is remembered; longer than any pause, so that none is cut short. */
    private static final Duration REMEMBERED = Duration.ofHours(2);

    /** Of the credential and its answers; the endpoint has its own. */
    private final Backoff backoff = new Backoff();

    private OAuthClient client;
    private Token token;
    private Token former;
    private Instant ageingFrom;
    private Instant lastUse;
    private CompletableFuture<Token> onItsWay;
    private TokenResult last;

    Backoff backoff() {
        return backoff;
    }

    /** Notes that a delivery needs it. @param by who asks; the latest is whom renewals are for */
    synchronized CachedToken used(OAuthClient by, Instant now) {
        client = by;
        lastUse = now;
        return this;
    }

    synchronized Optional<Token> usable(Instant now) {
        return token != null && token.usable(now) ? Optional.of(token) : Optional.empty();
    }

    /** Whether the next one should be fetched now: it was used within its life, which is ending. */
    synchronized boolean ageing(Instant now) {
        return token != null
                && token.usable(now)
                && !now.isBefore(ageingFrom)
                && lastUse.isAfter(now.minus(token.life()));
    }

    synchronized OAuthClient client() {
        return client;
    }

    /** Whether it can be dropped. */
    synchronized boolean forgotten(Instant now) {
        return onItsWay == null && usable(now).isEmpty() && lastUse.isBefore(now.minus(REMEMBERED));
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

    /**
     * Ends what was on its way.
     *
     * @param fetched what came, or null
     * @param jitter from 0 to 1, for {@link Token#ageingFrom}
     */
    synchronized void arrived(Token fetched, double jitter) {
        onItsWay = null;
        if (fetched != null) {
            token = fetched;
            former = fetched;
            ageingFrom = fetched.ageingFrom(jitter);
        }
    }

    /** The last one there was, also if it was refused; null: there was none. */
    synchronized Token former() {
        return former;
    }

    synchronized void noted(TokenResult result) {
        last = result;
    }

    /** How the last request ended, or null: there was none. */
    synchronized TokenResult last() {
        return last;
    }
}
