package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.SalesforceStandIn;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Third parties of one account hang, answer without end, or nonsense; another account's deliveries go on. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HangingThirdPartiesTest {

    private static final String LOUD = "the-key-of-the-loud-account-0000";
    private static final String QUIET = "the-key-of-the-quiet-account-000";
    private static final int MANY = 100;
    private static final int EVENTS = 20;

    @AutoClose
    private final SalesforceStandIn org = SalesforceStandIn.start();

    @AutoClose
    private final Receiver receiver = new Receiver(got -> new Receiver.Reply(204));

    @AutoClose
    private RunningProduct host;

    /** With two workers, so that two that waited would be all of them. */
    @BeforeAll
    void start(@TempDir Path folder) {
        host = RunningProduct.start(folder, WholeProduct.NO_ACCOUNTS, "webhooks.deliver.threads=2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"salesforce", "oauth2", "contentsquare"})
    void a_hundred_that_hang_at_login_do_not_hold_up_another_account(String kind) throws Exception {
        try (Trouble silence = new Trouble(socket -> {});
                RunningProduct product = host.with(config(kind, MANY, silence.port()))) {
            product.postEvent(LOUD, SalesforceProductTest.event("e"));
            Awaitility.await().until(() -> silence.asked() > 0);

            assertQuietIsServed(product, kind);

            for (JsonNode delivery : loud(product)) {
                assertFalse(
                        delivery.path("reason").asText("").contains("within 10 s"), "it was waited for: " + delivery);
            }
        }
    }

    /** Neither a login nor the opening of an org holds a thread that the account's other orgs need. */
    @Test
    void a_login_that_hangs_and_ten_that_are_refused_do_not_hold_up_another_org_of_the_same_account() throws Exception {
        try (Trouble silence = new Trouble(socket -> {});
                RunningProduct product = host.with(oneOfTwelveOrgsWorks(silence.port()))) {
            for (int n = 0; n < EVENTS; n++) {
                product.postEvent(LOUD, SalesforceProductTest.event("same-" + n));
            }

            Awaitility.await()
                    .until(() -> deliveries(product, "webhook=to-good&outcome=delivered")
                                    .size()
                            == EVENTS);

            assertEquals(EVENTS, deliveries(product, "webhook=to-hanging").size());
            for (JsonNode delivery : deliveries(product, "webhook=to-hanging")) {
                assertFalse(
                        delivery.path("reason").asText("").contains("within 10 s"), "it was waited for: " + delivery);
            }
        }
    }

    private String oneOfTwelveOrgsWorks(int silent) {
        StringBuilder connections = new StringBuilder();
        StringBuilder webhooks = new StringBuilder();
        connections.append("      - {name: hanging, type: salesforce, loginUrl: \"http://127.0.0.1:" + silent
                + "\", clientId: a, clientSecret: b, instanceSuffix: 127.0.0.1}\n");
        webhooks.append(SalesforceProductTest.webhook("hanging", ""));
        for (int n = 0; n < 10; n++) {
            connections.append(
                    SalesforceProductTest.connection("refused" + n, org, SalesforceProductTest.secret("wrong")));
            webhooks.append(SalesforceProductTest.webhook("refused" + n, ""));
        }
        connections.append(SalesforceProductTest.connection(
                "good", org, SalesforceProductTest.secret(SalesforceStandIn.CLIENT_SECRET)));
        webhooks.append(SalesforceProductTest.webhook("good", ""));
        return "accounts:\n  - id: loud\n    apiKeys: [{name: a, role: admin, key: " + LOUD + "}]\n    connections:\n"
                + connections + "    webhooks:\n" + webhooks;
    }

    @ParameterizedTest
    @CsvSource({
        "salesforce, endless",
        "salesforce, ten megabytes",
        "salesforce, malformed",
        "oauth2, endless",
        "oauth2, ten megabytes",
        "oauth2, malformed",
        "contentsquare, endless",
        "contentsquare, ten megabytes",
        "contentsquare, malformed"
    })
    void an_answer_without_end_or_sense_costs_no_other_account_and_no_attempt(String kind, String answer)
            throws Exception {
        try (Trouble trouble = new Trouble(socket -> answer(answer, socket));
                RunningProduct product = host.with(config(kind, 10, trouble.port()))) {
            product.postEvent(LOUD, SalesforceProductTest.event("e"));
            Awaitility.await().until(() -> trouble.asked() > 0);

            assertQuietIsServed(product, kind + answer);

            Awaitility.await().until(() -> loud(product).stream()
                    .anyMatch(delivery -> !delivery.path("reason").asText("").isEmpty()));
            for (JsonNode delivery : loud(product)) {
                assertEquals(0, delivery.get("attemptCount").asInt(), delivery::toString);
            }
        }
    }

    private void assertQuietIsServed(RunningProduct product, String event) {
        String id = "q-" + event.replace(' ', '-');
        assertEquals(
                202, product.postEvent(QUIET, SalesforceProductTest.event(id)).statusCode());
        product.awaitDeliveries(QUIET, id, 2, "delivered");
        for (JsonNode delivery : loud(product)) {
            assertEquals(0, delivery.get("attemptCount").asInt(), delivery::toString);
        }
    }

    private static List<JsonNode> loud(RunningProduct product) {
        return deliveries(product, "");
    }

    private static List<JsonNode> deliveries(RunningProduct product, String filter) {
        List<JsonNode> items = new ArrayList<>();
        product.read("/v1/deliveries?limit=200&" + filter, LOUD).get("items").forEach(items::add);
        return items;
    }

    private static void answer(String answer, Socket socket) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII));
        byte[] spaces = " ".repeat(10_000).getBytes(StandardCharsets.US_ASCII);
        switch (answer) {
            case "malformed" -> out.write("{\"access_token\": [[[\"".getBytes(StandardCharsets.US_ASCII));
            case "ten megabytes" -> {
                for (int i = 0; i < 1000; i++) {
                    out.write(spaces);
                }
            }
            default -> {
                while (!socket.isClosed()) {
                    out.write(spaces);
                }
            }
        }
        socket.close();
    }

    private String config(String kind, int many, int port) {
        String url = "http://127.0.0.1:" + port;
        return "accounts:\n  - id: loud\n    apiKeys: [{name: a, role: admin, key: " + LOUD + "}]\n"
                + switch (kind) {
                    case "salesforce" ->
                        each(
                                        many,
                                        "connections",
                                        n -> "{name: c" + n + ", type: salesforce, loginUrl: \"" + url
                                                + "\", clientId: a, clientSecret: b, instanceSuffix: 127.0.0.1}")
                                + each(
                                        many,
                                        "webhooks",
                                        n -> webhook(n, "authentication: {type: salesforce, connection: c" + n + "}"));
                    case "oauth2" ->
                        each(
                                        many,
                                        "oauthClients",
                                        n -> "{name: c" + n
                                                + ", clientId: a, clientSecret: b, authenticationEndpoint: \"" + url
                                                + "\"}")
                                + each(
                                        many,
                                        "webhooks",
                                        n -> webhook(
                                                n,
                                                "url: \"" + receiver.url()
                                                        + "\", authentication: {type: oauth2, client: c" + n + "}"));
                    default ->
                        each(
                                        many,
                                        "connections",
                                        n -> "{name: c" + n + ", type: contentsquare, tokenUrl: \"" + url
                                                + "\", clientId: a, clientSecret: b, schema: [{name: x, type: INT}]}")
                                + each(
                                        many,
                                        "webhooks",
                                        n -> webhook(
                                                n,
                                                "authentication: {type: contentsquare, connection: c" + n
                                                        + "}, contentsquare: {path: /v1/x}, bodyJq: .data"));
                }
                + "  - id: quiet\n    apiKeys: [{name: a, role: admin, key: " + QUIET + "}]\n    connections:\n"
                + SalesforceProductTest.connection(
                        "org", org, SalesforceProductTest.secret(SalesforceStandIn.CLIENT_SECRET))
                + "    webhooks:\n" + SalesforceProductTest.webhook("org", "")
                + "      - " + webhook(0, "url: \"" + receiver.url() + "\", authentication: {type: none}") + "\n";
    }

    private static String webhook(int n, String delivery) {
        return "{name: w" + n + ", events: [\"*\"], delivery: {" + delivery + "}}";
    }

    private static String each(int many, String key, IntFunction<String> one) {
        return "    " + key + ":\n"
                + IntStream.range(0, many)
                        .mapToObj(n -> "      - " + one.apply(n) + "\n")
                        .collect(Collectors.joining());
    }

    private interface Answering {
        void answer(Socket socket) throws IOException;
    }

    /** Takes connections, and answers before it has read anything. */
    private static final class Trouble implements AutoCloseable {

        private final ServerSocket server = new ServerSocket(0, 1000, InetAddress.getLoopbackAddress());
        private final List<Socket> taken = new CopyOnWriteArrayList<>();
        private final ExecutorService threads = Executors.newCachedThreadPool();

        Trouble(Answering answering) throws IOException {
            threads.execute(() -> {
                try {
                    while (true) {
                        Socket socket = server.accept();
                        taken.add(socket);
                        threads.execute(() -> answer(answering, socket));
                    }
                } catch (IOException closed) {
                    // the end
                }
            });
        }

        private static void answer(Answering answering, Socket socket) {
            try {
                answering.answer(socket);
            } catch (IOException closed) {
                // by the caller, or at the end
            }
        }

        int port() {
            return server.getLocalPort();
        }

        int asked() {
            return taken.size();
        }

        @Override
        public void close() throws IOException {
            server.close();
            for (Socket socket : taken) {
                socket.close();
            }
            threads.shutdownNow();
        }
    }
}
