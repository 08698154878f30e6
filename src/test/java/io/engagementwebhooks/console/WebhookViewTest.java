package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.Certificates.Issued;
import io.engagementwebhooks.webhook.Authentication;
import io.engagementwebhooks.webhook.Secret;
import io.engagementwebhooks.webhook.Tls;
import io.engagementwebhooks.webhook.Tls.ClientCertificate;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WebhookViewTest {

    @Test
    void an_api_key_shows_its_header_and_not_the_key() throws JsonProcessingException {
        AuthenticationView view = AuthenticationView.of(
                new Authentication.ApiKey("X-Api-Key", Secret.of("hush")), client -> Optional.empty());
        assertEquals("{\"type\":\"api-key\",\"header\":\"X-Api-Key\"}", new ObjectMapper().writeValueAsString(view));
    }

    @Test
    void a_client_certificate_shows_its_subject_and_expiry() {
        Issued issued = new Certificates().client("acme", 30);
        Tls tls = Tls.of(Optional.of(new ClientCertificate(issued.chain(), issued.key())), List.of());
        TlsView view = TlsView.of(tls);
        assertEquals("CN=acme", view.certificate());
        assertEquals(issued.chain().get(0).getNotAfter().toInstant().toString(), view.expires());
        assertEquals(false, view.ownCa());
    }

    @Test
    void a_ca_alone_shows_no_certificate() {
        Issued issued = new Certificates().client("acme", 30);
        TlsView view = TlsView.of(Tls.of(Optional.empty(), issued.chain()));
        assertNull(view.certificate());
        assertNull(view.expires());
        assertEquals(true, view.ownCa());
    }
}
