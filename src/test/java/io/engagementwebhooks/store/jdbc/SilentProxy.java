package io.engagementwebhooks.store.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;

/** A TCP proxy to the server that can stop forwarding: connections then stay open without data. */
final class SilentProxy implements AutoCloseable {
    private final ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final URI server;
    private volatile int silentBefore;
    private volatile int connections;

    /** @param url the database's URL */
    SilentProxy(String url) throws IOException {
        this.server = URI.create(url.substring("jdbc:".length()));
        start(this::accept);
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "way");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = door.accept();
                Socket to = new Socket(InetAddress.getLoopbackAddress(), server.getPort());
                int number = connections + 1;
                connections = number;
                start(() -> carry(client, to, number));
                start(() -> carry(to, client, number));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void carry(Socket from, Socket to, int number) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] some = new byte[4096];
            for (int read = in.read(some); read > 0; read = in.read(some)) {
                if (number > silentBefore) {
                    out.write(some, 0, read);
                    out.flush();
                }
            }
        } catch (IOException e) {
            // the test has ended
        }
    }

    /** The database's URL through this proxy. */
    String url() {
        return "jdbc:postgresql://localhost:" + door.getLocalPort() + server.getPath();
    }

    int connections() {
        return connections;
    }

    /** Stops forwarding data of the current connections. */
    void fallSilent() {
        silentBefore = connections;
    }

    @Override
    public void close() throws IOException {
        door.close();
    }
}
