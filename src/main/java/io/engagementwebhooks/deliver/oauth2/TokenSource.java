package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.deliver.Backoff;
import io.engagementwebhooks.deliver.NothingSentException;
import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.ledger.SharedBudget;
import io.engagementwebhooks.webhook.OAuthClient;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.DoubleSupplier;

/**
 * Tokens for OAuth clients. A token is used until shortly before it expires and fetched anew in the background at 80 to
 * 85 % of its life, as long as it was used within the last life. However many deliveries need one at the same time, one request is made. An
 * endpoint that is down is left alone for 5 s, doubling to 5 min; a credential it refuses for 5 min, doubling to 1 h.
 *
 * <p>Thread-safe. Tokens live in memory only, but where several instances share them.
 */
public final class TokenSource {

    /** For deliveries that do not wait for a request that takes long. */
    private static final Duration ASK_AGAIN = Duration.ofSeconds(1);

    /** How long a delivery waits for a token that others wait for, where its account has no thread left to wait with. */
    private static final Duration GLANCE = Duration.ofMillis(100);

    private final TokenEndpoint endpoint;
    /** Null: nobody else uses these tokens. */
    private final SharedTokens shared;

    private final Executor background;
    private final Clock clock;
    private final DoubleSupplier random;
    private final Duration patience;
    private final Map<CacheKey, CachedToken> tokens = new ConcurrentHashMap<>();
    private final Map<EndpointKey, Backoff> endpoints = new ConcurrentHashMap<>();
    private volatile SharedBudget waiting = new SharedBudget(Integer.MAX_VALUE, Integer.MAX_VALUE);

    /**
     * @param egress how token endpoints are called
     * @param background runs renewals that nobody waits for; a few threads suffice
     * @param clock what lives and pauses are measured by
     * @param random from 0 to 1, spreads renewals
     */
    public TokenSource(EgressClient egress, Executor background, Clock clock, DoubleSupplier random) {
        this(egress, background, clock, random, TokenEndpoint.TIMEOUT);
    }

    /** One whose tokens several instances share. */
    public static TokenSource sharing(
            TokenSharing sharing, EgressClient egress, Executor background, Clock clock, DoubleSupplier random) {
        return new TokenSource(sharing, egress, background, clock, random, TokenEndpoint.TIMEOUT);
    }

    TokenSource(EgressClient egress, Executor background, Clock clock, DoubleSupplier random, Duration timeout) {
        this(null, egress, background, clock, random, timeout);
    }

    private TokenSource(
            TokenSharing sharing,
            EgressClient egress,
            Executor background,
            Clock clock,
            DoubleSupplier random,
            Duration timeout) {
        this.shared = sharing == null ? null : new SharedTokens(sharing, clock, timeout.plusSeconds(1));
        this.endpoint = new TokenEndpoint(egress, clock, timeout);
        this.background = background;
        this.clock = clock;
        this.random = random;
        this.patience = timeout.plusSeconds(2);
    }

    /**
     * Bounds how many threads wait for tokens: all accounts together three quarters of those that deliver, one account half.
     * What finds no thread is due again a second later. Without this call there is no bound.
     *
     * @param threads how many deliver
     */
    public TokenSource sharingThreads(int threads) {
        waiting = new SharedBudget(Math.max(1, threads * 3 / 4), Math.max(1, threads / 2));
        return this;
    }

    /**
     * A token that can be used now, waiting for one where none is there.
     *
     * @throws NothingSentException if none is to be had, with the reason and the time to ask again
     */
    Token token(OAuthClient client) {
        CachedToken cached = cached(client);
        return cached.usable(clock.instant()).orElseGet(() -> obtain(cached, client));
    }

