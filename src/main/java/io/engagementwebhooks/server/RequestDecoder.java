package io.engagementwebhooks.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.util.ByteProcessor;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Decodes the requests of one connection, one at a time. The next one is read after the response to the last was sent,
 * so that neither requests nor responses accumulate. Memory of an incomplete head is reserved, its lines are limited,
 * and a request must be complete within the time-out after its first byte: slow senders cannot hold a connection. Used
 * by the connection's event loop only.
 */
final class RequestDecoder extends VertxHttpRequestDecoder {

    /** The most headers, each of which costs an object. */
    private static final int MAX_HEADERS = 100;

    /** The size of a head from which its lines are counted. */
    private static final int MIN_COUNTED_BYTES = 2048;

    private static final int BYTES_OF_HEADER = 256;

    private final Connection connection;
    private final long timeoutMillis;
    private ChannelHandlerContext context;
    private ScheduledFuture<?> timer;
    /** Whether a request has begun and is incomplete. */
    private boolean isBegun;

    private boolean headComplete;
    private int headBytes;
    private int headLines;
    /** Whether the request is complete and its response not sent. */
    private boolean awaitsResponse;
    /** Whether the response was sent before the request was complete. */
    private boolean isAnsweredEarly;

    private boolean refused;

    RequestDecoder(HttpServerOptions options, Connection connection, Duration timeout) {
        super(options);
        this.connection = connection;
        this.timeoutMillis = timeout.toMillis();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) throws Exception {
        context = added;
        super.handlerAdded(added);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (awaitsResponse) {
            return;
        }
        if (refused) {
            in.skipBytes(in.readableBytes());
            return;
        }
        int from = in.readerIndex();
        super.decode(ctx, in, out);
        int length = in.readerIndex() - from;
        if (length > 0) {
            isBegun = true;
        }
        if (out.isEmpty()) {
            headBytes += length;
            headLines += lines(in, from, length);
        } else if (out.get(0) instanceof HttpRequest) {
            headBytes += length;
            if (headBytes > MIN_COUNTED_BYTES) {
                headLines += lines(in, from, length);
            }
            headComplete = true;
            isAnsweredEarly = false;
        } else {
            // lines between chunks of a body are trailers
            headLines = 0;
        }
        if (headLines > MAX_HEADERS) {
            refuse(in, out);
        } else if (!out.isEmpty() && isComplete(out.get(out.size() - 1))) {
            complete();
        }
    }

    private static int lines(ByteBuf in, int from, int length) {
        int lines = 0;
        int end = from + length;
        for (int at = from; at < end; at++) {
            at = in.forEachByte(at, end - at, ByteProcessor.FIND_LF);
            if (at < 0) {
                return lines;
            }
            lines++;
        }
        return lines;
    }

    private static boolean isComplete(Object part) {
        return part instanceof LastHttpContent last && last.decoderResult().isSuccess();
    }

    private void refuse(ByteBuf in, List<Object> out) {
        refused = true;
        in.skipBytes(in.readableBytes());
        boolean isHead = out.isEmpty() ? !headComplete : out.get(0) instanceof HttpRequest;
        out.clear();
        // within a request, a second invalid message would wait for the end of the first
        HttpObject invalid = isHead ? createInvalidMessage() : new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER);
        invalid.setDecoderResult(
                DecoderResult.failure(new TooLongHttpHeaderException("more than " + MAX_HEADERS + " headers")));
        out.add(invalid);
    }

    private void complete() {
        stopTimer();
        isBegun = false;
        headComplete = false;
        headBytes = 0;
        headLines = 0;
        awaitsResponse = !isAnsweredEarly;
        isAnsweredEarly = false;
        connection.busy(awaitsResponse);
        connection.release();
    }

    /** Called when a response was sent. */
    void responded() {
        if (!awaitsResponse) {
            isAnsweredEarly = true;
            return;
        }
        awaitsResponse = false;
        connection.busy(false);
        connection.release();
        if (internalBuffer().isReadable()) {
            context.executor().execute(this::readOn);
        } else {
            context.channel().config().setAutoRead(true);
        }
    }

    private void readOn() {
        if (!context.isRemoved() && context.channel().isActive()) {
            try {
                channelRead(context, Unpooled.EMPTY_BUFFER);
                channelReadComplete(context);
            } catch (Exception e) {
                context.fireExceptionCaught(e);
            }
            if (!isPaused()) {
                context.channel().config().setAutoRead(true);
            }
        }
    }

    /** Whether unread bytes wait for the response. */
    private boolean isPaused() {
        return awaitsResponse && internalBuffer().isReadable();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object bytes) throws Exception {
        super.channelRead(ctx, bytes);
        if (isPaused()) {
            ctx.channel().config().setAutoRead(false);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
        super.channelReadComplete(ctx);
        if (awaitsResponse) {
            return;
        }
        int readable = internalBuffer().readableBytes();
        if (timer == null && (isBegun || readable > 0)) {
            timer = ctx.executor().schedule(() -> ctx.close(), timeoutMillis, TimeUnit.MILLISECONDS);
        }
        if (!headComplete && (isBegun || readable > 0) && !connection.setMemory(headMemory())) {
            ctx.close();
        }
    }

    /** An upper bound of the memory of an incomplete head. */
    private long headMemory() {
        return 2L * headBytes
                + (long) BYTES_OF_HEADER * headLines
                + internalBuffer().capacity();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        stopTimer();
        super.channelInactive(ctx);
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }
}
