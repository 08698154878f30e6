package io.engagementwebhooks.deliver.egress;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** A receiver on plain sockets that runs a script for each connection. */
public final class RawReceiver implements AutoCloseable {

    private final ServerSocket server;
    private final Script script;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final AtomicInteger open = new AtomicInteger();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean newestIsTls12;

    /** Handles one connection. */
    public interface Script {
        void run(Talk talk) throws Exception;
    }

    public RawReceiver(Script script) {
        this(script, null);
    }

    public RawReceiver(Script script, SSLContext tls) {
        this(script, tls, false);
    }

    /** Answers one request. */
    public static Script answer(String response) {
        return talk -> {
            talk.request();
            talk.write(response);
        };
    }

    /** Answers each request of a connection. */
    public static Script answerEach(String response) {
        return talk -> {
            while (talk.request()) {
                talk.write(response);
            }
        };
    }

    /** @param clientCertificate whether clients must show a certificate that {@code tls} trusts */
    RawReceiver(Script script, SSLContext tls, boolean clientCertificate) {
        this.script = script;
        try {
            InetAddress loopback = InetAddress.getByName("127.0.0.1");
            server = tls == null
                    ? new ServerSocket(0, 50, loopback)
                    : tls.getServerSocketFactory().createServerSocket(0, 50, loopback);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        if (server instanceof SSLServerSocket secure) {
            secure.setNeedClientAuth(clientCertificate);
        }
        start(this::accept);
    }

    /** Offers no TLS 1.3 to later connections. */
    RawReceiver upToTls12() {
        newestIsTls12 = true;
        return this;
    }

    public int port() {
        return server.getLocalPort();
    }

    /** Head and body of each request that {@link Talk#request} read. */
    public List<String> requests() {
        return requests;
    }

    public int connections() {
        return sockets.size();
    }

    /** The number of connections whose script runs. */
    public int open() {
        return open.get();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                sockets.add(socket);
                if (newestIsTls12) {
                    // the server socket's own protocols were those at the begin of accept()
                    ((SSLSocket) socket).setEnabledProtocols(new String[] {"TLSv1.2"});
                }
                start(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        open.incrementAndGet();
        try (socket) {
            script.run(new Talk(socket));
        } catch (Exception e) {
            // the client closed, or the script ended
        } finally {
            open.decrementAndGet();
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "raw-receiver");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    /** A connection, for its script. */
    public final class Talk {

        private final Socket socket;
        private final BufferedReader in;
        private String path = "";

        Talk(Socket socket) throws IOException {
            this.socket = socket;
            this.in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
        }

        public OutputStream out() throws IOException {
            return socket.getOutputStream();
        }

        /** The subject of the client's certificate. */
        String client() throws IOException {
            return ((SSLSocket) socket).getSession().getPeerPrincipal().getName();
        }

        public void write(String text) throws IOException {
            write(text.getBytes(StandardCharsets.ISO_8859_1));
        }

        public void write(byte[] bytes) throws IOException {
            out().write(bytes);
            out().flush();
        }

        /** Reads a request. @return false: the client closed */
        public boolean request() throws IOException {
            StringBuilder head = new StringBuilder();
            int length = 0;
            for (String line = in.readLine(); ; line = in.readLine()) {
                if (line == null) {
                    return false;
                }
                if (line.isEmpty()) {
                    break;
                }
                head.append(line).append('\n');
                if (line.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:")) {
                    length = Integer.parseInt(line.substring(15).strip());
                }
            }
            char[] body = new char[length];
            for (int read = 0; read < length; ) {
                read += in.read(body, read, length - read);
            }
            requests.add(head + "\n" + new String(body));
            path = head.toString().split(" ", 3)[1];
            return true;
        }

        /** The path of the last request. */
        public String path() {
            return path;
        }

        /** Ends what it sends: over TLS by a close_notify, without closing the connection. */
        void endOutput() throws IOException {
            socket.shutdownOutput();
        }

        /** Begins another TLS handshake: a key update in TLS 1.3, a renegotiation before. */
        public void handshake() throws IOException {
            ((SSLSocket) socket).startHandshake();
        }

        /** Reads the first byte of a request. */
        public void begun() throws IOException {
            socket.getInputStream().read();
        }

        /** Waits until the client closes. */
        public void awaitEnd() throws IOException {
            while (in.read() >= 0) {
                // discards the rest
            }
        }

        /** Closes the sending side and keeps reading. */
        public void halfClose() throws IOException {
            socket.shutdownOutput();
        }

        /** Waits until the test ends. */
        public void sayNothing() throws InterruptedException {
            closed.await();
        }

        /** Resets the connection. */
        public void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }
}
