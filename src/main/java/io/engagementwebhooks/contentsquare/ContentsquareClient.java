package io.engagementwebhooks.contentsquare;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.hc.client5.http.async.HttpAsyncClient;

/**
 * Sends enrichments with one access, by Contentsquare's Enrichment API v1. Gets a token when it needs one, gets another
 * one when the token is refused, and sends once more then; everything else is sent once. Blocks no thread while it
 * waits. Thread-safe; owns neither the HTTP client nor the executor, so there is nothing to close.
 */
public final class ContentsquareClient {

    private final ContentsquareAccess access;
    private final JsonWire wire;
    private final ContentsquareTokens tokens;
    private final Executor answers;

    /**
     * @param http a started client; what it is set to about redirects and retries does not matter
     * @param clock says when a token has expired
     * @param answers runs what hangs on an answer, so that it may block; if it rejects, the HTTP client's thread does
     */
    public ContentsquareClient(ContentsquareAccess access, HttpAsyncClient http, Clock clock, Executor answers) {
        this.access = access;
        this.wire = new JsonWire(http);
        this.tokens = new ContentsquareTokens(access, wire, clock);
        this.answers = answers;
    }

    /**
     * Sends a batch. The stage always completes: with the answer of a batch that was taken, or with a
     * {@link ContentsquareException} (refused, or no answer) or a {@link ContentsquareTokenException} (nothing was
     * sent), neither of them wrapped.
     */
    public CompletionStage<ContentsquareAnswer> send(EnrichmentBatch batch) {
        CompletableFuture<ContentsquareAnswer> result = new CompletableFuture<>();
        exchange(batch.toJson()).whenComplete((received, fault) -> hand(() -> settle(result, received, fault)));
        return result;
    }

    private void hand(Runnable answer) {
        try {
            answers.execute(answer);
        } catch (RejectedExecutionException e) {
            answer.run();
        }
    }

    private CompletableFuture<Received> exchange(byte[] json) {
        return tokens.current().thenCompose(token -> {
            long startedAt = System.nanoTime();
            return post(token, json, access.requestTimeout())
                    .thenCompose(first -> refusesToken(first)
                            ? resend(token, json, leftSince(startedAt))
                            : CompletableFuture.completedFuture(first));
        });
    }

    private CompletableFuture<Received> resend(IssuedToken refused, byte[] json, Duration left) {
        return tokens.otherThan(refused).thenCompose(token -> post(token, json, left));
    }

    private Duration leftSince(long startedAt) {
        Duration left = access.requestTimeout().minusNanos(System.nanoTime() - startedAt);
        Duration least = Duration.ofMillis(1);
        return left.compareTo(least) < 0 ? least : left;
    }

    private CompletableFuture<Received> post(IssuedToken token, byte[] json, Duration within) {
        return wire.post(token.enrichmentsUrl(), json, token.value(), within)
                .exceptionally(fault -> {
                    throw new CompletionException(unanswered(token, fault));
                })
                .thenApply(received -> received.without(token.value()));
    }

    private ContentsquareException unanswered(IssuedToken token, Throwable fault) {
        String what = fault instanceof TimeoutException
                ? "did not answer within " + access.requestTimeout().toMillis() + " ms"
                : "could not be reached, or broke off";
        return ContentsquareException.unanswered(
                "Contentsquare at " + token.enrichmentsUrl().getHost() + " " + what
                        + "; unknown whether it took the enrichments",
                fault);
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

    private static Throwable unwrapped(Throwable fault) {
        return fault instanceof CompletionException && fault.getCause() != null ? fault.getCause() : fault;
    }

    private static boolean refusesToken(Received received) {
        return received.status() == 401
                || (received.isSuccess() && saysNo(received.json()) && "JWT_EXPIRED".equals(code(received)));
    }

    private static ContentsquareAnswer judge(Received received) throws ContentsquareException {
        if (!received.isSuccess()) {
            boolean later = received.asksToTryLater() || received.isRedirect();
            throw refused(received, received.isRedirect() ? "; redirects are not followed" : "", later);
        }
        if (received.cut()) {
            throw refused(received, " with an answer too long to be judged", true);
        }
        if (saysNo(received.json())) {
            throw refused(received, " but says that it did not succeed", false);
        }
        return new ContentsquareAnswer(received.status(), received.text());
    }

    private static boolean saysNo(JsonNode answer) {
        JsonNode success = answer.path("success");
        return success.isBoolean() && !success.booleanValue();
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
