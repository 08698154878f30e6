package io.engagementwebhooks;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.SeparateProduct;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A separate process with a heap of 256 MB, as the README promises, under strangers' connections by the thousand. */
@Tag("slow")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StrangerMemoryTest {

    private static final String KEY = "an-admin-key-of-acme";
    private static final long RESIDENT_KB = (256 + 250) * 1024L;

    private final List<SocketChannel> unauthenticated = new ArrayList<>();

    @AutoClose
    private SeparateProduct product;

    private int events;

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        Files.writeString(
                folder.resolve("webhooks.yaml"),
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: an-admin-key-of-acme}]
                  - id: other
                    apiKeys: [{name: staff, role: admin, key: an-admin-key-of-other}]
                """);
        product = new SeparateProduct(folder, KEY);
        product.start(List.of(), "webhooks.ingest.request-timeout=60s");
    }

    @AfterEach
    void goAway() throws IOException {
        for (SocketChannel stranger : unauthenticated) {
            stranger.close();
        }
        unauthenticated.clear();
    }

    /** Opens a connection from one of many addresses, and sends as much as is taken at once. */
    private SocketChannel open(int number, byte[] bytes) throws IOException {
        SocketChannel channel = SocketChannel.open();
        channel.bind(new InetSocketAddress("127.1." + number / 200 + "." + (number % 200 + 1), 0));
        channel.setOption(StandardSocketOptions.SO_SNDBUF, 512 * 1024);
        channel.connect(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), product.port()));
        channel.configureBlocking(false);
        send(channel, bytes);
        unauthenticated.add(channel);
        return channel;
    }

    private static void send(SocketChannel channel, byte[] bytes) {
        try {
            channel.write(ByteBuffer.wrap(bytes));
        } catch (IOException e) {
            // closed for another
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String post(String key, int length) {
        return "POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + (key == null ? "" : "Authorization: Bearer " + key + "\r\n")
                + "Content-Length: " + length + "\r\n\r\n";
    }

    /** Another caller's event is accepted, and the process is no larger than promised. */
    private void assertLives() throws Exception {
        String id = "e" + events++;
        String event = "{\"id\":\"" + id + "\",\"source\":\"/s\",\"type\":\"call.ended\"}";
        try (Socket socket = new Socket("127.0.0.1", product.port())) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write(bytes(post("an-admin-key-of-other", event.length()) + event));
            byte[] answer = socket.getInputStream().readNBytes(12);
            assertEquals("HTTP/1.1 202", new String(answer, StandardCharsets.ISO_8859_1), product.log());
        }
        assertTrue(product.process().isAlive(), product.log());
        assertTrue(!product.log().contains("OutOfMemory"), product.log());
        long resident = product.residentKibibytes();
        assertTrue(resident <= RESIDENT_KB, resident + " KiB resident");
    }

    @Test
    void a_thousand_unfinished_bodies_of_strangers_exhaust_nothing() throws Exception {
        byte[] request = bytes(post(null, 260_000) + " ".repeat(250_000));
        byte[] form = bytes("POST /console/sign-in HTTP/1.1\r\nHost: x\r\n"
                + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 260000\r\n\r\nkey="
                + "x".repeat(250_000));
        for (int i = 0; i < 1000; i++) {
            open(i, i % 2 == 0 ? request : form);
            if (i % 250 == 249) {
                assertLives();
            }
        }
        assertLives();
    }

    @Test
    void a_thousand_unfinished_bodies_of_one_caller_leave_memory_to_others() throws Exception {
        byte[] request = bytes(post(KEY, 260_000) + " ".repeat(250_000));
        for (int i = 0; i < 1000; i++) {
            open(i, request);
            if (i % 250 == 249) {
                assertLives();
            }
        }
        assertLives();
    }

    @Test
    void unfinished_heads_by_the_thousand_exhaust_nothing() throws Exception {
        byte[] lines = bytes("GET /v1/events HTTP/1.1\r\nHost: x\r\n" + "X-Header-Of-A-Stranger: value\r\n".repeat(90));
        byte[] long1 = bytes("GET /v1/events HTTP/1.1\r\nHost: x\r\nX-Long: " + "x".repeat(15_000));
        byte[] short1 = bytes("GET /v1/events HTTP/1.1\r\nHost: x");
        for (int i = 0; i < 9000; i++) {
            open(i, i % 3 == 0 ? lines : i % 3 == 1 ? long1 : short1);
            if (i % 1500 == 1499) {
                assertLives();
            }
        }
        assertLives();
    }

    @Test
    void requests_by_the_thousand_on_each_connection_whose_answers_are_not_read_exhaust_nothing() throws Exception {
        byte[] requests = bytes("GET /v1/openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n".repeat(2000));
        for (int i = 0; i < 1000; i++) {
            open(i, requests);
            if (i % 250 == 249) {
                assertLives();
            }
        }
        assertLives();
        await("it still answers").untilAsserted(this::assertLives);
    }
}
