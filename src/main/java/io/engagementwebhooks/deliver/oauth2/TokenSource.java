package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.credential.Backoff;
import io.engagementwebhooks.credential.CachedToken;
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
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.DoubleSupplier;

/**
 * Tokens for OAuth clients. A token is used until shortly before it expires and renewed in the background at 80 to
 * 85 % of its life, as long as it was used within the last life. However many deliveries need one at the same time, one request is made. An
 * endpoint that is down is left alone for 5 s, doubling to 5 min; a credential it refuses for 5 min, doubling to 1 h.
 *
 * <p>Thread-safe. Tokens live in memory only, but where several instances share them.
 */
public final class TokenSource {

    /** For deliveries that do not wait for a request that takes long. */
    private static final Duration ASK_AGAIN = Duration.ofSeconds(1);

    /** How long an unused token is remembered; longer than any pause, so that none is cut short. */
    private static final Duration REMEMBERED = Duration.ofHours(2);

    private final TokenEndpoint endpoint;
    /** Null: no other instance uses these tokens. */
    private final SharedTokens shared;

    private final BiConsumer<String, Runnable> sharers;
    private final Clock clock;
    private final DoubleSupplier random;
    private final Duration patience;
    private final Map<CacheKey, ClientToken> tokens = new ConcurrentHashMap<>();
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
        return used(client).token.obtain();
    }

    /** As {@link #obtain}, other than one that a receiver refused: the endpoint is asked only if that is still the one in use. */
    CompletableFuture<Token> obtainInsteadOf(Token refused, OAuthClient client) {
        return used(client).token.obtainInsteadOf(refused);
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
        Optional<ClientToken> known = known(client);
        Optional<Token> token = known.flatMap(cached -> cached.token.usable());
        token.ifPresent(refused -> known.get().token.discard(refused));
        return token.isPresent();
    }

    /**
     * Renews tokens in use that are about to expire, in the background, and drops unused tokens. To be
     * called every second or so.
     */
    public void renewAgeing() {
        Instant now = clock.instant();
        for (CacheKey key : tokens.keySet()) {
            ClientToken known = tokens.computeIfPresent(key, (k, cached) -> cached.isForgotten(now) ? null : cached);
            if (known != null && known.isUsedWithinLife(now)) {
                known.token.renewAhead();
            }
        }
    }

    /** How the last request for a client's token ended; empty: there was none since the start. */
    public Optional<TokenResult> last(OAuthClient client) {
        return known(client).map(known -> known.last);
    }

    /** Why deliveries of a client wait for a token now; empty: they do not. */
    public Optional<String> problem(OAuthClient client) {
        return known(client)
                .filter(known -> known.token.usable().isEmpty())
                .flatMap(known -> pause(known, client))
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
            Duration life = token.lifetimeKnown() ? token.life() : null;
            return new TokenTest(null, TokenErrorHint.on(token), life, Duration.between(start, clock.instant()));
        } catch (TokenException fault) {
            String words = fault.getMessage() + ". " + TokenErrorHint.on(fault.trouble(), client);
            return new TokenTest(fault.trouble().code(), words, null, Duration.between(start, clock.instant()));
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
        return ask(client, former).handle((token, failure) -> {
            if (failure != null) {
                throw failure instanceof TokenException fault
                        ? unavailable(cached, client, fault)
                        : new CompletionException(failure);
            }
            cached.last = TokenResult.of(token);
            endpointBackoff(client).succeeded();
            cached.backoff.succeeded();
            return token;
        });
    }

    private CompletableFuture<Token> ask(OAuthClient client, Token former) {
        if (shared == null) {
            return endpoint.begin(client);
        }
        CompletableFuture<Token> asked = new CompletableFuture<>();
        sharers.accept(client.account(), () -> {
            try {
                asked.complete(shared.newer(former, client, () -> endpoint.ask(client)));
            } catch (TokenException | RuntimeException | Error e) {
                FatalErrors.check(e);
                asked.completeExceptionally(e);
            }
        });
        return asked;
    }

    private NothingSentException unavailable(ClientToken cached, OAuthClient client, TokenException fault) {
        cached.last = new TokenResult(clock.instant(), fault.getMessage(), null);
        return unavailable(client, paused(cached, client, fault), fault.kind() == TokenException.Kind.CREDENTIAL);
    }

    private Backoff.Pause paused(ClientToken cached, OAuthClient client, TokenException fault) {
        Backoff backoff = fault.kind() == TokenException.Kind.ENDPOINT ? endpointBackoff(client) : cached.backoff;
        return backoff.failed(
                clock.instant(),
                fault.getMessage(),
                fault.kind().first(),
                fault.kind().longest(),
                fault.atLeast());
    }

    private Optional<Backoff.Pause> pause(ClientToken cached, OAuthClient client) {
        Instant now = clock.instant();
        return cached.backoff.pause(now).or(() -> endpointBackoff(client).pause(now));
    }

    private Backoff endpointBackoff(OAuthClient client) {
        return endpoints.computeIfAbsent(
                new EndpointKey(
                        client.account(), client.tokenUrl(), client.tls().identity()),
                key -> new Backoff());
    }

    /** @param lasting known to the attempt that asked; attempts that find a pause may leave it out */
    private static NothingSentException unavailable(OAuthClient client, Backoff.Pause pause, boolean lasting) {
        return new NothingSentException(
                "No token for OAuth client '" + client.name() + "': " + pause.reason(), pause.until(), lasting);
    }

    /** The token of one cache key. Writes are ordered by the map. */
    private final class ClientToken {

        final CachedToken<Token> token = new CachedToken<>(
                former -> fetch(this, former),
                token -> new CachedToken.Life(token.ageingFrom(random.getAsDouble()), token.usableUntil()),
                clock);

        /** Of the credential and its answers; the endpoint has its own. */
        final Backoff backoff = new Backoff();

        /** The latest that used it, and whom renewals are for. */
        volatile OAuthClient client;

        volatile Instant lastUse;

        /** How the last request ended, or null: there was none. */
        volatile TokenResult last;

        boolean isUsedWithinLife(Instant now) {
            return token.usable()
                    .filter(token -> lastUse.isAfter(now.minus(token.life())))
                    .isPresent();
        }

        boolean isForgotten(Instant now) {
            return !token.isPending() && token.usable().isEmpty() && lastUse.isBefore(now.minus(REMEMBERED));
        }
    }

    /** A refused certificate or a wrong CA affects one client only. */
    private record EndpointKey(String account, URI tokenUrl, String tls) {}
}