    /** Whether the next {@link #token} asks the endpoint, or waits for who does. */
    boolean asksFor(OAuthClient client) {
        CachedToken cached = cached(client);
        return cached.usable(clock.instant()).isEmpty() && pause(cached, client).isEmpty();
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

    /**
     * Drops a client's token, as if a receiver had refused it: the next delivery asks for another.
     *
     * @return whether there was one
     */
    public boolean drop(OAuthClient client) {
        Optional<CachedToken> cached = known(client);
        Optional<Token> token = cached.flatMap(known -> known.usable(clock.instant()));
        token.ifPresent(refused -> cached.get().forget(refused));
        return token.isPresent();
    }

    /**
     * Renews in the background what is in use and ending, and drops what nobody has asked for in a long time. To be
     * called every second or so.
     */
    public void renewAgeing() {
        Instant now = clock.instant();
        for (CacheKey key : tokens.keySet()) {
            CachedToken cached = tokens.computeIfPresent(key, (k, known) -> known.forgotten(now) ? null : known);
            if (cached != null && cached.ageing(now)) {
                renewInBackground(cached, cached.client());
            }
        }
    }

    /** How the last request for a client's token ended; empty: there was none since the start. */
    public Optional<TokenResult> last(OAuthClient client) {
        return known(client).map(CachedToken::last);
    }

    /** Why deliveries of a client wait for a token now; empty: they do not. */
    public Optional<String> problem(OAuthClient client) {
        Optional<CachedToken> cached = known(client);
        return cached.filter(token -> token.usable(clock.instant()).isEmpty())
                .flatMap(token -> pause(token, client))
                .map(Backoff.Pause::reason);
    }

    /**
     * Asks for a token on trial: past the cache and past every pause, and without changing either. Waits for the answer,
     * at most as long as a token request may take.
     */
    public TokenTest test(OAuthClient client) {
        Instant start = clock.instant();
        try {
            Token token = endpoint.ask(client);
            Duration life = token.lifeTold() ? token.life() : null;
            return new TokenTest(null, TokenAdvice.on(token), life, Duration.between(start, clock.instant()));
        } catch (TokenFault fault) {
            String words = fault.getMessage() + ". " + TokenAdvice.on(fault.trouble(), client);
            return new TokenTest(fault.trouble().code(), words, null, Duration.between(start, clock.instant()));
        } catch (NothingSentException unsent) {
            String code = TokenTrouble.NO_ANSWER.code();
            return new TokenTest(code, unsent.getMessage(), null, Duration.between(start, clock.instant()));
        }
    }

    private Optional<CachedToken> known(OAuthClient client) {
        return Optional.ofNullable(tokens.get(CacheKey.of(client)));
    }

    private CachedToken cached(OAuthClient client) {
        Instant now = clock.instant();
        return tokens.compute(
                CacheKey.of(client), (key, known) -> (known == null ? new CachedToken() : known).used(client, now));
    }

    private Token obtain(CachedToken cached, OAuthClient client) {
        SharedBudget.Share share = waiting.of(client.account());
        if (!share.tryAcquire(1)) {
            return await(cached.running(clock.instant()).orElseThrow(this::tooManyWait), GLANCE);
        }
        try {
            Flight mine = new Flight();
            Flight joined = cached.join(mine, clock.instant());
            if (joined == mine) {
                fetch(cached, client, mine);
            }
            return await(joined, joined.patience(patience));
        } finally {
            share.release(1);
        }
    }

    private NothingSentException tooManyWait() {
        return new NothingSentException(
                "Other deliveries of this account wait for tokens",
                clock.instant().plus(ASK_AGAIN));
    }

    private void renewInBackground(CachedToken cached, OAuthClient client) {
        Flight mine = new Flight();
        if (pause(cached, client).isEmpty() && cached.begin(mine)) {
            try {
                background.execute(() -> fetch(cached, client, mine));
            } catch (RejectedExecutionException e) {
                cached.arrived(null, 0);
                mine.cancel(false);
            }
        }
    }

    /** Ends {@code flight} in any case: others wait for it. */
    private void fetch(CachedToken cached, OAuthClient client, Flight flight) {
        try {
            Token fetched = ask(cached, client);
            cached.arrived(fetched, random.getAsDouble());
            flight.complete(fetched);
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            cached.arrived(null, 0);
            flight.completeExceptionally(e);
        }
    }

    private Token ask(CachedToken cached, OAuthClient client) {
        pause(cached, client).ifPresent(pause -> {
            throw unavailable(client, pause, false);
        });
        try {
            Token token = shared == null
                    ? endpoint.ask(client)
                    : shared.newer(cached.former(), client, () -> endpoint.ask(client));
            cached.noted(TokenResult.of(token));
            endpointBackoff(client).succeeded();
            cached.backoff().succeeded();
            return token;
        } catch (TokenFault fault) {
            cached.noted(new TokenResult(clock.instant(), fault.getMessage(), null));
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
        return endpoints.computeIfAbsent(
                new EndpointKey(
                        client.account(), client.tokenUrl(), client.tls().identity()),
                key -> new Backoff());
    }

    private Token await(Flight flight, Duration most) {
        try {
            return flight.get(most.toMillis(), TimeUnit.MILLISECONDS);
        } catch (CancellationException e) {
            throw new NothingSentException("Stopped while waiting for a token", soon());
        } catch (ExecutionException e) {
            throw e.getCause() instanceof NothingSentException nothing
                    ? nothing
                    : new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
            throw new NothingSentException(
                    "The token request takes long", clock.instant().plus(ASK_AGAIN));
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

    /** A certificate that is refused, or a CA that is none of the server's, is one client's trouble. */
    private record EndpointKey(String account, URI tokenUrl, String tls) {}
}
