package io.engagementwebhooks.contentsquare;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * Sends enrichments with one access, by Contentsquare's Enrichment API v1. Requests a token on demand; if it is
 * refused, requests a new one and resends once. Never blocks. Thread-safe; owns neither the HTTP client nor the
 * executor.
 */
public final class ContentsquareClient {

    private final ContentsquareAccess access;
    private final JsonWire wire;
    private final ContentsquareTokens tokens;
    private final Executor answers;

    /**
     * @param http sends the requests
     * @param clock for the expiry of tokens
     * @param answers runs continuations, which may block; if it rejects them, the HTTP client's thread runs them
     */
    public ContentsquareClient(
            ContentsquareAccess access, ContentsquareHttpClient http, Clock clock, Executor answers) {
        this.access = access;
        this.wire = new JsonWire(http, access.owner());
        this.tokens = new ContentsquareTokens(access, wire, clock);
        this.answers = answers;
    }

    /**
     * Sends a batch. The stage completes with the response to an accepted batch, or exceptionally with a
     * {@link ContentsquareException} (refused, or no response) or a {@link ContentsquareTokenException} (nothing was
     * sent), not wrapped.
     */
    public CompletionStage<ContentsquareAnswer> send(EnrichmentBatch batch) {
        return send(batch, Map.of(), CallAttributes.NONE);
    }

    /**
     * As above.
     *
     * @param headers further headers, without the token's
     * @param attributes a check that runs before each request, once there is a token, and throws to send nothing, which
     *     fails the stage with a {@link ContentsquareException}; and a timer
     */
    CompletionStage<ContentsquareAnswer> send(
            EnrichmentBatch batch, Map<String, String> headers, CallAttributes attributes) {
        byte[] json = batch.toJson();
        return send(token -> JsonWire.Outgoing.json(token.enrichmentsUrl(), headers, json), attributes);
    }

    /** Sends a custom request to a path of the API, with the same token and rules. @param attributes as above */
    CompletionStage<ContentsquareAnswer> send(ContentsquareRequest request, CallAttributes attributes) {
        return send(
                token -> new JsonWire.Outgoing(
                        request.method(),
                        token.url(request.path()),
                        request.contentType(),
                        request.headers(),
                        request.body()),
                attributes);
    }

    /** The endpoint that comes with the token; fails as {@link #send}. Sends only a token request. */
    public CompletionStage<URI> endpoint() {
        CompletableFuture<URI> result = new CompletableFuture<>();
        tokens.current()
                .whenComplete((token, fault) -> execute(() -> {
                    if (fault != null) {
                        result.completeExceptionally(unwrapped(fault));
                    } else {
                        result.complete(token.endpoint());
                    }
                }));
        return result;
    }

    private CompletionStage<ContentsquareAnswer> send(
            Function<IssuedToken, JsonWire.Outgoing> request, CallAttributes attributes) {
        CompletableFuture<ContentsquareAnswer> result = new CompletableFuture<>();
        tokens.send((token, refused) ->
                        post(token, request, refused == null ? access.requestTimeout() : refused.left(), attributes))
                .whenComplete((received, fault) -> execute(() -> settle(result, received, fault)));
        return result;
    }

    private void execute(Runnable answer) {
        try {
            answers.execute(answer);
        } catch (RejectedExecutionException e) {
            answer.run();
        }
    }

    private CompletableFuture<Received> post(
            IssuedToken token,
            Function<IssuedToken, JsonWire.Outgoing> request,
            Duration within,
            CallAttributes attributes) {
        return wire.send(request.apply(token), token.value(), within, attributes)
                .exceptionally(fault -> {
                    throw new CompletionException(unanswered(token, fault));
                })
                .thenApply(received -> received.redacted(token.value()));
    }

    private ContentsquareException unanswered(IssuedToken token, Throwable fault) {
        String what = isTimeout(fault)
                ? "did not answer within " + access.requestTimeout().toMillis() + " ms"
                : "could not be reached, or broke off";
        return ContentsquareException.unanswered(
                "Contentsquare at " + token.endpoint().getHost() + " " + what
                        + "; unknown whether it took what was sent",
                unwrapped(fault));
    }

    /** Whether the time for the call passed. */
    static boolean isTimeout(Throwable fault) {
        return unwrapped(fault) instanceof TimeoutException;
    }

    private static void settle(CompletableFuture<ContentsquareAnswer> result, Received received, Throwable fault) {
        try {
            if (fault != null) {
                result.completeExceptionally(unwrapped(fault));
            } else {
                result.complete(judge(received));
            }
        } catch (ContentsquareException | RuntimeException e) {
            result.completeExceptionally(e);
        }
    }

    static Throwable unwrapped(Throwable fault) {
        return fault instanceof CompletionException && fault.getCause() != null ? fault.getCause() : fault;
    }

    private static ContentsquareAnswer judge(Received received) throws ContentsquareException {
        if (!received.isSuccess()) {
            boolean later = received.isRetryable() || received.isRedirect();
            throw refused(received, received.isRedirect() ? "; redirects are not followed" : "", later);
        }
        if (received.cut()) {
            throw refused(received, " with an answer too long to be judged", true);
        }
        if (received.isFailure()) {
            throw refused(received, " but says that it did not succeed", false);
        }
        return new ContentsquareAnswer(received.status(), received.text());
    }

    private static ContentsquareException refused(Received received, String what, boolean retryable) {
        String code = code(received);
        String message = "Contentsquare answered " + received.status() + (code == null ? "" : " (" + code + ")") + what;
        return ContentsquareException.refused(message, received, code, retryable);
    }

    private static String code(Received received) {
        return received.code("errorCode");
    }
}
