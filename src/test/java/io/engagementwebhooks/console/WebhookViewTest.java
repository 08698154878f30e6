package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.Certificates.Issued;
import io.engagementwebhooks.webhook.Authentication;
import io.engagementwebhooks.webhook.Secret;
import io.engagementwebhooks.webhook.Tls;
import io.engagementwebhooks.webhook.Tls.ClientCertificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WebhookViewTest {

    @Test
    void an_api_key_shows_its_header_and_not_the_key() {
        assertEquals(
                Map.of("type", "api-key", "header", "X-Api-Key"),
                WebhookView.authentication(
                        new Authentication.ApiKey("X-Api-Key", Secret.of("hush")), client -> Optional.empty()));
    }

    @Test
    void a_client_certificate_shows_whose_it_is_and_how_long_it_is_good() {
        Issued issued = new Certificates().client("acme", 30);
        Tls tls = Tls.of(Optional.of(new ClientCertificate(issued.chain(), issued.key())), List.of());
        Map<String, Object> view = WebhookView.tls(tls);
        assertEquals("CN=acme", view.get("certificate"));
        assertEquals(issued.chain().get(0).getNotAfter().toInstant().toString(), view.get("expires"));
        assertEquals(false, view.get("ownCa"));
    }

    @Test
    void a_ca_alone_shows_no_certificate() {
        Issued issued = new Certificates().client("acme", 30);
        Map<String, Object> view = WebhookView.tls(Tls.of(Optional.empty(), issued.chain()));
        assertNull(view.get("certificate"));
        assertNull(view.get("expires"));
        assertEquals(true, view.get("ownCa"));
    }
}
