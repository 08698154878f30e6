package io.engagementwebhooks.deliver.contentsquare;

import io.engagementwebhooks.contentsquare.ContentsquareHttpClient;
import io.engagementwebhooks.deliver.Timing;
import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import java.time.Clock;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/**
 * Sends the component's requests by {@link EgressClient}. The owner is the account; without one it is the operator. Thread-safe.
 */
public record EgressHttpClient(EgressClient egress, Clock clock) implements ContentsquareHttpClient {

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
        return call.wholeAnswer()
                .thenApply(answer -> new Response(
                        answer.status(), answer.body(), answer.isCut(), answer.header("retry-after"), call.waited()));
    }
}
