package io.engagementwebhooks.api.webhook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.SampleWebhook;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.auth.Tls;
import io.engagementwebhooks.webhook.signing.Signing;
import io.engagementwebhooks.webhook.template.Body;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class AccountWebhooksTest {

    @Test
    void webhooks_are_scanned_once_per_configuration() {
        AtomicReference<Config> config = new AtomicReference<>(config(webhook("later", 20), webhook("soon", 5)));
        AccountWebhooks ends = new AccountWebhooks(config::get);
        List<AccountWebhooks.End> first = ends.certificateEnds("acme");
        assertEquals(
                List.of("soon", "later"),
                first.stream().map(AccountWebhooks.End::webhook).toList());
        assertEquals(Duration.ofSeconds(15), ends.longestTimeout("acme"));
        assertSame(first, ends.certificateEnds("acme"));
        assertEquals(List.of(), ends.certificateEnds("other"));

        config.set(config(webhook("later", 20)));
        assertEquals(
                List.of("later"),
                ends.certificateEnds("acme").stream()
                        .map(AccountWebhooks.End::webhook)
                        .toList());
    }

    private static Config config(Webhook... webhooks) {
        return new Config(List.of(new Account("acme", List.of(), List.of())), Config.Resources.of(List.of(webhooks)));
    }

    private static Webhook webhook(String name, int days) {
        Certificates.Issued issued = new Certificates().client("acme", days);
        Tls tls = Tls.of(Optional.of(new Tls.ClientCertificate(issued.chain(), issued.key())), List.of());
        Target.Http target = new Target.Http(
                URI.create("https://a.example.com"), "POST", new Body.WholeEvent(), Map.of(), Signing.NONE);
        return SampleWebhook.of("acme", name, target.with(target.signing(), tls));
    }
}
