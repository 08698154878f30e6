package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.tls.PeerLimitException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Netty's decoder of the responses on one connection, stricter in two ways: it skips up to {@value #MOST_INTERIM} interim
 * responses (RFC 9110 section 15.2), except 101, which ends the call. A connection with bytes after the response is not reused, since they would become
 * the next webhook's response (RFC 9112 section 9.2). Only for requests whose responses may have a body.
 */
final class ResponseDecoder extends HttpResponseDecoder {

    private static final int LONGEST_LINE = 16 * 1024;
    private static final int LONGEST_HEAD = 32 * 1024;
    private static final int MOST_INTERIM = 8;

    private final IntConsumer buffered;
    private boolean isRequestSent;
    private boolean isSkipping;
    private int interim;
    private boolean hasMore;

    /** @param buffered called with the number of bytes buffered as an incomplete part of a response */
    ResponseDecoder(IntConsumer buffered) {
        super(new HttpDecoderConfig().setMaxInitialLineLength(LONGEST_LINE).setMaxHeaderSize(LONGEST_HEAD));
        this.buffered = buffered;
    }

    /** A request is sent: its response begins. */
    void beginResponse() {
        isRequestSent = true;
    }

    /** Whether bytes followed the response. */
    boolean hasMore() {
        return hasMore;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (!isRequestSent) {
            closeUnsolicited(ctx, in);
            return;
        }
        int before = out.size();
        super.decode(ctx, in, out);
        for (int i = before; i < out.size(); i++) {
            if (isInterim(out.get(i))) {
                ReferenceCountUtil.release(out.remove(i--));
                if (interim > MOST_INTERIM) {
                    throw new PeerLimitException(
                            " sent more than " + MOST_INTERIM + " interim responses (1xx) before its response");
                }
            } else if (out.get(i) instanceof LastHttpContent) {
                isRequestSent = false;
                interim = 0;
                hasMore = hasContent(in);
            }
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        super.channelRead(ctx, message);
        if (actualReadableBytes() > 0) {
            buffered.accept(actualReadableBytes());
        }
    }

    /** The transfer coding counts, and the connection is closed afterwards (RFC 9112 section 6.3). */
    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        clearContentLength();
        message.headers().remove(HttpHeaderNames.CONTENT_LENGTH);
        HttpUtil.setKeepAlive(message, false);
    }

    private boolean isInterim(Object message) {
        isSkipping |= message instanceof HttpResponse response
                && response.status().codeClass() == HttpStatusClass.INFORMATIONAL
                && !response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS);
        boolean isSkipped = isSkipping;
        isSkipping &= !(message instanceof LastHttpContent);
        interim += isSkipped && !isSkipping ? 1 : 0;
        return isSkipped;
    }

    private void closeUnsolicited(ChannelHandlerContext ctx, ByteBuf in) {
        if (hasContent(in)) {
            hasMore = true;
            ctx.close();
        }
        in.skipBytes(in.readableBytes());
    }

    /** Ignores line ends: old servers add one after a body. */
    private static boolean hasContent(ByteBuf in) {
        return in.forEachByte(b -> b == '\r' || b == '\n') >= 0;
    }
}
