package io.engagementwebhooks.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.config.schema.ConfigFaults;
import io.engagementwebhooks.testkit.ConfigReaders;
import io.engagementwebhooks.testkit.Documented;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.auth.Authentication;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The configurations in docs/authentication.md and README.md do what these pages say. */
class AuthenticationPagesTest {

    private static final String ACCOUNT = "accounts:\n  - id: acme\n    apiKeys: []\n    signingKeys: []\n";

    private static List<String> blocks(String page) {
        return Documented.page(Path.of(page)).blocks("yaml");
    }

    private static Config read(String block) throws ConfigFaults {
        String indented = block.lines().map(line -> "    " + line).reduce("", (all, line) -> all + line + "\n");
        return ConfigReaders.lenient()
                .read((ACCOUNT + indented).getBytes(StandardCharsets.UTF_8), name -> Optional.of("value-of-" + name))
                .config();
    }

    @Test
    void the_configuration_on_the_first_page_is_valid_with_its_variables() throws Exception {
        String block = blocks("README.md").get(0);
        Map<String, String> variables = Map.of(
                "env:ACME_INGEST_KEY", "a-key-of-acme-that-may-send",
                "env:ACME_ADMIN_KEY", "a-key-of-acme-that-may-do-all",
                "env:ACME_SIGNING_SECRET", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3",
                "env:CRM_CLIENT_SECRET", "a-secret-of-acme");
        ConfigParser.Good good = ConfigReaders.lenient()
                .read(block.getBytes(StandardCharsets.UTF_8), name -> Optional.ofNullable(variables.get(name)));
        assertEquals(List.of(), good.warnings());
        assertTrue(
                good.config().webhook(Ids.webhook("acme", "ended-calls-to-crm")).isPresent());
    }

    @Test
    void user_and_password_are_sent_as_the_page_says() throws Exception {
        Config config = read(blocks("docs/authentication.md").get(0));
        Authentication.Header header = (Authentication.Header) config.webhook(Ids.webhook("acme", "calls-to-partner"))
                .orElseThrow()
                .delivery()
                .authentication();
        String pair = "partner:value-of-env:PARTNER_PASSWORD";
        assertEquals(
                "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)),
                header.value().reveal());
    }

    @Test
    void each_mistake_on_the_page_is_refused_with_its_correction() throws Exception {
        String block = blocks("docs/authentication.md").get(1);
        for (String slip : List.of("cGFydG5lcjpzZWNyZXQ=", "Authorization: Basic cGFydG5lcjpzZWNyZXQ=")) {
            ConfigFaults faults = assertThrows(
                    ConfigFaults.class, () -> read(block.replace("{{env:WAREHOUSE_AUTHORIZATION}}", slip)));
            assertTrue(faults.getMessage().contains("Basic"), faults::getMessage);
        }
    }
}
