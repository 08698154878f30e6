package io.engagementwebhooks.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;

/** Raw HTTP on a socket, for requests that no regular client sends. */
public final class Raw implements AutoCloseable {

    private static final int PATIENCE_MS = 60_000;

    private final Socket socket;

    /**
     * The response.
     *
     * @param text the whole response
     * @param closed whether the server closed the connection
     */
    public record Answer(String text, boolean closed) {

        /** The status; 0 without a response. */
        public int status() {
            return text.startsWith("HTTP/1.") ? Integer.parseInt(text.substring(9, 12)) : 0;
        }

        public String body() {
            int end = text.indexOf("\r\n\r\n");
            return end < 0 ? "" : text.substring(end + 4);
        }

        /** Asserts the status; an error is a problem, without internals of the product. */
        public void assertStatus(int status) {
            assertEquals(status, status(), text);
            if (status >= 400) {
                assertTrue(text.toLowerCase(Locale.ROOT).contains("content-type: application/problem+json"), text);
                assertTrue(body().contains("urn:engagement-webhooks:problem:"), text);
                assertFalse(text.contains("Exception"), text);
            }
        }
    }

    public Raw(int port) {
        try {
            socket = new Socket(InetAddress.getByName("127.0.0.1"), port);
            socket.setSoTimeout(PATIENCE_MS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a request and reads the answer until it is complete. */
    public static Answer exchange(int port, String request) {
        try (Raw raw = new Raw(port)) {
            raw.send(request);
            return raw.answer();
        }
    }

    /** A test for each request. @param requests with their statuses, by name */
    public static List<DynamicTest> statuses(int port, Map<String, Map.Entry<String, Integer>> requests) {
        return requests.entrySet().stream()
                .map(each -> DynamicTest.dynamicTest(
                        each.getKey(), () -> exchange(port, each.getValue().getKey())
                                .assertStatus(each.getValue().getValue())))
                .toList();
    }

    public void send(String text) {
        send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Sends bytes; ignores a connection that the server has closed. */
    public boolean send(byte[] bytes) {
        try {
            OutputStream out = socket.getOutputStream();
            out.write(bytes);
            out.flush();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Reads until an answer with a Content-Length is complete, or the server closes the connection. */
    public Answer answer() {
        StringBuilder text = new StringBuilder();
        try {
            InputStream in = socket.getInputStream();
            byte[] buffer = new byte[8192];
            while (!isComplete(text)) {
                int read = in.read(buffer);
                if (read < 0) {
                    return new Answer(text.toString(), true);
                }
                text.append(new String(buffer, 0, read, StandardCharsets.ISO_8859_1));
            }
            return new Answer(text.toString(), false);
        } catch (SocketTimeoutException e) {
            throw new AssertionError("no complete answer in " + PATIENCE_MS + " ms: " + text, e);
        } catch (IOException e) {
            // reset: the server closed it with unread bytes
            return new Answer(text.toString(), true);
        }
    }

    private static boolean isComplete(StringBuilder text) {
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            return false;
        }
        for (String header : text.substring(0, end).split("\r\n")) {
            if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                return text.length()
                        >= end + 4 + Integer.parseInt(header.substring(15).trim());
            }
        }
        return false;
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
