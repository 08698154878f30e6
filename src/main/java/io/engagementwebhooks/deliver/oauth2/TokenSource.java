package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.deliver.Backoff;
import io.engagementwebhooks.deliver.NothingSentException;
import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.webhook.OAuthClient;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
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

    private final TokenEndpoint endpoint;
    /** Null: nobody else uses these tokens. */
    private final SharedTokens shared;

    private final BiConsumer<String, Runnable> sharers;
    private final Clock clock;
    private final DoubleSupplier random;
    private final Duration patience;
    private final Map<CacheKey, CachedToken> tokens = new ConcurrentHashMap<>();
    private final Map<EndpointKey, Backoff> endpoints = new ConcurrentHashMap<>();

    /**
     * @param egress how token endpoints are called
     * @param answers reads answers; a few threads suffice
     * @param clock what lives and pauses are measured by
     * @param random from 0 to 1, spreads renewals
     */
    public TokenSource(EgressClient egress, Executor answers, Clock clock, DoubleSupplier random) {
        this(egress, answers, clock, random, TokenEndpoint.TIMEOUT);
    }

    /** One whose tokens several instances share. @param sharers wait for the store and for another instance, by account */
    public static TokenSource sharing(
            TokenSharing sharing,
            EgressClient egress,
            BiConsumer<String, Runnable> sharers,
            Clock clock,
            DoubleSupplier random) {
        return new TokenSource(sharing, egress, Runnable::run, sharers, clock, random, TokenEndpoint.TIMEOUT);
    }

    TokenSource(EgressClient egress, Executor answers, Clock clock, DoubleSupplier random, Duration timeout) {
        this(null, egress, answers, (account, task) -> task.run(), clock, random, timeout);
    }

    private TokenSource(
            TokenSharing sharing,
            EgressClient egress,
            Executor answers,
            BiConsumer<String, Runnable> sharers,
            Clock clock,
            DoubleSupplier random,
            Duration timeout) {
        this.shared = sharing == null ? null : new SharedTokens(sharing, clock, timeout.plusSeconds(1));
        this.endpoint = new TokenEndpoint(egress, answers, clock, timeout);
        this.sharers = sharers;
        this.clock = clock;
        this.random = random;
        this.patience = timeout.plusSeconds(2);
    }

    /**
     * A token that can be used now: one that is there, or that of the request on its way, or of one that begins. Fails with a
     * {@link NothingSentException} if none is to be had, with the reason and the time to ask again. Not to be completed by others.
     */
    CompletableFuture<Token> obtain(OAuthClient client) {
        CachedToken cached = cached(client);
        Optional<Token> usable = cached.usable(clock.instant());
        if (usable.isPresent()) {
            return CompletableFuture.completedFuture(usable.get());
        }
        CompletableFuture<Token> mine = new CompletableFuture<>();
        CompletableFuture<Token> joined = cached.join(mine, clock.instant());
        if (joined == mine) {
            fetch(cached, client, mine);
        }
        return joined;
    }

    /** As {@link #obtain}, other than one that a receiver refused: the endpoint is asked only if that is still the one in use. */
    CompletableFuture<Token> obtainInsteadOf(Token refused, OAuthClient client) {
        cached(client).forget(refused);
        return obtain(client);
    }

    /** How long it is worth to wait for one. */
    Duration patience() {
        return patience;
    }

    /** That it took longer. */
    NothingSentException tooLong() {
        return new NothingSentException(
                "The token request takes long", clock.instant().plus(ASK_AGAIN));
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
            return new TokenTest(null, TokenErrorHint.on(token), life, Duration.between(start, clock.instant()));
        } catch (TokenException fault) {
            String words = fault.getMessage() + ". " + TokenErrorHint.on(fault.trouble(), client);
            return new TokenTest(fault.trouble().code(), words, null, Duration.between(start, clock.instant()));
        } catch (NothingSentException unsent) {
            String code = TokenError.NO_ANSWER.code();
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

    private void renewInBackground(CachedToken cached, OAuthClient client) {
        CompletableFuture<Token> mine = new CompletableFuture<>();
        if (pause(cached, client).isEmpty() && cached.begin(mine)) {
            fetch(cached, client, mine);
        }
    }

    /** Ends {@code mine} in any case: others wait for it. */
    private void fetch(CachedToken cached, OAuthClient client, CompletableFuture<Token> mine) {
        try {
            pause(cached, client).ifPresent(pause -> {
                throw unavailable(client, pause, false);
            });
            if (shared == null) {
                endpoint.begin(client).whenComplete((token, failure) -> fetched(cached, client, mine, token, failure));
            } else {
                sharers.accept(client.account(), () -> fetchShared(cached, client, mine));
            }
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            fetched(cached, client, mine, null, e);
        }
    }

    private void fetchShared(CachedToken cached, OAuthClient client, CompletableFuture<Token> mine) {
        Token token = null;
        Throwable failure = null;
        try {
            token = shared.newer(cached.former(), client, () -> endpoint.ask(client));
        } catch (TokenException | RuntimeException | Error e) {
            FatalErrors.check(e);
            failure = e;
        }
        fetched(cached, client, mine, token, failure);
    }

    private void fetched(
            CachedToken cached, OAuthClient client, CompletableFuture<Token> mine, Token token, Throwable failure) {
        try {
            if (failure == null) {
                cached.noted(TokenResult.of(token));
                endpointBackoff(client).succeeded();
                cached.backoff().succeeded();
                cached.arrived(token, random.getAsDouble());
                mine.complete(token);
                return;
            }
            Throwable reason = failure instanceof TokenException fault ? unavailable(cached, client, fault) : failure;
            cached.arrived(null, 0);
            mine.completeExceptionally(reason);
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            cached.arrived(null, 0);
            mine.completeExceptionally(e);
        }
    }

    private NothingSentException unavailable(CachedToken cached, OAuthClient client, TokenException fault) {
        cached.noted(new TokenResult(clock.instant(), fault.getMessage(), null));
        return unavailable(client, paused(cached, client, fault), fault.kind() == TokenException.Kind.CREDENTIAL);
    }

    private Backoff.Pause paused(CachedToken cached, OAuthClient client, TokenException fault) {
        Backoff backoff = fault.kind() == TokenException.Kind.ENDPOINT ? endpointBackoff(client) : cached.backoff();
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

    /** @param lasting told by the try that asked; those that find a pause may leave it out */
    private static NothingSentException unavailable(OAuthClient client, Backoff.Pause pause, boolean lasting) {
        return new NothingSentException(
                "No token for OAuth client '" + client.name() + "': " + pause.reason(), pause.until(), lasting);
    }

    /** A certificate that is refused, or a CA that is none of the server's, is one client's trouble. */
    private record EndpointKey(String account, URI tokenUrl, String tls) {}
}
