package io.engagementwebhooks.deliver.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.Documented;
import io.engagementwebhooks.testkit.JavaCommand;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.SeparateProduct;
import io.engagementwebhooks.testkit.Tools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** All outbound calls trust a CA that the commands of {@code docs/operations.md} add to Java's trust store. */
@Tag("slow")
@Timeout(300)
class TrustStoreTest {

    private static final String KEY = "a-key-of-acme-that-may-do-all";

    @TempDir
    Path folder;

    @Test
    void receivers_token_endpoints_and_third_parties_are_trusted_by_an_added_authority() throws Exception {
        Tools.assume("bash");
        Certificates authority = new Certificates();
        Files.writeString(folder.resolve("our-authority.pem"), authority.pem());
        type(Documented.page(Path.of("docs/operations.md")).blocks("sh").stream()
                .filter(block -> block.contains("trustStore"))
                .findFirst()
                .orElseThrow());
        // one token endpoint for all; its refusal shows that it was reached
        try (Receiver receiver = new Receiver(
                        authority.server("127.0.0.1", 7),
                        got -> got.target().getPath().equals("/in")
                                ? new Receiver.Reply(204)
                                : new Receiver.Reply(
                                        400,
                                        Map.of("Content-Type", "application/json"),
                                        "{\"error\":\"invalid_client\"}"));
                SeparateProduct product = new SeparateProduct(folder, KEY)) {
            Files.writeString(folder.resolve("webhooks.yaml"), WEBHOOKS.replace("PORT", "" + receiver.port()));

            product.start(List.of(), "javax.net.ssl.trustStore=trust", "javax.net.ssl.trustStorePassword=changeit");
            assertEquals(202, product.post("e1"));

            Awaitility.await().atMost(Patience.LONG).until(() -> product.deliveries("e1").stream()
                    .allMatch(delivery -> delivery.get("state").asText().equals("delivered")
                            || delivery.get("state").asText().equals("waiting")
                                    && !delivery.path("reason").asText("").isEmpty()));
            Map<String, String> ends = product.deliveries("e1").stream()
                    .collect(Collectors.toMap(
                            delivery -> delivery.get("webhook").asText(),
                            delivery -> delivery.get("state").asText() + " "
                                    + delivery.get("reason").asText("")));
            assertEquals("delivered ", ends.get("plain").replace("null", ""));
            for (String webhook : List.of("oauth2", "salesforce", "contentsquare")) {
                assertTrue(ends.get(webhook).contains("400"), webhook + ": " + ends.get(webhook));
            }
        }
    }

    private void type(String block) throws Exception {
        String commands =
                block.lines().filter(line -> !line.startsWith("java ")).collect(Collectors.joining("\n"));
        ProcessBuilder shell = new ProcessBuilder("bash", "-ec", commands)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("typed").toFile());
        String java = System.getProperty("java.home");
        shell.environment().put("JAVA_HOME", java);
        shell.environment()
                .merge(
                        "PATH",
                        Path.of(JavaCommand.tool("java")).getParent().toString(),
                        (all, ours) -> ours + ":" + all);
        assertEquals(0, shell.start().waitFor(), () -> "see " + folder.resolve("typed"));
    }

    private static final String WEBHOOKS =
            """
            accounts:
              - id: acme
                apiKeys:
                  - {name: all, role: admin, key: a-key-of-acme-that-may-do-all}
                oauthClients:
                  - {name: crm, clientId: a, clientSecret: b, authenticationEndpoint: "https://127.0.0.1:PORT"}
                connections:
                  - {name: sales, type: salesforce, loginUrl: "https://127.0.0.1:PORT", clientId: a, clientSecret: b, instanceSuffix: 127.0.0.1}
                  - {name: insights, type: contentsquare, tokenUrl: "https://127.0.0.1:PORT/token", clientId: a, clientSecret: b, schema: [{name: call, type: STRING, from: x}]}
                webhooks:
                  - {name: plain, events: ["*"], delivery: {url: "https://127.0.0.1:PORT/in", authentication: {type: none}}}
                  - {name: oauth2, events: ["*"], delivery: {url: "https://127.0.0.1:PORT/in", authentication: {type: oauth2, client: crm}}}
                  - {name: salesforce, events: ["*"], delivery: {authentication: {type: salesforce, connection: sales}}}
                  - {name: contentsquare, events: ["*"], delivery: {authentication: {type: contentsquare, connection: insights}, contentsquare: {path: /v1/x}, bodyJq: .data}}
            """;
}
