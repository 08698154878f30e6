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

/** A receiver on plain sockets that misbehaves as a script says, once per connection. */
public final class RawReceiver implements AutoCloseable {

    private final ServerSocket server;
    private final Script script;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final AtomicInteger open = new AtomicInteger();
    private final CountDownLatch closed = new CountDownLatch(1);

    /** What happens on one connection. */
    public interface Script {
        void run(Talk talk) throws Exception;
    }

    public RawReceiver(Script script) {
        this(script, null);
    }

    public RawReceiver(Script script, SSLContext tls) {
        this(script, tls, false);
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

    /** Speaks no TLS 1.3 to those who come after this. */
    RawReceiver upToTls12() {
        ((SSLServerSocket) server).setEnabledProtocols(new String[] {"TLSv1.2"});
        return this;
    }

    public int port() {
        return server.getLocalPort();
    }

    /** Head and body of what came, one entry per request read by {@link Talk#request}. */
    public List<String> requests() {
        return requests;
    }

    public int connections() {
        return sockets.size();
    }

    /** Connections whose script is not over. */
    public int open() {
        return open.get();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                sockets.add(socket);
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
            // the client went away, or the script is over
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

    /** One connection, as the script sees it. */
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

        /** Reads one whole request; false: the client closed. */
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

        /** Of the last request. */
        public String path() {
            return path;
        }

        /** Reads the first byte of a request. */
        public void begun() throws IOException {
            socket.getInputStream().read();
        }

        /** Until the client closes. */
        public void awaitEnd() throws IOException {
            while (in.read() >= 0) {
                // whatever it still sends
            }
        }

        /** Says that nothing more will come, and goes on reading. */
        public void halfClose() throws IOException {
            socket.shutdownOutput();
        }

        /** Until the test is over. */
        public void sayNothing() throws InterruptedException {
            closed.await();
        }

        /** Closes with a reset instead of an end. */
        public void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }
}
