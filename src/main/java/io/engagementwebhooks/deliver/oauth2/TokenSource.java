package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.deliver.Backoff;
import io.engagementwebhooks.deliver.NothingSentException;
import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.webhook.OAuthClient;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Tokens for OAuth clients. A token is used until shortly before it expires and fetched anew in the background from 80 %
 * of its life on, as long as it is used. However many deliveries need one at the same time, one request is made. An
 * endpoint that is down is left alone for 5 s, doubling to 5 min; a credential it refuses for 5 min, doubling to 1 h.
 *
 * <p>Thread-safe. Tokens live in memory only.
 */
public final class TokenSource {

    private final TokenEndpoint endpoint;
    private final Executor background;
    private final Clock clock;
    private final Duration patience;
    private final Map<CacheKey, CachedToken> tokens = new ConcurrentHashMap<>();
    private final Map<EndpointKey, Backoff> endpoints = new ConcurrentHashMap<>();

    /**
     * @param egress how token endpoints are called
     * @param background runs renewals that nobody waits for; a few threads suffice
     * @param clock what lives and pauses are measured by
     */
    public TokenSource(EgressClient egress, Executor background, Clock clock) {
        this(egress, background, clock, TokenEndpoint.TIMEOUT);
    }

    TokenSource(EgressClient egress, Executor background, Clock clock, Duration timeout) {
        this.endpoint = new TokenEndpoint(egress, clock, timeout);
        this.background = background;
        this.clock = clock;
        this.patience = timeout.plusSeconds(2);
    }

    /**
     * A token that can be used now, waiting for one where none is there.
     *
     * @throws NothingSentException if none is to be had, with the reason and the time to ask again
     */
    Token token(OAuthClient client) {
        CachedToken cached = cached(client);
        Instant now = clock.instant();
        Optional<Token> usable = cached.usable(now);
        usable.filter(token -> token.ageing(now)).ifPresent(token -> renewInBackground(cached, client));
        return usable.orElseGet(() -> obtain(cached, client));
    }

    /**
     * A token other than the one that a receiver refused. Asks the endpoint only if the refused one is still the one in
     * use.
     *
     * @throws NothingSentException as {@link #token}
     */
    Token tokenInsteadOf(Token refused, OAuthClient client) {
        cached(client).forget(refused);
        return token(client);
    }

    private CachedToken cached(OAuthClient client) {
        return tokens.computeIfAbsent(CacheKey.of(client), key -> new CachedToken());
    }

    private Token obtain(CachedToken cached, OAuthClient client) {
        CompletableFuture<Token> mine = new CompletableFuture<>();
        CompletableFuture<Token> joined = cached.join(mine, clock.instant());
        if (joined == mine) {
            fetch(cached, client, mine);
        }
        return await(joined);
    }

    private void renewInBackground(CachedToken cached, OAuthClient client) {
        CompletableFuture<Token> mine = new CompletableFuture<>();
        if (pause(cached, client).isEmpty() && cached.begin(mine)) {
            try {
                background.execute(() -> fetch(cached, client, mine));
            } catch (RejectedExecutionException e) {
                cached.arrived(null);
                mine.cancel(false);
            }
        }
    }

    /** Ends {@code flight} in any case: others wait for it. */
    private void fetch(CachedToken cached, OAuthClient client, CompletableFuture<Token> flight) {
        Token fetched = null;
        try {
            fetched = ask(cached, client);
            cached.arrived(fetched);
            flight.complete(fetched);
        } catch (RuntimeException | Error e) {
            cached.arrived(null);
            flight.completeExceptionally(e);
        }
    }

    private Token ask(CachedToken cached, OAuthClient client) {
        pause(cached, client).ifPresent(pause -> {
            throw unavailable(client, pause, false);
        });
        try {
            Token token = endpoint.ask(client);
            endpointBackoff(client).succeeded();
            cached.backoff().succeeded();
            return token;
        } catch (TokenFault fault) {
            throw unavailable(client, paused(cached, client, fault), fault.kind() == TokenFault.Kind.CREDENTIAL);
        }
    }

    private Backoff.Pause paused(CachedToken cached, OAuthClient client, TokenFault fault) {
        Backoff backoff = fault.kind() == TokenFault.Kind.ENDPOINT ? endpointBackoff(client) : cached.backoff();
        return backoff.failed(
                clock.instant(),
                fault.getMessage(),
                fault.kind().first(),
                fault.kind().longest(),
                fault.atLeast());
    }

    private Optional<Backoff.Pause> pause(CachedToken cached, OAuthClient client) {
        Instant now = clock.instant();
        return cached.backoff().pause(now).or(() -> endpointBackoff(client).pause(now));
    }

    private Backoff endpointBackoff(OAuthClient client) {
        return endpoints.computeIfAbsent(new EndpointKey(client.account(), client.tokenUrl()), key -> new Backoff());
    }

    private Token await(CompletableFuture<Token> flight) {
        try {
            return flight.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (CancellationException e) {
            throw new NothingSentException("Stopped while waiting for a token", soon());
        } catch (ExecutionException e) {
            throw e.getCause() instanceof NothingSentException nothing
                    ? nothing
                    : new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
            throw new NothingSentException("The token request takes too long", soon());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NothingSentException("Stopped while waiting for a token", soon());
        }
    }

    private Instant soon() {
        return clock.instant().plus(TokenFault.Kind.ENDPOINT.first());
    }

    /** @param lasting told by the try that asked; those that find a pause may leave it out */
    private static NothingSentException unavailable(OAuthClient client, Backoff.Pause pause, boolean lasting) {
        return new NothingSentException(
                "No token for OAuth client '" + client.name() + "': " + pause.reason(), pause.until(), lasting);
    }

    private record EndpointKey(String account, URI tokenUrl) {}
}
