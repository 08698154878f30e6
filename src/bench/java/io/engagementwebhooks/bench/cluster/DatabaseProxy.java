package io.engagementwebhooks.bench.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The way of one instance to the database, which can be cut: its connections end, and new ones are refused. Thread-safe. */
final class DatabaseProxy implements AutoCloseable {

    private final ServerSocket door;
    private final int server;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile boolean isCut;

    /** @param server the port of the database */
    DatabaseProxy(int server) throws IOException {
        this.server = server;
        this.door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "database-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return door.getLocalPort();
    }

    void cut() {
        isCut = true;
        open.forEach(DatabaseProxy::close);
        open.clear();
    }

    void heal() {
        isCut = false;
    }

    private void accept() {
        while (!door.isClosed()) {
            try {
                connect(door.accept());
            } catch (IOException e) {
                // closed, or the database is down
                continue;
            }
        }
    }

    private void connect(Socket client) throws IOException {
        open.add(client);
        if (isCut) {
            close(client);
            return;
        }
        try {
            Socket to = new Socket(InetAddress.getLoopbackAddress(), server);
            open.add(to);
            client.setTcpNoDelay(true);
            to.setTcpNoDelay(true);
            start(() -> carry(client, to));
            start(() -> carry(to, client));
        } catch (IOException e) {
            close(client);
        }
    }

    private void carry(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            // one side has ended: so does the other
        } finally {
            open.remove(from);
            close(from);
            close(to);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        door.close();
        cut();
    }
}
