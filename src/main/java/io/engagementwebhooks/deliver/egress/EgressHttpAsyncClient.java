package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.deliver.Answer;
import io.engagementwebhooks.ledger.FatalErrors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Future;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.concurrent.ComplexFuture;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.concurrent.FutureContribution;
import org.apache.hc.core5.function.Supplier;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.impl.BasicEntityDetails;
import org.apache.hc.core5.http.message.BasicHttpResponse;
import org.apache.hc.core5.http.nio.AsyncPushConsumer;
import org.apache.hc.core5.http.nio.AsyncRequestProducer;
import org.apache.hc.core5.http.nio.AsyncResponseConsumer;
import org.apache.hc.core5.http.nio.DataStreamChannel;
import org.apache.hc.core5.http.nio.HandlerFactory;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.reactor.IOReactorStatus;
import org.apache.hc.core5.util.TimeValue;

/**
 * Adapts {@link EgressClient} to HttpClient's non-blocking interface. A consumer gets the decoded start of a body, at
 * once. Thread-safe.
 */
final class EgressHttpAsyncClient extends CloseableHttpAsyncClient {

    private final Sending sending;

    /** Sends one request under the egress rules. */
    @FunctionalInterface
    interface Sending {
        EgressClient.Call begin(HttpRequest request, byte[] body, HttpClientContext context) throws IOException;
    }

    EgressHttpAsyncClient(Sending sending) {
        this.sending = sending;
    }

    @Override
    protected <T> Future<T> doExecute(
            HttpHost target,
            AsyncRequestProducer producer,
            AsyncResponseConsumer<T> consumer,
            HandlerFactory<AsyncPushConsumer> pushes,
            HttpContext given,
            FutureCallback<T> callback) {
        ComplexFuture<T> future = new ComplexFuture<>(callback);
        HttpClientContext context = HttpClientContext.castOrCreate(given);
        try {
            producer.sendRequest(
                    (request, entity, same) -> {
                        if (entity != null && entity.getContentType() != null) {
                            request.setHeader(HttpHeaders.CONTENT_TYPE, entity.getContentType());
                        }
                        begin(request, body(producer, entity), consumer, context, future);
                    },
                    context);
        } catch (HttpException | IOException | RuntimeException e) {
            failed(e, consumer, future);
        } finally {
            producer.releaseResources();
        }
        return future;
    }

    private <T> void begin(
            HttpRequest request,
            byte[] body,
            AsyncResponseConsumer<T> consumer,
            HttpClientContext context,
            ComplexFuture<T> future)
            throws IOException {
        EgressClient.Call call = sending.begin(request, body, context);
        future.setDependency((Cancellable) () -> {
            call.cancel();
            return true;
        });
        call.answer().whenComplete((answer, failure) -> {
            if (failure == null) {
                deliverResponse(answer, consumer, context, future);
            } else {
                failed(failure, consumer, future);
            }
        });
    }

    private static <T> void deliverResponse(
            Answer answer, AsyncResponseConsumer<T> consumer, HttpContext context, ComplexFuture<T> future) {
        BasicHttpResponse head = new BasicHttpResponse(answer.status());
        answer.headers().forEach(head::addHeader);
        head.removeHeaders(HttpHeaders.CONTENT_ENCODING);
        int length = answer.body().length;
        EntityDetails entity = length == 0
                ? null
                : new BasicEntityDetails(length, ContentType.parseLenient(answer.header("content-type")));
        try {
            consumer.consumeResponse(head, entity, context, new FutureContribution<>(future) {
                @Override
                public void completed(T result) {
                    future.completed(result);
                }
            });
            if (entity != null) {
                consumer.consume(ByteBuffer.wrap(answer.body()));
                if (!answer.note().isEmpty()) {
                    throw answer.note().equals(EgressCall.LATE)
                            ? new InterruptedIOException(EgressCall.LATE)
                            : new IOException(answer.note());
                }
                consumer.streamEnd(List.of());
            }
            consumer.releaseResources();
        } catch (HttpException | IOException | RuntimeException | Error e) {
            FatalErrors.check(e);
            failed(e, consumer, future);
        }
    }

    private static <T> void failed(Throwable failure, AsyncResponseConsumer<T> consumer, ComplexFuture<T> future) {
        Exception fault = failure instanceof Exception known ? known : new IllegalStateException(failure);
        consumer.failed(fault);
        consumer.releaseResources();
        future.failed(fault);
    }

    private static byte[] body(AsyncRequestProducer producer, EntityDetails entity) throws IOException {
        if (entity == null) {
            return new byte[0];
        }
        Body body = new Body();
        while (!body.ended) {
            producer.produce(body);
        }
        return body.bytes.toByteArray();
    }

    /** Collects a whole body. */
    private static final class Body implements DataStreamChannel {

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private boolean ended;

        @Override
        public void requestOutput() {}

        @Override
        public int write(ByteBuffer source) {
            int length = source.remaining();
            byte[] part = new byte[length];
            source.get(part);
            bytes.writeBytes(part);
            return length;
        }

        @Override
        public void endStream() {
            ended = true;
        }

        @Override
        public void endStream(List<? extends Header> trailers) {
            ended = true;
        }
    }

    @Override
    public void start() {}

    @Override
    public IOReactorStatus getStatus() {
        return IOReactorStatus.ACTIVE;
    }

    @Override
    public void awaitShutdown(TimeValue wait) {}

    @Override
    public void initiateShutdown() {}

    @Override
    public void close() {}

    /** Running calls end at their deadlines. */
    @Override
    public void close(CloseMode mode) {}

    @Override
    @Deprecated
    public void register(String host, String pattern, Supplier<AsyncPushConsumer> pushes) {
        throw new UnsupportedOperationException("nothing is pushed over HTTP/1.1");
    }
}
