package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.credential.Backoff;
import io.engagementwebhooks.credential.Backoffs;
import io.engagementwebhooks.credential.CachedToken;
import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.deliver.step.ContinuationExecutor;
import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.webhook.OAuthClient;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.DoubleSupplier;

/**
 * Caches tokens of OAuth clients. A token is renewed in the background at 80 to 85 % of its lifetime, if it was used
 * within its last lifetime. Concurrent deliveries share one token request. Backoff is 5 s, doubling to 5 min, for an
 * endpoint that is down, and 5 min, doubling to 1 h, for a refused credential.
 *
 * <p>Thread-safe. Tokens are only in memory, unless instances share them.
 */
public final class TokenSource {

    /** Retry delay of deliveries after a slow token request. */
    private static final Duration SLOW_REQUEST_RETRY = Duration.ofSeconds(1);

    /** How long an unused token is kept; longer than any backoff, so that none is cut short. */
    private static final Duration REMEMBERED = Duration.ofHours(2);

    private final TokenEndpoint endpoint;
    private final SharedTokens shared;
    private final BiConsumer<String, Runnable> threads;
    private final Clock clock;
    private final DoubleSupplier random;
    private final Duration patience;
    private final Map<CacheKey, ClientToken> tokens = new ConcurrentHashMap<>();
    private final Backoffs<EndpointKey> endpoints =
            new Backoffs<>(TokenError.Kind.ENDPOINT.pauses().longest());

    /**
     * @param sharing shares tokens with other instances
     * @param egress calls token endpoints
     * @param threads makes short calls of the store and parses responses, by account; a few threads suffice
     * @param clock for lifetimes and backoff
     * @param random from 0 to 1, spreads renewals
     */
    public TokenSource(
            TokenSharing sharing,
            EgressClient egress,
            BiConsumer<String, Runnable> threads,
            Clock clock,
            DoubleSupplier random) {
        this(sharing, egress, threads, clock, random, TokenEndpoint.TIMEOUT);
    }

    TokenSource(
            TokenSharing sharing,
            EgressClient egress,
            BiConsumer<String, Runnable> threads,
            Clock clock,
            DoubleSupplier random,
            Duration timeout) {
        this.shared = new SharedTokens(sharing, clock, timeout.plusSeconds(1));
        this.endpoint = new TokenEndpoint(egress, clock, timeout);
        this.threads = threads;
        this.clock = clock;
        this.random = random;
        this.patience = timeout.plusSeconds(2);
    }

    /**
     * A usable token: the cached one, or that of a pending or new request. Fails with a {@link NothingSentException}
     * with reason and retry time. Do not complete the future.
     */
    CompletableFuture<Token> obtain(OAuthClient client) {
        return used(client).token.obtain();
    }

    /**
     * As {@link #obtain}, but not the given one, which a receiver refused. Sends a request only if that one is current.
     */
    CompletableFuture<Token> obtainInsteadOf(Token refused, OAuthClient client) {
        return used(client).token.obtainInsteadOf(refused);
    }

    /**
     * A token, and the wait for it by the clock.
     *
     * @param waited without the time for a thread after it
     */
    record TimedToken(Token token, Duration waited) {}

    /** As {@link #obtain}, with an end: a request that takes long fails the future, and continues. */
    CompletableFuture<TimedToken> obtainTimed(OAuthClient client) {
        return timed(clock.instant(), obtain(client));
    }

    /** As {@link #obtainInsteadOf}, with an end. */
    CompletableFuture<TimedToken> obtainTimedInsteadOf(Token refused, OAuthClient client) {
        return timed(clock.instant(), obtainInsteadOf(refused, client));
    }

    private CompletableFuture<TimedToken> timed(Instant start, CompletableFuture<Token> token) {
        return token.copy()
                .orTimeout(patience.toNanos(), TimeUnit.NANOSECONDS)
                .exceptionally(failure -> {
                    throw failure instanceof TimeoutException ? tooLong() : new CompletionException(failure);
                })
                .thenApply(known -> new TimedToken(known, Duration.between(start, clock.instant())));
    }

    private NothingSentException tooLong() {
        return new NothingSentException(
                "The token request takes long", clock.instant().plus(SLOW_REQUEST_RETRY));
    }

    /**
     * Discards a client's token, so that the next delivery requests a new one.
     *
     * @return whether there was a token
     */
    public boolean drop(OAuthClient client) {
        Optional<ClientToken> known = known(client);
        Optional<Token> token = known.flatMap(cached -> cached.token.usable());
        token.ifPresent(refused -> known.get().token.discard(refused));
        return token.isPresent();
    }

    /** Renews tokens in use before they expire, and removes unused ones. Call about once a second. */
    public void renewAgeing() {
        Instant now = clock.instant();
        for (CacheKey key : tokens.keySet()) {
            ClientToken known = tokens.computeIfPresent(key, (k, cached) -> cached.isUnused(now) ? null : cached);
            if (known != null && known.isUsedWithinLife(now)) {
                known.token.renewAhead();
            }
        }
    }

    /** The result of the last token request; empty if none since the start. */
    public Optional<TokenResult> last(OAuthClient client) {
        return known(client).map(known -> known.last);
    }

