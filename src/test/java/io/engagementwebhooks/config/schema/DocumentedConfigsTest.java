package io.engagementwebhooks.config.schema;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.ConfigReaders;
import io.engagementwebhooks.testkit.Documented;
import io.engagementwebhooks.testkit.TestKeys;
import io.engagementwebhooks.webhook.signing.SignatureAlgorithm;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Each configuration block in the documentation is valid in its place in a file. */
class DocumentedConfigsTest {

    private static final String OF_ACCOUNT =
            """
            accounts:
              - id: acme
                HERE
            """;

    /** The file around a block, by the first key of the block. */
    private static final Map<String, String> AROUND = Map.of(
            "accounts",
            "HERE\n",
            "webhooks",
            OF_ACCOUNT,
            "connections",
            OF_ACCOUNT,
            "oauthClients",
            OF_ACCOUNT,
            "signingKeys",
            OF_ACCOUNT,
            "- name",
            """
            accounts:
              - id: acme
                oauthClients:
                  HERE
            """,
            "audience",
            """
            accounts:
              - id: acme
                oauthClients:
                  - name: crm
                    clientId: webhooks
                    clientSecret: a-secret-of-acme
                    authenticationEndpoint: https://auth.crm.example.com
                    HERE
            """,
            "delivery",
            """
            accounts:
              - id: acme
                webhooks:
                  - name: calls
                    events: ["*"]
                    HERE
                      authentication: {type: none}
            """,
            "salesforce",
            """
            accounts:
              - id: acme
                connections:
                  - {name: sales, type: salesforce, loginUrl: "https://acme.my.salesforce.com", clientId: c, clientSecret: s}
                webhooks:
                  - name: calls
                    events: ["*"]
                    delivery:
                      authentication: {type: salesforce, connection: sales}
                      HERE
            """);

    private static final Certificates AUTHORITY = new Certificates();
    private static final Certificates.Issued CLIENT = AUTHORITY.client("engagement-webhooks", 30);

    /** Values of placeholders that cannot be any text. */
    private static final Map<String, String> VALUES = Map.of(
            "env:ACME_SIGNING_SECRET", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3",
            "env:ACME_SIGNING_KEY_1",
                    TestKeys.pem(TestKeys.of(SignatureAlgorithm.EDDSA).getPrivate()),
            "env:ACME_SIGNING_KEY_2",
                    TestKeys.pem(TestKeys.of(SignatureAlgorithm.EDDSA).getPrivate()),
            "file:partner-client-key.pem", TestKeys.pem(TestKeys.rsa(2048).getPrivate()),
            "file:bank-client.pem", CLIENT.certificatePem(),
            "file:/run/secrets/bank-client.key", CLIENT.keyPem(),
            "file:bank-ca.pem", AUTHORITY.pem());

    @TestFactory
    List<DynamicTest> each_configuration_on_a_page_is_valid() {
        List<DynamicTest> tests = new ArrayList<>();
        for (Path page : Documented.pages()) {
            Documented.page(page).blocks("yaml").stream()
                    .filter(block -> !block.startsWith("apiVersion:")) // RoutesPageTest tests Pipes
                    .filter(block -> !block.matches("(?s)\\s*(from|- route|- setProperty):.*"))
                    .forEach(block ->
                            tests.add(DynamicTest.dynamicTest(page + ": " + firstKey(block), () -> read(block))));
        }
        assertTrue(tests.size() > 12, () -> "configurations found: " + tests.size());
        return tests;
    }

    private static void read(String block) throws ConfigFaults {
        ConfigReaders.lenient()
                .read(
                        whole(block).getBytes(StandardCharsets.UTF_8),
                        name -> Optional.of(VALUES.getOrDefault(name, "value-of-" + name)));
    }

    private static String whole(String block) {
        String around = AROUND.get(firstKey(block));
        assertNotNull(around, () -> "where in a configuration file does this stand? " + block);
        int here = around.indexOf("HERE");
        int indent = here - around.lastIndexOf('\n', here) - 1;
        return around.replace(
                " ".repeat(indent) + "HERE\n",
                block.stripTrailing().stripIndent().indent(indent));
    }

    private static String firstKey(String block) {
        return block.replaceFirst("\\A(#.*\\n)+", "").strip().split(":")[0];
    }

    @Test
    void a_fault_on_a_page_would_be_found() {
        assertThrows(
                ConfigFaults.class, () -> read("delivery:\n  url: https://crm.example.com\n  fifo: {keyy: subject}\n"));
    }
}
