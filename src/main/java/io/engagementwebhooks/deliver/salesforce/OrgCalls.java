package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.ContinuationExecutor;
import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.ledger.FatalErrors;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.component.salesforce.api.SalesforceException;
import org.apache.camel.component.salesforce.internal.PayloadFormat;
import org.apache.camel.component.salesforce.internal.client.RawClient;
import org.eclipse.jetty.client.BufferingResponseListener;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;

/**
 * Sends the requests of Camel's component to an org, each once, and after a 401 once more with a renewed token. Camel's
 * own client has one timeout for all requests, logs in three times for each refused one, and quotes responses and URLs
 * in exceptions. Thread-safe.
 */
final class OrgCalls implements RawClient {

    /** Fits the response to 200 records; of a single record's response less is read. */
    private static final int MOST_BYTES = 1024 * 1024;

    private static final String NO_ANSWER = "the call to Salesforce has no answer";

    private final OrgClient client;
    private final OrgSession session;
    private final OrgUsage usage;

    /**
     * The result of a request.
     *
     * @param body may be empty
     * @param failure why there is no response, or not a whole one; null if there is
     * @param left of its timeout
     */
    record Reply(Response response, byte[] body, Throwable failure, Duration left) {

        /** The status; 0 without a response. */
        int status() {
            return response.getStatus();
        }

        boolean isRefused() {
            return status() == HttpStatus.UNAUTHORIZED_401;
        }
    }

    OrgCalls(OrgClient client, OrgSession session, OrgUsage usage) {
        this.client = client;
        this.session = session;
        this.usage = usage;
    }

    @Override
    public void makeRequest(
            String method,
            String path,
            PayloadFormat format,
            InputStream body,
            Map<String, List<String>> headers,
            ResponseCallback callback) {
        OrgCall call =
                body instanceof OrgCall known ? known : OrgCall.of(bytes(body), Duration.ofMillis(client.getTimeout()));
        send(
                        path + call.query(),
                        MOST_BYTES,
                        call.timeout(),
                        (request, token) -> call.applyTo(
                                request.method(method).headers(fields -> headers.forEach(fields::put)), token))
                .handleAsync(
                        (reply, failure) -> failure == null ? Passed.of(reply) : Passed.without(failure),
                        new ContinuationExecutor(client.getExecutor()))
                .exceptionally(Passed::without)
                .thenAccept(passed -> callback.onResponse(passed.body(), passed.headers(), passed.failure()));
    }

    private static byte[] bytes(InputStream body) {
        try {
            return body == null ? new byte[0] : body.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Sends a request with the session's token.
     *
     * @param path with query
     * @param mostBytes of the response
     * @param completed adds method, headers and body; called again for a resend
     */
    CompletableFuture<Reply> send(
            String path, int mostBytes, Duration timeout, BiFunction<Request, OrgToken, Request> completed) {
        return session.send(
                (token, refused) -> {
                    Request request = client.newRequest(URI.create(token.instance() + path))
                            .headers(headers -> headers.put(HttpHeader.ACCEPT, "application/json"));
                    completed
                            .apply(request, token)
                            .headers(headers -> headers.put(HttpHeader.AUTHORIZATION, "Bearer " + token.value()));
                    return send(request, mostBytes, refused == null ? timeout : refused.left())
                            .thenApply(reply -> noted(reply, token, refused != null));
                },
                reply -> reply.isRefused()
                        && reply.failure() == null
                        && reply.left().toMillis() > 0);
    }

    private static CompletableFuture<Reply> send(Request request, int mostBytes, Duration within) {
        CompletableFuture<Reply> replied = new CompletableFuture<>();
        long start = System.nanoTime();
        request.timeout(within.toMillis(), TimeUnit.MILLISECONDS).send(new BufferingResponseListener(mostBytes) {
            @Override
            public void onComplete(Result result) {
                Duration left = within.minusNanos(System.nanoTime() - start);
                replied.complete(new Reply(result.getResponse(), getContent(), result.getFailure(), left));
            }
        });
        return replied;
    }

    private Reply noted(Reply reply, OrgToken token, boolean isResent) {
        usage.record(reply.response().getHeaders().get(OrgUsage.HEADER));
        if (reply.status() != 0 && !reply.isRefused()) {
            session.accepted(token);
        } else if (reply.isRefused() && isResent) {
            session.refusedAgain(token);
        }
        return reply;
    }

    /** A response as Camel's component takes it. */
    private record Passed(InputStream body, Map<String, String> headers, SalesforceException failure) {

        static Passed without(Throwable failure) {
            FatalErrors.check(failure);
            return new Passed(null, Map.of(), new SalesforceException(NO_ANSWER, 0, Causes.unwrapped(failure)));
        }

        static Passed of(Reply reply) {
            int status = reply.status();
            byte[] body = reply.failure() == null ? reply.body() : new byte[0];
            Map<String, String> headers = new HashMap<>(Map.of(Exchange.HTTP_RESPONSE_CODE, Integer.toString(status)));
            reply.response().getHeaders().stream()
                    .filter(field -> field.getName().startsWith("Sforce"))
                    .forEach(field -> headers.put(field.getName(), field.getValue()));
            boolean isSuccess = reply.failure() == null && HttpStatus.isSuccess(status);
            return new Passed(
                    new ByteArrayInputStream(body),
                    headers,
                    isSuccess ? null : new SalesforceException(message(status, body), status, reply.failure()));
        }

        private static String message(int status, byte[] body) {
            return status == 0
                    ? NO_ANSWER
                    : RecordError.in(OrgAnswers.json(body)).stream()
                            .map(error -> ", " + error.named())
                            .collect(Collectors.joining("", "Salesforce answered " + status, ""));
        }
    }
}
