package io.engagementwebhooks.testkit;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An HTTP proxy on loopback that supports only CONNECT. It resolves names by its own map, so that only requests through
 * it arrive. Thread-safe.
 */
public final class ConnectProxy implements AutoCloseable {

    private final ServerSocket server;
    private final String credentials;
    private final Map<String, Integer> ports = new ConcurrentHashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile String answer = "";

    /** A proxy without authentication. */
    public ConnectProxy() {
        this("");
    }

    /** @param credentials {@code user:password} that it requires, in UTF-8; empty: none, and any are refused */
    public ConnectProxy(String credentials) {
        this.credentials = credentials;
        try {
            server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    public int port() {
        return server.getLocalPort();
    }

    /** Maps {@code host:port} to a port on loopback. */
    public ConnectProxy leading(String authority, int port) {
        ports.put(authority, port);
        return this;
    }

    /** Sets a response instead of tunnels; empty: opens tunnels again. */
    public void answerWith(String head) {
        answer = head;
    }

    /** Requested tunnels, as {@code host:port}. */
    public List<String> asked() {
        return asked;
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

    private void serve(Socket client) {
        try (client) {
            InputStream in = new BufferedInputStream(client.getInputStream());
            List<String> head = head(in);
            String[] line = head.get(0).split(" ");
            if (line.length != 3 || !line[0].equals("CONNECT") || !line[2].equals("HTTP/1.1")) {
                say(client, "HTTP/1.1 405 Only CONNECT");
                return;
            }
            asked.add(line[1]);
            if (!answer.isEmpty()) {
                say(client, answer);
            } else if (head.stream().noneMatch(("Host: " + line[1])::equalsIgnoreCase)) {
                say(client, "HTTP/1.1 400 No Host");
            } else if (!isKnown(head)) {
                say(client, "HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Basic realm=\"test\"");
            } else if (!ports.containsKey(line[1])) {
                say(client, "HTTP/1.1 503 No such host");
            } else {
                tunnel(client, in, ports.get(line[1]));
            }
        } catch (IOException e) {
            // one of both went away
        }
    }

    private boolean isKnown(List<String> head) {
        List<String> shown = head.stream()
                .filter(header -> header.regionMatches(true, 0, "Proxy-Authorization: ", 0, 21))
                .map(header -> header.substring(21))
                .toList();
        byte[] pair = credentials.getBytes(StandardCharsets.UTF_8);
        return credentials.isEmpty()
                ? shown.isEmpty()
                : shown.equals(List.of("Basic " + Base64.getEncoder().encodeToString(pair)));
    }

    private void tunnel(Socket client, InputStream in, int port) throws IOException {
        try (Socket receiver = new Socket(InetAddress.getByName("127.0.0.1"), port)) {
            sockets.add(receiver);
            say(client, "HTTP/1.1 200 Connection established\r\nVia: 1.1 test");
            start(() -> pump(in, receiver));
            receiver.getInputStream().transferTo(client.getOutputStream());
        }
    }

    private static void pump(InputStream from, Socket to) {
        try (to) {
            from.transferTo(to.getOutputStream());
        } catch (IOException e) {
            // one of both went away
        }
    }

    private static void say(Socket client, String head) throws IOException {
        client.getOutputStream().write((head + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
        client.getOutputStream().flush();
    }

    private static List<String> head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int read = in.read();
            if (read < 0) {
                throw new IOException("no request");
            }
            head.append((char) read);
        }
        return List.of(head.toString().split("\r\n"));
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "connect-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
