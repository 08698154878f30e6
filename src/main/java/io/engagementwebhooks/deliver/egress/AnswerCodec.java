package io.engagementwebhooks.deliver.egress;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/**
 * Netty's codec for one connection, stricter in three ways: answers that are not final (RFC 9110 section 15.2) are passed over, but for
 * 101, which ends a call; a connection on which more comes than the answer is not used again, or the rest would be taken for the
 * answer to the next request, which may be another webhook's (RFC 9112 section 9.2); and one of many to a host is used again a moment after
 * the answer only, since servers that have too many connections close one after its answer without saying so. For requests whose answers may have a body.
 */
final class AnswerCodec extends CombinedChannelDuplexHandler<HttpResponseDecoder, HttpRequestEncoder> {

    private static final int LONGEST_LINE = 16 * 1024;
    private static final int LONGEST_HEAD = 32 * 1024;

    /** How long the end of an answer is kept from Vert.x, which makes the connection free then. */
    private static final long SETTLE_MS = 5;

    private Runnable whole = () -> {};
    private IntConsumer held = bytes -> {};
    private boolean isAsked;
    private boolean isPassing;
    private boolean hasMore;

    private boolean isOfMany;
    private boolean isWhole;

    AnswerCodec() {
        init(new Decoder(), new Encoder());
    }

    /** Sets whether there are many connections to the host. */
    void ofMany(boolean isMany) {
        isOfMany = isMany;
    }

    /** Sets what receives, on the event loop, the number of bytes that have come and are no complete part of an answer yet. */
    void onHeld(IntConsumer code) {
        held = code;
    }

    /** Sets the callback for the next complete response, on the event loop. */
    void onWhole(Runnable code) {
        whole = code;
    }

    /** Whether more has come than the answer. */
    boolean hasMore() {
        return hasMore;
    }

    private final class Encoder extends HttpRequestEncoder {

        @Override
        protected void encode(ChannelHandlerContext ctx, Object message, List<Object> out) throws Exception {
            isAsked |= message instanceof HttpRequest;
            super.encode(ctx, message, out);
        }
    }

    private final class Decoder extends HttpResponseDecoder {

        Decoder() {
            super(new HttpDecoderConfig().setMaxInitialLineLength(LONGEST_LINE).setMaxHeaderSize(LONGEST_HEAD));
        }

        @Override
        protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
            if (!isAsked) {
                endUnasked(ctx, in);
                return;
            }
            int before = out.size();
            super.decode(ctx, in, out);
            for (int i = before; i < out.size(); i++) {
                if (isPassedOver(out.get(i))) {
                    ReferenceCountUtil.release(out.remove(i--));
                } else if (out.get(i) instanceof LastHttpContent last) {
                    isAsked = false;
                    hasMore = isAnythingIn(in);
                    if (isOfMany && !(last instanceof HttpResponse)) {
                        isWhole = true;
                        out.set(i, new DefaultHttpContent(last.content()));
                        ctx.executor().schedule(() -> settled(ctx), SETTLE_MS, TimeUnit.MILLISECONDS);
                    }
                }
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
            super.channelRead(ctx, message);
            if (actualReadableBytes() > 0) {
                held.accept(actualReadableBytes());
            }
            if (isWhole) {
                isWhole = false;
                whole.run();
            }
        }

        private void settled(ChannelHandlerContext ctx) {
            if (ctx.channel().isActive()) {
                ctx.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
                ctx.fireChannelReadComplete();
            }
        }

        private boolean isPassedOver(Object message) {
            isPassing |= message instanceof HttpResponse response
                    && response.status().codeClass() == HttpStatusClass.INFORMATIONAL
                    && !response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS);
            boolean isPassed = isPassing;
            isPassing &= !(message instanceof LastHttpContent);
            return isPassed;
        }

        private void endUnasked(ChannelHandlerContext ctx, ByteBuf in) {
            if (isAnythingIn(in)) {
                hasMore = true;
                ctx.close();
            }
            in.skipBytes(in.readableBytes());
        }

        /** Old servers end a body with an empty line too many. */
        private static boolean isAnythingIn(ByteBuf in) {
            return in.forEachByte(b -> b == '\r' || b == '\n') >= 0;
        }
    }
}
