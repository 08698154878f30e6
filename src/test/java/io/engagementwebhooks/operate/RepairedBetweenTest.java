package io.engagementwebhooks.operate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.config.schema.ConfigFaults;
import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.ConfigReaders;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.WebhookId;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which credentials a changed configuration repairs (semantics 14). */
class RepairedBetweenTest {

    private static final Set<WebhookId> CRM = Set.of(Ids.webhook("acme", "crm"));

    private final Certificates authority = new Certificates();
    private final Certificates.Issued former = authority.client("acme", 30);

    @Test
    void the_client_certificate_for_the_receiver_is_a_credential_too() throws ConfigFaults {
        assertEquals(Set.of(), CredentialChanges.between(config(former, "key"), config(former, "key")));
        assertEquals(
                CRM, CredentialChanges.between(config(former, "key"), config(authority.client("acme", 60), "key")));
        assertEquals(CRM, CredentialChanges.between(config(former, "key"), config(former, "another-key")));
    }

    private static Config config(Certificates.Issued certificate, String apiKey) throws ConfigFaults {
        Map<String, String> values =
                Map.of("env:CERTIFICATE", certificate.certificatePem(), "env:KEY", certificate.keyPem());
        String file =
                """
                accounts:
                  - id: acme
                    webhooks:
                      - name: crm
                        events: ["*"]
                        delivery: {url: "https://crm.example.com/", tls: {certificate: "{{env:CERTIFICATE}}", key: "{{env:KEY}}"},
                                   authentication: {type: api-key, header: X-Api-Key, value: %s}}
                """
                        .formatted(apiKey);
        return ConfigReaders.lenient()
                .read(file.getBytes(StandardCharsets.UTF_8), name -> Optional.ofNullable(values.get(name)))
                .config();
    }
}
