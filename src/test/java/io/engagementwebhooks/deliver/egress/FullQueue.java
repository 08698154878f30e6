package io.engagementwebhooks.deliver.egress;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** Fills the backlog of a listener that accepts no connections, so that further ones wait. */
final class FullQueue implements AutoCloseable {

    private final List<SocketChannel> waiting = new ArrayList<>();

    FullQueue(ServerSocket server) throws IOException {
        for (int i = 0; i < 8; i++) {
            SocketChannel channel = SocketChannel.open();
            channel.configureBlocking(false);
            channel.connect(server.getLocalSocketAddress());
            waiting.add(channel);
        }
    }

    @Override
    public void close() throws IOException {
        for (SocketChannel channel : waiting) {
            channel.close();
        }
    }
}
