package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.deliver.judge.Answer;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.ledger.Causes;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * Sends requests to an org with the token of its session, each once, and after a 401 once more with a renewed token.
 * Thread-safe.
 */
record OrgCalls(String account, EgressClient egress, Clock clock, OrgSession session, OrgLimits limits) {

    private static final int UNAUTHORIZED = 401;
    private static final String APEX = "/services/apexrest/";
    static final String REST_API = "/services/data/";

    /**
     * The limits and callbacks of a call.
     *
     * @param timeout including a second request with a renewed token
     * @param mostBytes of the response
     * @param beforeSending called before the first byte; throws
     *     {@link io.engagementwebhooks.deliver.judge.NothingSentException} to send nothing
     * @param threads continue after the call
     */
    record Terms(Duration timeout, int mostBytes, Consumer<OrgToken> beforeSending, Executor threads) {}

    /** @param isRefused whether the org refused the token @param left of the timeout */
    private record Reply(Answer answer, boolean isRefused, Duration left) {}

    /**
     * Sends a request. Fails if there is no complete response.
     *
     * @param request makes the request without token, given the org's URL and the deadline; called again for a resend
     */
    CompletableFuture<Answer> send(BiFunction<URI, Instant, OutgoingRequest> request, Terms terms) {
        return session.<Reply>send(
                        (token, refused) -> send(request, terms, token, refused),
                        reply -> reply.isRefused()
                                && reply.answer().note().isEmpty()
                                && reply.left().toMillis() > 0)
                .whenCompleteAsync((reply, failure) -> {}, terms.threads())
                .thenApply(Reply::answer);
    }

    private CompletableFuture<Reply> send(
            BiFunction<URI, Instant, OutgoingRequest> request, Terms terms, OrgToken token, Reply refused) {
        Duration within = refused == null ? terms.timeout() : refused.left();
        long start = System.nanoTime();
        OutgoingRequest sent = request.apply(token.instance(), clock.instant().plus(within));
        sent.header("Accept", "application/json");
        sent.header(OutgoingRequest.AUTHORIZATION, "Bearer " + token.value());
        EgressClient.Call call = egress.begin(sent, () -> terms.beforeSending().accept(token), terms.mostBytes());
        return call.wholeAnswer()
                .thenApply(answer -> new Reply(
                        whole(answer),
                        isTokenRefused(
                                answer.status(), sent.url().getPath(), RecordError.in(OrgAnswers.json(answer.body()))),
                        within.minusNanos(System.nanoTime() - start).plus(call.waited())))
                .handle((reply, failure) -> noted(reply, failure, token, refused != null));
    }

    /** @throws CompletionException if the response is too long, except a 401 */
    static Answer whole(Answer answer) {
        if (answer.isCut() && answer.status() != UNAUTHORIZED) {
            throw new CompletionException(new IOException(answer.note()));
        }
        return answer;
    }

    /** Whether a response refuses the token. A 401 from Apex may come from the org's own code. */
    static boolean isTokenRefused(int status, String path, List<RecordError> errors) {
        return status == UNAUTHORIZED
                && (!path.startsWith(APEX)
                        || errors.stream().anyMatch(error -> error.code().equals("INVALID_SESSION_ID")));
    }

    static boolean isRestApi(String path) {
        return path.startsWith(REST_API);
    }

    private Reply noted(Reply reply, Throwable failure, OrgToken token, boolean isResent) {
        if (failure != null) {
            throw new CompletionException(Causes.unwrapped(failure));
        }
        limits.reported(reply.answer().header(OrgLimits.HEADER));
        if (!reply.isRefused()) {
            session.accepted(token);
        } else if (isResent) {
            session.refusedAgain(token);
        } else {
            session.refused(token);
        }
        return reply;
    }
}
