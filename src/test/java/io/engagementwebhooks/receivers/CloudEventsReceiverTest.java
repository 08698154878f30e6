package io.engagementwebhooks.receivers;

import static io.engagementwebhooks.testkit.Needed.needed;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.Tools;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Receivers by CloudEvents' SDK for Go permit requests, or do not (semantics 47). A separate product, as receivers call it
 * at its address. Needs go.
 */
@Tag("polyglot")
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CloudEventsReceiverTest {

    private static final Path GO = Path.of("src/test/go-cloudevents");
    private static final String KEY = "a-key-of-acme-000";
    private static final List<String> NAMES = List.of("granted", "refused", "callback", "later", "ignores");

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private Process receivers;

    @AutoClose
    private RunningProduct product;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        needed(Tools.isHere("go"), "go is not on this machine's PATH");
        try (Stream<Path> files = Files.list(GO)) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
        Tools.run(folder, "go", "build", "-o", "receivers", ".");
        receivers = new ProcessBuilder(folder.resolve("receivers").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        new Thread(this::read, "receivers").start();
        await().until(() -> lines.size() == NAMES.size());
        int port = FreePort.any();
        product = RunningProduct.start(
                folder.resolve("product"),
                config("cloudevents"),
                "camel.server.port=" + port,
                "webhooks.console.url=http://localhost:" + port);
    }

    private void read() {
        try (BufferedReader reader = receivers.inputReader()) {
            reader.lines().forEach(lines::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String config(String validation) {
        StringBuilder config = new StringBuilder(
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: %s}]
                    webhooks:
                """
                        .formatted(KEY));
        for (String name : NAMES) {
            String port = of(name).findFirst().orElseThrow().split(" ")[1];
            config.append(
                    """
                          - name: %s
                            events: ["%1$s"]
                            retry: [1h]
                            delivery: {url: "http://127.0.0.1:%s/hooks", rateLimit: 50/s, validation: %s}
                    """
                            .formatted(name, port, name.equals("granted") ? validation : "cloudevents"));
        }
        return config.toString();
    }

    @AfterAll
    void stop() {
        receivers.destroy();
    }

    private Stream<String> of(String name) {
        return lines.stream().filter(line -> line.startsWith(name + " "));
    }

    private List<String> requests(String name, String method) {
        return of(name).filter(line -> line.startsWith(name + " " + method)).toList();
    }

    private void send(String name, String id) {
        String event = "{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"/s\",\"type\":\"%s\",\"data\":{}}";
        int status = product.post("/v1/events", KEY, "application/cloudevents+json", event.formatted(id, name))
                .statusCode();
        assertEquals(202, status);
    }

    private JsonNode delivered(String id) {
        return product.awaitDeliveries(KEY, id, 1, "delivered");
    }

    private String refused(String id) {
        return await().until(
                        () -> product.read("/v1/deliveries?event=" + id, KEY).at("/items/0"),
                        delivery -> delivery.at("/waitingFor/kind").asText().equals("permission"))
                .get("reason")
                .asText();
    }

    @Test
    void semantics_47_what_the_SDK_grants_is_used_at_its_rate_and_ends_when_it_is_withdrawn() throws Exception {
        List<String> ids = List.of("g1", "g2", "g3", "g4");
        ids.forEach(id -> send("granted", id));
        ids.forEach(this::delivered);
        List<Long> times = requests("granted", "POST").stream()
                .map(line -> Long.valueOf(line.split(" ")[2]))
                .toList();
        assertEquals(4, times.size());
        assertTrue(times.get(3) - times.get(0) >= 1000, "120 a minute, not 50 a second: " + times);
        assertEquals(1, requests("granted", "OPTIONS").size());
        JsonNode permission = product.read("/v1/webhooks/granted", KEY).get("permission");
        assertEquals(120, permission.get("requestsPerMinute").asInt());

        receivers.outputWriter().append("withdraw\n").flush();
        await().until(() -> lines.contains("withdrawn"));
        product.config(config("none"));
        await().until(() -> !product.read("/v1/webhooks/granted", KEY).has("permission"));
        product.config(config("cloudevents"));
        await().until(() -> product.read("/v1/webhooks/granted", KEY).has("permission"));
        send("granted", "g5");
        assertTrue(refused("g5").endsWith("it answered OPTIONS with 400"), refused("g5"));
        assertEquals(4, requests("granted", "POST").size());
    }

    @Test
    void semantics_47_what_the_SDK_refuses_is_not_sent() {
        send("refused", "r1");
        assertTrue(refused("r1").endsWith("it answered OPTIONS with 400"), refused("r1"));
        assertEquals(List.of(), requests("refused", "POST"));
    }

    @Test
    void semantics_47_the_SDK_calls_back_while_it_answers() {
        send("callback", "c1");
        assertEquals(1, delivered("c1").at("/0/attemptCount").asInt());
        assertEquals(1, requests("callback", "OPTIONS").size());
        assertEquals(
                6000,
                product.read("/v1/webhooks/callback", KEY)
                        .at("/permission/requestsPerMinute")
                        .asInt());
    }

    @Test
    void semantics_47_a_person_opens_the_callback_that_the_SDK_logged() {
        send("later", "l1");
        assertTrue(refused("l1").endsWith("with 200 without WebHook-Allowed-Origin"), refused("l1"));
        URI callback = URI.create(requests("later", "OPTIONS").get(0).split(" ")[3]);
        assertEquals(200, product.send(HttpRequest.newBuilder(callback).build()).statusCode());
        delivered("l1");
    }

    @Test
    void semantics_47_a_receiver_of_the_SDK_without_a_handler_of_OPTIONS_gets_nothing() {
        send("ignores", "i1");
        assertTrue(refused("i1").endsWith("it answered OPTIONS with 405"), refused("i1"));
        assertFalse(requests("ignores", "OPTIONS").isEmpty());
        assertEquals(List.of(), requests("ignores", "POST"));
    }
}
