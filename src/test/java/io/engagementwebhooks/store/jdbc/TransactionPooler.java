package io.engagementwebhooks.store.jdbc;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.LinkedBlockingDeque;

/** A pooler of PostgreSQL in transaction mode: a session of the server serves a client for one transaction. */
final class TransactionPooler implements AutoCloseable {

    private static final int SSL_REQUEST = 80877103;

    private final ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final URI server;
    private final BlockingDeque<Peer> idle = new LinkedBlockingDeque<>();

    /** @param url the database's URL */
    TransactionPooler(String url) throws IOException {
        this.server = URI.create(url.substring("jdbc:".length()));
        start(this::accept);
    }

    private record Peer(Socket socket, DataInputStream in, OutputStream out) {

        static Peer of(Socket socket) throws IOException {
            return new Peer(
                    socket,
                    new DataInputStream(new BufferedInputStream(socket.getInputStream())),
                    socket.getOutputStream());
        }

        /** A packet without a type, as a client sends first. */
        byte[] readStart() throws IOException {
            int length = in.readInt();
            byte[] packet = ByteBuffer.allocate(length).putInt(length).array();
            in.readFully(packet, 4, length - 4);
            return packet;
        }

        /** A message with its type, or null: the end. */
        byte[] read() throws IOException {
            int type = in.read();
            if (type < 0) {
                return null;
            }
            int length = in.readInt();
            byte[] message = ByteBuffer.allocate(length + 1)
                    .put((byte) type)
                    .putInt(length)
                    .array();
            in.readFully(message, 5, length - 4);
            return message;
        }

        void write(byte[] message) throws IOException {
            out.write(message);
            out.flush();
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "pooler");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Peer client = Peer.of(door.accept());
                start(() -> serve(client));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(Peer client) {
        try (Socket ending = client.socket()) {
            byte[] start = client.readStart();
            ending.setTcpNoDelay(true);
            if (ByteBuffer.wrap(start).getInt(4) == SSL_REQUEST) {
                client.write(new byte[] {'N'});
                start = client.readStart();
            }
            Peer session = Peer.of(new Socket(InetAddress.getLoopbackAddress(), server.getPort()));
            session.write(start);
            relayUntilReady(session, client);
            Peer taken = null;
            for (byte[] message = client.read(); message != null && message[0] != 'X'; message = client.read()) {
                taken = taken == null ? idle.take() : taken;
                taken.write(message);
                boolean isAnswered = message[0] == 'S' || message[0] == 'Q';
                if (isAnswered && relayUntilReady(taken, client)) {
                    taken = null;
                }
            }
        } catch (IOException e) {
            // one side has ended
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Relays an answer. A session without a transaction is idle before its client knows, which may use another connection then.
     *
     * @return whether the transaction has ended
     */
    private boolean relayUntilReady(Peer session, Peer client) throws IOException {
        while (true) {
            byte[] message = session.read();
            if (message == null) {
                throw new IOException("the server has ended the session");
            }
            boolean hasEnded = message[0] == 'Z' && message[5] == 'I';
            if (hasEnded) {
                idle.push(session);
            }
            client.write(message);
            if (message[0] == 'Z') {
                return hasEnded;
            }
        }
    }

    /** The database's URL through this pooler. */
    String url() {
        return "jdbc:postgresql://localhost:" + door.getLocalPort() + server.getPath();
    }

    @Override
    public void close() throws IOException {
        door.close();
        for (Peer session : idle) {
            session.socket().close();
        }
    }
}
