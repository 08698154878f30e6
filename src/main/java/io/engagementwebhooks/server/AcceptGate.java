package io.engagementwebhooks.server;

import io.engagementwebhooks.ledger.FileDescriptors;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;

/**
 * Admits or closes each accepted connection before anything is allocated for it. Without file descriptors it pauses
 * accepting for a second. Thread-safe.
 */
@Sharable
final class AcceptGate extends ChannelInboundHandlerAdapter {

    private final Connections connections;

    AcceptGate(Connections connections) {
        this.connections = connections;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object accepted) throws Exception {
        Channel channel = (Channel) accepted;
        Connection connection = connections.admit(channel);
        if (connection == null) {
            channel.unsafe().closeForcibly();
            return;
        }
        channel.attr(Connection.KEY).set(connection);
        channel.closeFuture().addListener(closed -> connection.closed());
        super.channelRead(context, accepted);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
        if (!FileDescriptors.OF_PROCESS.ranOut("accepting a connection", failure)) {
            context.fireExceptionCaught(failure);
            return;
        }
        context.channel().config().setAutoRead(false);
        context.executor().schedule(() -> context.channel().config().setAutoRead(true), 1, TimeUnit.SECONDS);
    }
}
