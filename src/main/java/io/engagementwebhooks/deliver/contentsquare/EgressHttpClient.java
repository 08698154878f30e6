package io.engagementwebhooks.deliver.contentsquare;

import io.engagementwebhooks.contentsquare.ContentsquareHttpClient;
import io.engagementwebhooks.deliver.Answer;
import io.engagementwebhooks.deliver.OutgoingRequest;
import io.engagementwebhooks.deliver.Timing;
import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.deliver.egress.NoResponseException;
import java.io.IOException;
import java.time.Clock;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;

/**
 * Sends the component's requests by {@link EgressClient}. The owner is the account; without one it is the operator. Thread-safe.
 */
public final class EgressHttpClient implements ContentsquareHttpClient {

    private final EgressClient egress;
    private final Clock clock;

    public EgressHttpClient(EgressClient egress, Clock clock) {
        this.egress = egress;
        this.clock = clock;
    }

    @Override
    public CompletableFuture<Response> send(Request request) {
        OutgoingRequest outgoing = OutgoingRequest.measured(
                Objects.requireNonNullElse(request.owner(), OutgoingRequest.OPERATOR),
                request.url(),
                request.method(),
                request.body(),
                clock.instant().plus(request.timeout()),
                request.attributes().timing() instanceof Timing whole ? whole : new Timing());
        request.headers().forEach(outgoing::header);
        EgressClient.Call call = egress.begin(outgoing, request.attributes().beforeSending());
        return call.answer()
                .handle((answer, failure) -> response(call, answer, failure))
                .toCompletableFuture();
    }

    private static Response response(EgressClient.Call call, Answer answer, Throwable failure) {
        String note = answer == null ? "" : answer.note();
        boolean isLate = failure instanceof NoResponseException known
                && known.reason() == NoResponseException.Reason.RESPONSE_TIMEOUT;
        if (isLate || note.equals(Answer.LATE)) {
            throw new CompletionException(new TimeoutException("no whole answer in time"));
        }
        boolean cut = note.equals(Answer.CUT);
        if (failure != null || !note.isEmpty() && !cut) {
            throw new CompletionException(failure == null ? new IOException(note) : failure);
        }
        return new Response(answer.status(), answer.body(), cut, answer.header("retry-after"), call.waited());
    }
}
