package io.engagementwebhooks.contentsquare;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscribers;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Sends by the JDK's client: the component's own, which measures nothing. Thread-safe. */
public final class JdkHttpClient implements ContentsquareHttpClient, AutoCloseable {

    /** Set by the client itself. */
    private static final Set<String> RESTRICTED = Set.of("connection", "content-length", "expect", "host", "upgrade");

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Set<CompletableFuture<Response>> running = ConcurrentHashMap.newKeySet();

    @Override
    public CompletableFuture<Response> send(Request request) {
        request.attributes().beforeSending().run();
        Body body = new Body();
        CompletableFuture<HttpResponse<Void>> call = http.sendAsync(outgoing(request), body);
        CompletableFuture<Response> response = call.handle((answer, failure) -> body.response(failure))
                .orTimeout(request.timeout().toMillis(), TimeUnit.MILLISECONDS);
        running.add(response);
        response.whenComplete((answer, failure) -> {
            running.remove(response);
            call.cancel(true);
        });
        return response;
    }

    private static HttpRequest outgoing(Request request) {
        HttpRequest.Builder outgoing = HttpRequest.newBuilder(request.url())
                .method(request.method(), HttpRequest.BodyPublishers.ofByteArray(request.body()));
        request.headers().forEach((name, value) -> {
            if (!RESTRICTED.contains(name.toLowerCase(Locale.ROOT))) {
                outgoing.setHeader(name, value);
            }
        });
        return outgoing.build();
    }

    /** Ends the calls in flight exceptionally. */
    @Override
    public void close() {
        running.forEach(call -> call.completeExceptionally(new CancellationException("the HTTP client is closed")));
    }

    /** Keeps the start of a body. */
    private static final class Body implements BodyHandler<Void> {

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private volatile HttpResponse.ResponseInfo head;
        private volatile boolean cut;

        @Override
        public HttpResponse.BodySubscriber<Void> apply(HttpResponse.ResponseInfo info) {
            head = info;
            return BodySubscribers.ofByteArrayConsumer(part -> part.ifPresent(this::add));
        }

        /** Throws, so that the client closes the connection. */
        private void add(byte[] part) {
            int space = MOST_BYTES - bytes.size();
            bytes.write(part, 0, Math.min(space, part.length));
            if (part.length > space) {
                cut = true;
                throw new UncheckedIOException(new IOException("the answer is longer than " + MOST_BYTES + " bytes"));
            }
        }

        Response response(Throwable failure) {
            if (failure != null && !cut) {
                throw new CompletionException(failure);
            }
            String retryAfter = head.headers().firstValue("Retry-After").orElse(null);
            return new Response(head.statusCode(), bytes.toByteArray(), cut, retryAfter, Duration.ZERO);
        }
    }
}
