package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.deliver.Timing;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.concurrent.ComplexFuture;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.function.Supplier;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
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
 * The one way out, for components that speak HttpClient's non-blocking interface: a call waits on a thread of this class,
 * and the caller on none. HttpClient's own non-blocking engine is not used, because it takes the end of a connection for the
 * end of the headers, and hands a proxy's refusal over as if it were the receiver's answer. Thread-safe.
 */
final class AsyncCalls extends CloseableHttpAsyncClient {

    private static final int THREADS = 256;

    private final Sending sending;
    private final ThreadPoolExecutor threads;

    /** Sends one request by all the rules of the egress, without a deadline: its caller cancels. */
    @FunctionalInterface
    interface Sending {
        ClassicHttpResponse open(HttpUriRequestBase request, HttpClientContext context) throws IOException;
    }

    AsyncCalls(Sending sending) {
        this.sending = sending;
        threads = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                30,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> Deadlines.daemon(task, "egress-async-call"));
        threads.allowCoreThreadTimeOut(true);
    }

    @Override
    protected <T> Future<T> doExecute(
            HttpHost target,
            AsyncRequestProducer producer,
            AsyncResponseConsumer<T> consumer,
            HandlerFactory<AsyncPushConsumer> pushes,
            HttpContext context,
            FutureCallback<T> callback) {
        ComplexFuture<T> future = new ComplexFuture<>(callback);
        try {
            threads.execute(() -> run(producer, consumer, HttpClientContext.castOrCreate(context), future));
        } catch (RejectedExecutionException e) {
            future.failed(e);
        }
        return future;
    }

    private <T> void run(
            AsyncRequestProducer producer,
            AsyncResponseConsumer<T> consumer,
            HttpClientContext context,
            ComplexFuture<T> future) {
        try {
            if (!future.isDone()) {
                producer.sendRequest(
                        (request, entity, same) ->
                                exchange(classic(request, producer, entity), consumer, context, future),
                        context);
            }
        } catch (HttpException | IOException | RuntimeException e) {
            consumer.failed(e);
            future.failed(e);
        } finally {
            producer.releaseResources();
            consumer.releaseResources();
        }
    }

    private <T> void exchange(
            HttpUriRequestBase request,
            AsyncResponseConsumer<T> consumer,
            HttpClientContext context,
            ComplexFuture<T> future)
            throws HttpException, IOException {
        future.setDependency(request);
        try (ClassicHttpResponse response = sending.open(request, context)) {
            Timing.Call timing = GuardedConnections.timing(context);
            boolean whole = false;
            try {
                hand(response, consumer, context, future, timing);
                whole = true;
            } finally {
                timing.end();
                if (!whole) {
                    // drops the connection; closing the response would read an endless body to its end
                    request.cancel();
                }
            }
        }
    }

    private static <T> void hand(
            ClassicHttpResponse response,
            AsyncResponseConsumer<T> consumer,
            HttpClientContext context,
            ComplexFuture<T> future,
            Timing.Call timing)
            throws HttpException, IOException {
        timing.begin(Timing.Part.BODY);
        BasicHttpResponse head = new BasicHttpResponse(response.getCode(), response.getReasonPhrase());
        head.setHeaders(response.getHeaders());
        HttpEntity entity = response.getEntity();
        // whoever waits for the answer goes on in the consumer's last method
        if (entity == null) {
            timing.end();
            consumer.consumeResponse(head, null, context, new Into<>(future));
            return;
        }
        consumer.consumeResponse(head, entity, context, new Into<>(future));
        byte[] buffer = new byte[8192];
        InputStream in = entity.getContent();
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            consumer.consume(ByteBuffer.wrap(buffer, 0, read));
        }
        timing.end();
        consumer.streamEnd(List.of());
    }

    private static HttpUriRequestBase classic(HttpRequest request, AsyncRequestProducer producer, EntityDetails entity)
            throws HttpException, IOException {
        try {
            HttpUriRequestBase classic = new HttpUriRequestBase(request.getMethod(), request.getUri());
            classic.setHeaders(request.getHeaders());
            if (entity != null) {
                Body body = new Body();
                while (!body.ended) {
                    producer.produce(body);
                }
                classic.setEntity(
                        new ByteArrayEntity(body.bytes.toByteArray(), ContentType.parse(entity.getContentType())));
            }
            return classic;
        } catch (java.net.URISyntaxException e) {
            throw new HttpException("the request has no URL", e);
        }
    }

    private record Into<T>(ComplexFuture<T> future) implements FutureCallback<T> {

        @Override
        public void completed(T result) {
            future.completed(result);
        }

        @Override
        public void failed(Exception fault) {
            future.failed(fault);
        }

        @Override
        public void cancelled() {
            future.cancel();
        }
    }

    /** Takes a body to the end. */
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
        return threads.isShutdown() ? IOReactorStatus.SHUT_DOWN : IOReactorStatus.ACTIVE;
    }

    @Override
    public void awaitShutdown(TimeValue wait) throws InterruptedException {
        threads.awaitTermination(wait.getDuration(), wait.getTimeUnit());
    }

    @Override
    public void initiateShutdown() {
        threads.shutdown();
    }

    @Override
    public void close() {
        close(CloseMode.GRACEFUL);
    }

    /** What is under way is ended by the deadlines of those who called. */
    @Override
    public void close(CloseMode mode) {
        threads.shutdown();
    }

    @Override
    @Deprecated
    public void register(String host, String pattern, Supplier<AsyncPushConsumer> pushes) {
        throw new UnsupportedOperationException("nothing is pushed over HTTP/1.1");
    }
}
