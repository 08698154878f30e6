package io.engagementwebhooks.server;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;

/**
 * Signals when a response was sent, and reserves memory for responses that a client does not read. Used by the
 * connection's event loop only.
 */
final class ResponseWatch extends ChannelOutboundHandlerAdapter {

    private static final int INFORMATIONAL = 100;

    private final Connection connection;
    private final RequestDecoder decoder;

    ResponseWatch(Connection connection, RequestDecoder requests) {
        this.connection = connection;
        this.decoder = requests;
    }

    @Override
    public void write(ChannelHandlerContext context, Object part, ChannelPromise promise) throws Exception {
        if (part instanceof LastHttpContent && !isInformational(part)) {
            context.write(part, promise.unvoid().addListener(written -> decoder.responded()));
        } else {
            context.write(part, promise);
        }
    }

    private static boolean isInformational(Object part) {
        return part instanceof HttpResponse response && response.status().code() / INFORMATIONAL == 1;
    }

    @Override
    public void flush(ChannelHandlerContext context) throws Exception {
        context.flush();
        long pending = pending(context.channel());
        if (pending > 0 && !connection.setMemory(pending)) {
            context.close();
        }
    }

    private static long pending(Channel channel) {
        var buffer = channel.unsafe().outboundBuffer();
        return buffer == null ? 0 : buffer.totalPendingWriteBytes();
    }
}
