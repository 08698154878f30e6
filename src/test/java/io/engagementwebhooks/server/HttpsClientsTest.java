package io.engagementwebhooks.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.Tools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A separate product that ends TLS with a certificate of a private authority: clients in other languages send events,
 * and it delivers them by https to a receiver with a certificate of that authority.
 */
@Tag("polyglot")
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HttpsClientsTest {

    private static final String PYTHON =
            """
            import json, ssl, sys, urllib.request
            url, ca, event = sys.argv[1:]
            request = urllib.request.Request(url, event.encode(), {
                "Authorization": "Bearer a-key-of-the-sender", "Content-Type": "application/json"})
            with urllib.request.urlopen(request, context=ssl.create_default_context(cafile=ca)) as response:
                sys.exit(0 if response.status == 202 else response.status)
            """;

    private static final String NODE =
            """
            const [url, ca, event] = process.argv.slice(2);
            const headers = {authorization: "Bearer a-key-of-the-sender", "content-type": "application/json"};
            const options = {method: "POST", headers, ca: require("fs").readFileSync(ca)};
            require("https").request(url, options, response => process.exit(response.statusCode === 202 ? 0 : 1)).end(event);
            """;

    private final Certificates authority = new Certificates();

    @AutoClose
    private Receiver receiver;

    @AutoClose
    private RunningProduct product;

    @TempDir
    private static Path folder;

    private Path ca;

    @BeforeAll
    void start() throws Exception {
        ca = Files.writeString(folder.resolve("ca.pem"), authority.pem());
        Files.writeString(folder.resolve("send.py"), PYTHON);
        Files.writeString(folder.resolve("send.js"), NODE);
        receiver = new Receiver(authority.server("127.0.0.1", 1), got -> new Receiver.Reply(200));
        product = RunningProduct.start(
                folder.resolve("product"),
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: sender, role: ingest, key: a-key-of-the-sender}]
                    webhooks:
                      - name: crm
                        events: ["call.*"]
                        delivery: {url: "%s", authentication: {type: none}, tls: {ca: "{{file:%s}}"}}
                """
                        .formatted("https://127.0.0.1:" + receiver.port() + "/", ca),
                authority.serverSettings("127.0.0.1", folder).toArray(String[]::new));
    }

    static Stream<Arguments> clients() {
        return Stream.of(
                Arguments.of("python3", List.of("python3", "send.py", "URL", "CA", "EVENT")),
                Arguments.of("node", List.of("node", "send.js", "URL", "CA", "EVENT")),
                Arguments.of(
                        "curl",
                        List.of(
                                "curl",
                                "--fail",
                                "--cacert",
                                "CA",
                                "-H",
                                "Authorization: Bearer a-key-of-the-sender",
                                "--json",
                                "EVENT",
                                "URL")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("clients")
    void an_event_by_https_is_delivered_by_https(String client, List<String> command) throws Exception {
        Tools.assume(client);
        String id = "from-" + client;
        String event = "{\"specversion\":\"1.0\",\"id\":\"" + id + "\",\"source\":\"/s\",\"type\":\"call.ended\"}";
        String url = "https://127.0.0.1:" + product.port() + "/v1/events";
        Tools.run(
                folder,
                command.stream()
                        .map(word ->
                                word.replace("URL", url).replace("EVENT", event).replace("CA", ca.toString()))
                        .toArray(String[]::new));

        Awaitility.await().atMost(Patience.LONG).until(() -> count(id) > 0);
        assertEquals(1, count(id));
    }

    private long count(String id) {
        return receiver.requests().stream()
                .filter(got -> got.body().contains("\"" + id + "\""))
                .count();
    }
}
