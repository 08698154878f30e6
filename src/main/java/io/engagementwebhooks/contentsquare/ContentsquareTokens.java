package io.engagementwebhooks.contentsquare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.credential.Backoff;
import io.engagementwebhooks.credential.BackoffSchedule;
import io.engagementwebhooks.credential.CachedToken;
import io.engagementwebhooks.credential.CachedToken.Life;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiFunction;
import java.util.regex.Pattern;

/**
 * Requests the tokens of one access, and caches the latest. Shortly before it expires the next one is requested in the
 * background.
 *
 * <p>After a renewed token was refused too there is no renewal for 30 s, doubling to 10 min, until a token is accepted.
 *
 * <p>Thread-safe. Futures fail with a {@link ContentsquareTokenException} inside a {@link CompletionException}.
 */
final class ContentsquareTokens {

    /** Lifetime of a token whose response has none. */
    private static final long DEFAULT_LIFE_SECONDS = 300;

    private static final long LONGEST_LIFE_SECONDS = 86_400;
    private static final long LONGEST_MARGIN_SECONDS = 60;

    /** A token is renewed a tenth of its lifetime ahead, and used until the last sixth of that. */
    private static final int LAST_PART_OF_MARGIN = 6;

    /** Visible characters, slightly more than RFC 6750 section 2.1 allows. */
    private static final Pattern TOKEN = Pattern.compile("[\\x21-\\x7e]+");

    private final ContentsquareAccess access;
    private final JsonWire wire;
    private final Clock clock;
    private final CachedToken<IssuedToken> token;
    private final Backoff renewals = new Backoff();

    ContentsquareTokens(ContentsquareAccess access, JsonWire wire, Clock clock) {
        this.access = access;
        this.wire = wire;
        this.clock = clock;
        this.token = new CachedToken<>(former -> fetch(), IssuedToken::life, clock);
    }

    /** The cached token, or the one that is being requested. */
    CompletableFuture<IssuedToken> current() {
        CompletableFuture<IssuedToken> current = token.obtain();
        token.renewAhead();
        return current;
    }

    /**
     * Sends with the token. If it is refused, sends once more with another one, unless renewals are paused.
     *
     * @param send sends with a token, given the refused answer of the first request or null
     */
    CompletableFuture<Received> send(BiFunction<IssuedToken, Received, CompletableFuture<Received>> send) {
        CompletableFuture<Received> answer = token.send(
                (issued, refused) -> send.apply(issued, refused).thenApply(received -> {
                    if (!received.refusesToken() && token.usable().orElse(null) == issued) {
                        renewals.succeeded();
                    } else if (received.refusesToken() && refused != null) {
                        renewals.failed(
                                clock.instant(),
                                "the new token was refused too",
                                BackoffSchedule.NEW_TOKEN_REFUSED,
                                Duration.ZERO);
                    }
                    return received;
                }),
                received -> received.refusesToken()
                        && renewals.pause(clock.instant()).isEmpty());
        token.renewAhead();
        return answer;
    }

    private CompletableFuture<IssuedToken> fetch() {
        Instant askedAt = clock.instant();
        JsonWire.Outgoing request = JsonWire.Outgoing.json(access.tokenUrl(), Map.of(), request());
        return wire.send(request, null, access.tokenTimeout(), CallAttributes.NONE)
                .handle((received, fault) -> {
                    try {
                        if (fault != null) {
                            throw unanswered(fault);
                        }
                        return read(received, askedAt);
                    } catch (ContentsquareTokenException e) {
                        throw new CompletionException(e);
                    }
                });
    }

    private byte[] request() {
        ObjectNode request = Json.MAPPER
                .createObjectNode()
                .put("client_id", access.clientId())
                .put("client_secret", access.clientSecret())
                .put("grant_type", "client_credentials");
        if (access.scope() != null) {
            request.put("scope", access.scope());
        }
        if (access.projectId() != null) {
            request.put("project_id", access.projectId());
        }
        return Json.write(request);
    }

    private IssuedToken read(Received received, Instant askedAt) throws ContentsquareTokenException {
        if (!received.isSuccess()) {
            throw refused(received);
        }
        JsonNode answer = received.json();
        if (!answer.isObject()) {
            throw unusable(received, received.cut() ? "is too long" : "is not a JSON object");
        }
        String value = text(received, answer, "access_token");
        if (!TOKEN.matcher(value).matches()) {
            throw unusable(received, "has an 'access_token' that cannot stand in a header");
        }
        String endpoint = text(received, answer, "endpoint");
        try {
            return issued(value, access.pin().endpoint(endpoint), answer, askedAt);
        } catch (IllegalArgumentException e) {
            throw unusable(received, "has an 'endpoint' that is refused: it " + e.getMessage());
        }
    }

    private String text(Received received, JsonNode answer, String member) throws ContentsquareTokenException {
        JsonNode value = answer.path(member);
        if (!value.isTextual() || value.textValue().isBlank()) {
            throw unusable(received, "has no '" + member + "'");
        }
        return value.textValue();
    }

    /** Counts the lifetime from before the request, so that it is never too long. */
    private static IssuedToken issued(String value, URI endpoint, JsonNode answer, Instant askedAt) {
        long life = Math.max(
                0, Math.min(LONGEST_LIFE_SECONDS, answer.path("expires_in").asLong(DEFAULT_LIFE_SECONDS)));
        Duration lifetime = Duration.ofSeconds(life);
        Duration tenth = lifetime.dividedBy(10);
        Duration margin = Duration.ofSeconds(LONGEST_MARGIN_SECONDS);
        Duration ahead = tenth.compareTo(margin) < 0 ? tenth : margin;
        Instant end = askedAt.plus(lifetime);
        return new IssuedToken(
                value, endpoint, new Life(end.minus(ahead), end.minus(ahead.dividedBy(LAST_PART_OF_MARGIN))));
    }

    private ContentsquareTokenException refused(Received received) {
        String code = codeWithoutSecret(received);
        boolean credentials = received.status() == 400 || received.status() == 401;
        String message = "Contentsquare's token service at " + host() + " answered " + received.status()
                + (code == null ? "" : " (" + code + ")")
                + (credentials
                        ? ": it refused client '" + access.clientId() + "'; check its id, secret, scope and project,"
                                + " and whether the credentials are older than a year"
                        : received.isRedirect() ? ": redirects are not followed" : "");
        return new ContentsquareTokenException(
                message, received.status(), code, !credentials, received.retryAfter(), null);
    }

    private String codeWithoutSecret(Received received) {
        String code = received.code("errorCode", "error");
        return code == null || code.contains(access.clientSecret()) ? null : code;
    }

    private ContentsquareTokenException unusable(Received received, String what) {
        return new ContentsquareTokenException(
                "the answer of Contentsquare's token service at " + host() + " " + what,
                received.status(),
                null,
                true,
                received.retryAfter(),
                null);
    }

    private ContentsquareTokenException unanswered(Throwable fault) {
        String what = ContentsquareClient.isTimeout(fault)
                ? "did not answer within " + access.tokenTimeout().toMillis() + " ms"
                : "could not be reached, or broke off";
        return new ContentsquareTokenException(
                "Contentsquare's token service at " + host() + " " + what,
                0,
                null,
                true,
                null,
                ContentsquareClient.unwrapped(fault));
    }

    private String host() {
        return access.tokenUrl().getHost();
    }
}
