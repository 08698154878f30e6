package io.engagementwebhooks.server;

import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpUtils;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.impl.RoutingContextInternal;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Function;

/**
 * Reads request bodies into memory and reserves that memory first: the announced length at once, or each chunk as it
 * arrives. A body that gets no memory is refused. The reservation ends with the request, or with the route that
 * {@linkplain #take takes} it. Bodies are never written to files. Thread-safe.
 *
 * @param admission provides the memory for a body; throws {@link ProblemException}
 * @param limit the largest body in bytes
 */
record BodyReader(Function<RoutingContext, RequestMemory> admission, long limit) implements Handler<RoutingContext> {

    /** The key of the body's {@link RequestMemory} in a {@link RoutingContext}. */
    private static final String MEMORY = "webhooks.memory";

    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final int FIRST_BUFFER = 1024;
    /** A refused body up to this size is read and dropped, so that the connection can be reused. */
    private static final int MAX_DRAINED = 64 * 1024;

    /** Copies of a body in memory: the buffer, and the array for a step. */
    private static final int COPIES = 2;

    /** Copies of a form in memory: the buffer, and its fields in raw, decoded and text form. */
    private static final int COPIES_OF_FORM = 6;

    @Override
    public void handle(RoutingContext context) {
        RoutingContextInternal internal = (RoutingContextInternal) context;
        if (internal.seenHandler(RoutingContextInternal.BODY_HANDLER)) {
            context.next();
            return;
        }
        internal.visitHandler(RoutingContextInternal.BODY_HANDLER);
        try {
            new PendingRead(context, admission.apply(context)).begin();
        } catch (ProblemException e) {
            refuse(context, e.problem());
        }
    }

    /** Passes the reservation to the route: it then ends with the route, even if the connection closes before. */
    static RequestMemory take(RoutingContext context) {
        return context.remove(MEMORY);
    }

    private static void release(RoutingContext context) {
        RequestMemory memory = take(context);
        if (memory != null) {
            memory.close();
        }
    }

    private static void refuse(RoutingContext context, Problem problem) {
        HttpServerRequest request = context.request();
        long length = length(request);
        boolean isDrained = !isChunked(request)
                && length <= MAX_DRAINED
                && !request.headers().contains(HttpHeaders.EXPECT);
        if (isDrained) {
            RouterProblems.answer(context, problem);
            request.resume();
        } else {
            RouterProblems.refuseBody(context, problem);
        }
    }

    /** The Content-Length, or -1. */
    private static long length(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        // the decoder has refused invalid numbers
        return length == null ? -1 : Long.parseLong(length);
    }

    private static boolean isChunked(HttpServerRequest request) {
        return request.version() == HttpVersion.HTTP_2 || request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
    }

    private static Problem noMemory() {
        return Problem.unavailable(
                "no-memory", "There is no memory for this request now; nothing was stored. Please try again.", RETRY);
    }

    /** The body of one request. */
    private final class PendingRead {

        private final RoutingContext context;
        private final HttpServerRequest request;
        private final RequestMemory memory;
        private final boolean multipart;
        private final int copies;
        private long reserved;
        private long received;
        private Buffer body;
        private boolean failed;

        PendingRead(RoutingContext context, RequestMemory memory) {
            this.context = context;
            this.request = context.request();
            this.memory = memory;
            String type = request.headers().get(HttpHeaders.CONTENT_TYPE);
            String lower = type == null ? "" : type.toLowerCase(Locale.ROOT);
            boolean form = !context.normalizedPath().startsWith(CallerAdmission.INBOX)
                    && HttpUtils.isValidMultipartContentType(lower)
                    && HttpUtils.isValidMultipartMethod(io.netty.handler.codec.http.HttpMethod.valueOf(
                            request.method().name()));
            this.multipart = form && lower.startsWith(HttpHeaderValues.MULTIPART_FORM_DATA.toString());
            this.copies = form ? COPIES_OF_FORM : COPIES;
            if (form) {
                request.setExpectMultipart(true);
            }
        }

        void begin() {
            long length = length(request);
            if (length < 0 && !isChunked(request)) {
                context.next(); // there is no body
            } else if (length > limit) {
                context.fail(413);
            } else if (hasExpectation() && !expectsContinue()) {
                context.fail(417);
            } else {
                reserveAndRead(length);
            }
        }

        private boolean hasExpectation() {
            return request.version() != HttpVersion.HTTP_1_0
                    && request.headers().contains(HttpHeaders.EXPECT);
        }

        private boolean expectsContinue() {
            return HttpHeaderValues.CONTINUE.contentEqualsIgnoreCase(request.getHeader(HttpHeaders.EXPECT));
        }

        /** @param length the Content-Length, or -1 */
        private void reserveAndRead(long length) {
            context.put(MEMORY, memory);
            context.addEndHandler(ended -> release(context));
            if (!reserve(Math.max(0, length))) {
                refuse(context, noMemory());
                return;
            }
            if (hasExpectation()) {
                context.response().writeContinue();
            }
            body = Buffer.buffer(firstSize(length));
            request.exceptionHandler(this::abort);
            request.handler(this::append).endHandler(ended -> end()).resume();
        }

        /** A caller without a key gets a small buffer, whatever length it announces. */
        private int firstSize(long length) {
            boolean isTrusted = length >= 0 && context.get(CallerAuthentication.CALLER) != null;
            return (int) (isTrusted ? length : Math.min(FIRST_BUFFER, limit));
        }

        private boolean reserve(long bytes) {
            if (bytes <= reserved) {
                return true;
            }
            boolean isReserved = memory.tryGrow((bytes - reserved) * copies);
            if (isReserved) {
                reserved = bytes;
            }
            return isReserved;
        }

        private void append(Buffer chunk) {
            received += chunk.length();
            if (failed) {
                return;
            }
            if (received > limit) {
                drop();
                context.fail(413);
            } else if (!reserve(received)) {
                drop();
                RouterProblems.refuseBody(context, noMemory());
            } else if (!multipart) {
                body.appendBuffer(chunk);
            }
        }

        private void drop() {
            failed = true;
            body = null;
        }

        private void end() {
            if (failed || context.failed()) {
                return;
            }
            if (request.isExpectMultipart()) {
                request.params().addAll(request.formAttributes());
            }
            ((RoutingContextInternal) context).setBody(multipart ? null : body);
            body = null;
            context.next();
        }

        /** A request that is no valid HTTP, or whose connection is closed, so that no status is sent. */
        private void abort(Throwable cause) {
            drop();
            context.fail(cause instanceof DecoderException ? 400 : 200, cause);
        }
    }
}
