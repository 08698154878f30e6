package io.engagementwebhooks.contentsquare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * The token of one access, asked for once however many senders wait for it. Shortly before it expires the next one is
 * asked for, and senders go on with the old one meanwhile.
 *
 * <p>A token service that issues tokens which are refused is not asked for ever more of them: after a renewed token was
 * refused there is no renewal for 30 s, doubling to 10 min, until a token is taken again.
 *
 * <p>Thread-safe. Futures fail with a {@link ContentsquareTokenException} inside a {@link CompletionException}.
 */
final class ContentsquareTokens {

    /** Where the answer does not say how long the token lives; a token refused earlier is renewed anyway. */
    private static final long DEFAULT_LIFE_SECONDS = 300;

    private static final long LONGEST_LIFE_SECONDS = 86_400;
    private static final long LONGEST_MARGIN_SECONDS = 60;

    /** A token is asked for a tenth of its life ahead, and used until the last sixth of that: requests take time. */
    private static final int LAST_PART_OF_MARGIN = 6;

    private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(30);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

    /** What RFC 6750 section 2.1 lets stand in a header, and a little more: anything visible. */
    private static final Pattern TOKEN = Pattern.compile("[\\x21-\\x7e]+");

    private final ContentsquareAccess access;
    private final JsonWire wire;
    private final Clock clock;
    private CompletableFuture<IssuedToken> current = new CompletableFuture<>();
    private CompletableFuture<IssuedToken> next;
    private Duration pause = Duration.ZERO;
    private Instant noRenewalBefore = Instant.MIN;

    ContentsquareTokens(ContentsquareAccess access, JsonWire wire, Clock clock) {
        this.access = access;
        this.wire = wire;
        this.clock = clock;
        current.cancel(false);
    }

    /** The cached token, or the one that is being asked for. */
    CompletableFuture<IssuedToken> current() {
        return otherThan(null);
    }

    /** Another token than the refused one: what the cache holds now if somebody else renewed it, else a new one. */
    CompletableFuture<IssuedToken> otherThan(IssuedToken refused) {
        CompletableFuture<IssuedToken> given;
        CompletableFuture<IssuedToken> toAsk;
        synchronized (this) {
            takeNext();
            if (isUsable(current, refused)) {
                toAsk = ahead();
                given = current;
            } else {
                toAsk = next == null ? new CompletableFuture<>() : null;
                given = next == null ? toAsk : next;
                current = given;
                next = null;
            }
        }
        if (toAsk != null) {
            ask(toAsk);
        }
        return given;
    }

    /** The next token, if it is time to ask for it and nobody has; else null. */
    private CompletableFuture<IssuedToken> ahead() {
        boolean early =
                !current.isDone() || clock.instant().isBefore(current.join().renewFrom());
        if (early || next != null) {
            return null;
        }
        next = new CompletableFuture<>();
        return next;
    }

    /** A next token that has come takes the place of the current one; one that failed is asked for again. */
    private void takeNext() {
        if (next != null && next.isDone()) {
            current = next.isCompletedExceptionally() ? current : next;
            next = null;
        }
    }

    /** Whether a refused token may be replaced now. */
    synchronized boolean mayRenew() {
        return !clock.instant().isBefore(noRenewalBefore);
    }

    /** A token that was fetched because another one was refused was refused too. */
    synchronized void refusedAfterRenewal() {
        if (mayRenew()) {
            Duration doubled = pause.isZero() ? SHORTEST_PAUSE : pause.multipliedBy(2);
            pause = doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
            noRenewalBefore = clock.instant().plus(pause);
        }
    }

    /** A token was taken. */
    synchronized void taken() {
        pause = Duration.ZERO;
        noRenewalBefore = Instant.MIN;
    }

    private boolean isUsable(CompletableFuture<IssuedToken> token, IssuedToken refused) {
        if (!token.isDone()) {
            return true;
        }
        if (token.isCompletedExceptionally()) {
            return false;
        }
        IssuedToken issued = token.join();
        return issued != refused && clock.instant().isBefore(issued.goodUntil());
    }

    private void ask(CompletableFuture<IssuedToken> asked) {
        Instant askedAt = clock.instant();
        asked().whenComplete((received, fault) -> {
            try {
                if (fault != null) {
                    throw unanswered(fault);
                }
                asked.complete(read(received, askedAt));
            } catch (ContentsquareTokenException | RuntimeException | Error e) {
                asked.completeExceptionally(e);
            }
        });
    }

    /** Whatever throws fails the future: others wait for it. */
    private CompletableFuture<Received> asked() {
        try {
            return wire.send(
                    JsonWire.Outgoing.json(access.tokenUrl(), Map.of(), request()),
                    null,
                    access.tokenTimeout(),
                    CallAttributes.NONE);
        } catch (RuntimeException | Error e) {
            return CompletableFuture.failedFuture(e);
        }
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

    /** Counted from before the request, so that the token is never thought to live longer than it does. */
    private static IssuedToken issued(String value, URI endpoint, JsonNode answer, Instant askedAt) {
        long life = Math.max(
                0, Math.min(LONGEST_LIFE_SECONDS, answer.path("expires_in").asLong(DEFAULT_LIFE_SECONDS)));
        Duration lifetime = Duration.ofSeconds(life);
        Duration tenth = lifetime.dividedBy(10);
        Duration margin = Duration.ofSeconds(LONGEST_MARGIN_SECONDS);
        Duration ahead = tenth.compareTo(margin) < 0 ? tenth : margin;
        Instant end = askedAt.plus(lifetime);
        return new IssuedToken(value, endpoint, end.minus(ahead), end.minus(ahead.dividedBy(LAST_PART_OF_MARGIN)));
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
        String what = fault instanceof TimeoutException
                ? "did not answer within " + access.tokenTimeout().toMillis() + " ms"
                : "could not be reached, or broke off";
        return new ContentsquareTokenException(
                "Contentsquare's token service at " + host() + " " + what, 0, null, true, null, fault);
    }

    private String host() {
        return access.tokenUrl().getHost();
    }
}
