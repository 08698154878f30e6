package io.engagementwebhooks.testkit.adversary;

import io.engagementwebhooks.testkit.JavaCommand;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * A server that the product calls, such as a receiver, and that makes the product work below the level of HTTP. Each
 * connection has a thread until the product closes it. Thread-safe.
 */
final class HostileServer {

    private static final byte[] INTERIM =
            "HTTP/1.1 100 Continue\r\n\r\n".repeat(2_500).getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CHUNKS = "1\r\na\r\n".repeat(10_000).getBytes(StandardCharsets.US_ASCII);
    private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    /** Extensions of a request for another hello: TLS 1.3, and a key of the group ffdhe8192. */
    private static final byte[] COSTLY = {0, 43, 0, 2, 3, 4, 0, 51, 0, 2, 1, 4};

    private static final Path CHRT = Path.of("/usr/bin/chrt");
    private static final char[] NO_PASSWORD = {};

    private final ServerSocket server;
    private final Kind kind;
    private final SSLContext tls;

    /** What it does to a connection. */
    enum Kind {
        /** TLS 1.3 key updates without end. */
        KEY_UPDATES("https"),
        /** Asks for another hello with the key of a costly group, and says no more. */
        COSTLY_GROUP("https"),
        /** {@code 100 Continue} without end. */
        INTERIM("http"),
        /** A body without end in chunks of one byte. */
        CHUNKS("http"),
        /** The same, with a TLS record for each chunk. */
        RECORDS("https"),
        /** A certificate of 10 000 names. */
        LARGE_CERTIFICATE("https");

        private final String scheme;

        Kind(String scheme) {
            this.scheme = scheme;
        }
    }

    /**
     * Runs servers until the standard input ends. It reads their key store, and prints the URL of each.
     *
     * @param arguments the kind and the number of the servers
     */
    public static void main(String[] arguments) throws Exception {
        DataInputStream in = new DataInputStream(System.in);
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(new ByteArrayInputStream(in.readNBytes(in.readInt())), NO_PASSWORD);
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, NO_PASSWORD);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), null, null);
        for (int i = 0; i < Integer.parseInt(arguments[1]); i++) {
            System.out.println(new HostileServer(Kind.valueOf(arguments[0]), tls).url());
        }
        in.transferTo(OutputStream.nullOutputStream());
    }

    /**
     * Starts servers in a separate process. It uses only the processor time that no other process wants, where Linux has
     * {@code chrt}: servers on other machines take none from the product.
     *
     * @param store the servers' key and certificate
     */
    static Process start(Kind kind, int number, KeyStore store) throws Exception {
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(CHRT)) {
            command.addAll(List.of(CHRT.toString(), "--idle", "0"));
        }
        command.addAll(JavaCommand.java(HostileServer.class, "-Xlog:disable"));
        command.addAll(List.of(kind.name(), Integer.toString(number)));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        store.store(bytes, NO_PASSWORD);
        DataOutputStream out = new DataOutputStream(process.getOutputStream());
        out.writeInt(bytes.size());
        bytes.writeTo(out);
        out.flush();
        return process;
    }

    /** @param tls the server's certificate */
    private HostileServer(Kind kind, SSLContext tls) throws IOException {
        this.kind = kind;
        this.tls = tls;
        this.server = new ServerSocket(0, 500, InetAddress.getByName("127.0.0.1"));
        start(this::accept);
    }

    private String url() {
        return kind.scheme + "://127.0.0.1:" + server.getLocalPort() + "/";
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "hostile-server");
        thread.setDaemon(true);
        thread.start();
    }

    private void serve(Socket socket) {
        try (socket) {
            attack(socket);
        } catch (Exception closed) {
            // the product closed the connection
        }
    }

    private void attack(Socket socket) throws Exception {
        switch (kind) {
            case KEY_UPDATES -> updateKeys(secure(socket));
            case COSTLY_GROUP -> askForCostlyKey(socket);
            case INTERIM -> repeat(socket.getOutputStream(), INTERIM);
            case CHUNKS -> {
                socket.getOutputStream().write(CHUNKED.getBytes(StandardCharsets.US_ASCII));
                repeat(socket.getOutputStream(), CHUNKS);
            }
            case RECORDS -> {
                OutputStream out = secure(socket).getOutputStream();
                out.write(CHUNKED.getBytes(StandardCharsets.US_ASCII));
                repeat(out, "1\r\na\r\n".getBytes(StandardCharsets.US_ASCII));
            }
            case LARGE_CERTIFICATE -> secure(socket).startHandshake();
        }
    }

    private SSLSocket secure(Socket socket) throws IOException {
        SSLSocket secure = (SSLSocket) tls.getSocketFactory().createSocket(socket, "127.0.0.1", socket.getPort(), true);
        secure.setUseClientMode(false);
        return secure;
    }

    private static void updateKeys(SSLSocket socket) throws IOException {
        while (true) {
            socket.startHandshake();
        }
    }

    private static void repeat(OutputStream out, byte[] bytes) throws IOException {
        while (true) {
            out.write(bytes);
        }
    }

    private static void askForCostlyKey(Socket socket) throws Exception {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        in.skipNBytes(3);
        ByteBuffer hello = ByteBuffer.wrap(in.readNBytes(in.readUnsignedShort()));
        byte[] session = new byte[hello.get(38)];
        hello.get(39, session);
        ByteBuffer retry = ByteBuffer.allocate(9 + 34 + 1 + session.length + 5 + COSTLY.length);
        int length = retry.capacity() - 9;
        retry.put(new byte[] {22, 3, 3}).putShort((short) (length + 4));
        retry.put(new byte[] {2, 0}).putShort((short) length);
        retry.putShort((short) 0x0303).put(MessageDigest.getInstance("SHA-256").digest("HelloRetryRequest".getBytes()));
        retry.put((byte) session.length).put(session);
        retry.putShort((short) 0x1301)
                .put((byte) 0)
                .putShort((short) COSTLY.length)
                .put(COSTLY);
        socket.getOutputStream().write(retry.array());
        in.transferTo(OutputStream.nullOutputStream());
    }
}
