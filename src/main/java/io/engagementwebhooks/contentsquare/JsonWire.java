package io.engagementwebhooks.contentsquare;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.hc.client5.http.async.HttpAsyncClient;
import org.apache.hc.client5.http.async.methods.AbstractBinResponseConsumer;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.Method;
import org.apache.hc.core5.http.message.BasicHeader;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.apache.hc.core5.http.nio.entity.BasicAsyncEntityProducer;
import org.apache.hc.core5.http.nio.support.BasicRequestProducer;
import org.apache.hc.core5.util.Timeout;

/**
 * Posts JSON and reads a bounded response before a deadline that covers the call up to the last byte. One call is one
 * request, whatever the HTTP client's settings: no redirects and no resends. Thread-safe.
 */
final class JsonWire {

    /** The most bytes read of a response; then the connection is closed. */
    static final int ANSWER_LIMIT = 64 * 1024;

    private final HttpAsyncClient http;
    private final Set<CompletableFuture<Received>> running = ConcurrentHashMap.newKeySet();
    private final String owner;

    /** @param owner set as attribute of each request's context; may be null */
    JsonWire(HttpAsyncClient http, String owner) {
        this.http = http;
        this.owner = owner;
    }

    /**
     * @param bearer token for the {@code Authorization} header, null for none
     * @param within the time up to the last response byte; with the product's HTTP client, a connect through a proxy
     *     may end later, at most 5.5 s after its start
     * @param attributes the check before sending, and the timer
     * @return fails as the HTTP client, or with a {@link java.util.concurrent.TimeoutException} unless the client sets
     *     {@link ContentsquareConstants#WAITED}; do not block the completing thread
     */
    CompletableFuture<Received> send(Outgoing outgoing, String bearer, Duration within, CallAttributes attributes) {
        CompletableFuture<Received> answer = new CompletableFuture<>();
        running.add(answer);
        HttpClientContext context = context(within, attributes);
        Future<?> call = start(request(outgoing, bearer), context, new Limit(within, context), answer, attributes);
        if (waited(context).isEmpty()) {
            answer.orTimeout(within.toMillis(), TimeUnit.MILLISECONDS);
        }
        answer.whenComplete((received, fault) -> {
            running.remove(answer);
            if (fault != null) {
                call.cancel(true);
            }
        });
        return answer;
    }

    /** Cancels the calls in flight, since a closed HTTP client does not complete all of them. */
    void cancelAll() {
        running.forEach(answer -> answer.completeExceptionally(closed()));
    }

    private static CancellationException closed() {
        return new CancellationException("the HTTP client is closed");
    }

    /**
     * A request without its token.
     *
     * @param headers further headers; those of the token and of HTTP override them
     */
    record Outgoing(String method, URI url, String contentType, Map<String, String> headers, byte[] body) {

        static Outgoing json(URI url, Map<String, String> headers, byte[] json) {
            return new Outgoing(Method.POST.name(), url, ContentType.APPLICATION_JSON.toString(), headers, json);
        }
    }

    private Future<?> start(
            BasicRequestProducer request,
            HttpClientContext context,
            Limit limit,
            CompletableFuture<Received> answer,
            CallAttributes attributes) {
        BoundedConsumer consumer = new BoundedConsumer(limit);
        try {
            attributes.asked().run();
            return http.execute(request, consumer, null, context, new Completion(consumer, answer));
        } catch (RuntimeException e) {
            answer.completeExceptionally(e);
            return answer;
        }
    }

    private static BasicRequestProducer request(Outgoing outgoing, String bearer) {
        BasicHttpRequest request = new BasicHttpRequest(outgoing.method(), outgoing.url());
        outgoing.headers().forEach(request::setHeader);
        request.setHeader(HttpHeaders.ACCEPT, ContentType.APPLICATION_JSON.getMimeType());
        if (bearer != null) {
            request.setHeader(new BasicHeader(HttpHeaders.AUTHORIZATION, "Bearer " + bearer, true));
        }
        return new BasicRequestProducer(request, new OnceOnly(outgoing));
    }

    private HttpClientContext context(Duration within, CallAttributes attributes) {
        Timeout timeout = Timeout.of(within);
        HttpClientContext context = HttpClientContext.create();
        context.setRequestConfig(RequestConfig.custom()
                .setRedirectsEnabled(false)
                .setAuthenticationEnabled(false)
                .setConnectionRequestTimeout(timeout)
                .setResponseTimeout(timeout)
                .build());
        attributes.setOn(context);
        context.setAttribute(ContentsquareConstants.OWNER, owner);
        return context;
    }

    /** The wait for a connection; empty if the HTTP client does not end calls itself. */
    private static Optional<Duration> waited(HttpClientContext context) {
        return context.getAttribute(ContentsquareConstants.WAITED) instanceof Supplier<?> waited
                ? Optional.of((Duration) waited.get())
                : Optional.empty();
    }

    /** The time of a call, since its creation. */
    private record Limit(Duration within, HttpClientContext context, long since) {

        private static final Duration LEAST = Duration.ofMillis(1);

        Limit(Duration within, HttpClientContext context) {
            this(within, context, System.nanoTime());
        }

        Duration left() {
            Duration left = within.plus(waited(context).orElse(Duration.ZERO)).minusNanos(System.nanoTime() - since);
            return left.compareTo(LEAST) < 0 ? LEAST : left;
        }
    }

    /** A body that the client cannot resend. */
    private static final class OnceOnly extends BasicAsyncEntityProducer {
        OnceOnly(Outgoing outgoing) {
            super(outgoing.body(), ContentType.parse(outgoing.contentType()));
        }

        @Override
        public boolean isRepeatable() {
            return false;
        }
    }

    private static final class BoundedConsumer extends AbstractBinResponseConsumer<Received> {
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();
        private final Limit limit;
        private volatile HttpResponse head;
        private volatile boolean cut;

        BoundedConsumer(Limit limit) {
            this.limit = limit;
        }

        @Override
        protected void start(HttpResponse response, ContentType contentType) {
            head = response;
        }

        @Override
        protected int capacityIncrement() {
            return ANSWER_LIMIT;
        }

        @Override
        protected void data(ByteBuffer source, boolean endOfStream) throws IOException {
            int space = ANSWER_LIMIT - body.size();
            cut = source.remaining() > space;
            byte[] bytes = new byte[Math.min(space, source.remaining())];
            source.get(bytes);
            body.write(bytes);
            if (cut) {
                throw new IOException("the answer is longer than " + ANSWER_LIMIT + " bytes");
            }
        }

        @Override
        protected Received buildResult() {
            Header retryAfter = head.getFirstHeader(HttpHeaders.RETRY_AFTER);
            return new Received(
                    head.getCode(),
                    body.toString(StandardCharsets.UTF_8),
                    cut,
                    retryAfter == null ? null : retryAfter.getValue(),
                    limit.left());
        }

        @Override
        public void releaseResources() {
            // the response is read after the client has released the consumer
        }
    }

    /** Completes the future; a truncated response counts as a response. */
    private record Completion(BoundedConsumer consumer, CompletableFuture<Received> answer)
            implements FutureCallback<Received> {
        @Override
        public void completed(Received received) {
            answer.complete(received);
        }

        @Override
        public void failed(Exception fault) {
            if (consumer.cut) {
                answer.complete(consumer.buildResult());
            } else {
                answer.completeExceptionally(fault);
            }
        }

        @Override
        public void cancelled() {
            answer.completeExceptionally(closed());
        }
    }
}