    /** Why deliveries of a client wait for a token now; empty if they do not. */
    public Optional<String> problem(OAuthClient client) {
        return known(client)
                .filter(known -> known.token.usable().isEmpty())
                .flatMap(known -> pause(known, client))
                .map(Backoff.Pause::reason);
    }

    /**
     * Tests a token request: bypasses cache and backoff, and changes neither. Blocks up to the timeout of a token
     * request.
     */
    public TokenTest test(OAuthClient client) {
        Instant start = clock.instant();
        try {
            Token token = endpoint.fetch(client);
            Duration lifetime = token.lifetimeKnown() ? token.lifetime() : null;
            return new TokenTest(null, TokenErrorHint.on(token), lifetime, Duration.between(start, clock.instant()));
        } catch (TokenException fault) {
            String words = fault.getMessage() + ". " + TokenErrorHint.on(fault.error(), client);
            return new TokenTest(fault.error().code(), words, null, Duration.between(start, clock.instant()));
        } catch (NothingSentException unsent) {
            String code = TokenError.NO_ANSWER.code();
            return new TokenTest(code, unsent.getMessage(), null, Duration.between(start, clock.instant()));
        }
    }

    private Optional<ClientToken> known(OAuthClient client) {
        return Optional.ofNullable(tokens.get(CacheKey.of(client)));
    }

    private ClientToken used(OAuthClient client) {
        return tokens.compute(CacheKey.of(client), (key, known) -> {
            ClientToken used = known == null ? new ClientToken() : known;
            used.client = client;
            used.lastUse = clock.instant();
            return used;
        });
    }

    private CompletableFuture<Token> fetch(ClientToken cached, Token former) {
        OAuthClient client = cached.client;
        pause(cached, client).ifPresent(pause -> {
            throw unavailable(client, pause, false);
        });
        return request(client, former).handle((token, failure) -> {
            if (failure != null) {
                Throwable cause = Causes.unwrapped(failure);
                throw cause instanceof TokenException fault
                        ? unavailable(cached, client, fault)
                        : new CompletionException(cause);
            }
            cached.last = TokenResult.of(token);
            endpoints.succeeded(EndpointKey.of(client));
            cached.backoff.succeeded();
            return token;
        });
    }

    private CompletableFuture<Token> request(OAuthClient client, Token former) {
        ContinuationExecutor ofAccount = new ContinuationExecutor(task -> threads.accept(client.account(), task));
        return shared.newer(former, client, ofAccount, () -> endpoint.begin(client, ofAccount));
    }

    private NothingSentException unavailable(ClientToken cached, OAuthClient client, TokenException fault) {
        cached.last = new TokenResult(clock.instant(), fault.getMessage(), null);
        return unavailable(client, paused(cached, client, fault), fault.error().kind() == TokenError.Kind.CREDENTIAL);
    }

    private Backoff.Pause paused(ClientToken cached, OAuthClient client, TokenException fault) {
        Instant now = clock.instant();
        TokenError.Kind kind = fault.error().kind();
        return kind == TokenError.Kind.ENDPOINT
                ? endpoints.failed(EndpointKey.of(client), now, fault.getMessage(), kind.pauses(), fault.atLeast())
                : cached.backoff.failed(now, fault.getMessage(), kind.pauses(), fault.atLeast());
    }

    private Optional<Backoff.Pause> pause(ClientToken cached, OAuthClient client) {
        Instant now = clock.instant();
        return cached.backoff.pause(now).or(() -> endpoints.pause(EndpointKey.of(client), now));
    }

    /** @param lasting lasting known only after the request; during a backoff it is false */
    private static NothingSentException unavailable(OAuthClient client, Backoff.Pause pause, boolean lasting) {
        return new NothingSentException(
                "No token for OAuth client '" + client.name() + "': " + pause.reason(), pause.until(), lasting);
    }

    /** The token of one cache key. The map serializes writes. */
    private final class ClientToken {

        final CachedToken<Token> token = new CachedToken<>(
                former -> fetch(this, former),
                token -> new CachedToken.Life(token.ageingFrom(random.getAsDouble()), token.usableUntil()),
                clock);

        /** Backoff of credential and responses; the endpoint has its own. */
        final Backoff backoff = new Backoff();

        /** The last client that used it; used for renewals. */
        volatile OAuthClient client;

        volatile Instant lastUse;

        /** The result of the last request, or null. */
        volatile TokenResult last;

        boolean isUsedWithinLife(Instant now) {
            return token.usable()
                    .filter(token -> lastUse.isAfter(now.minus(token.lifetime())))
                    .isPresent();
        }

        boolean isUnused(Instant now) {
            return !token.isPending() && token.usable().isEmpty() && lastUse.isBefore(now.minus(REMEMBERED));
        }
    }

    /** A refused certificate or a wrong CA affects one client only. */
    private record EndpointKey(String account, URI tokenUrl, String tls) {

        static EndpointKey of(OAuthClient client) {
            return new EndpointKey(
                    client.account(), client.tokenUrl(), client.tls().identity());
        }
    }
}
