package io.engagementwebhooks.server;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection whose request is not complete in time, counted from its first byte: neither a head nor a body that
 * drips a byte a second holds a connection. One for each connection, used by its event loop alone.
 */
final class RequestDeadline {

    private final long millis;
    private ScheduledFuture<?> timer;

    RequestDeadline(Duration timeout) {
        this.millis = timeout.toMillis();
    }

    /** Sees raw bytes first. */
    ChannelHandler beginning() {
        return new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object bytes) throws Exception {
                if (timer == null) {
                    timer = context.executor().schedule(() -> context.close(), millis, TimeUnit.MILLISECONDS);
                }
                super.channelRead(context, bytes);
            }

            @Override
            public void channelInactive(ChannelHandlerContext context) throws Exception {
                stop();
                super.channelInactive(context);
            }
        };
    }

    /** Sees decoded parts of requests. */
    ChannelHandler completion() {
        return new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object part) throws Exception {
                if (part instanceof LastHttpContent) {
                    stop();
                }
                super.channelRead(context, part);
            }
        };
    }

    private void stop() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }
}
