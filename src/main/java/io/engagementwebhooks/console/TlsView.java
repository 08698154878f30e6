package io.engagementwebhooks.console;

import io.engagementwebhooks.webhook.Tls;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;

/**
 * TLS settings of a webhook or an OAuth client.
 *
 * @param certificate subject of the client certificate, or null: there is none
 * @param expires when that expires, or null
 * @param ownCa whether it has its own certificate authorities
 */
public record TlsView(String certificate, String expires, boolean ownCa) {

    static TlsView of(Tls tls) {
        X509Certificate certificate = tls.chain().isEmpty() ? null : tls.chain().get(0);
        String subject = certificate == null
                ? null
                : certificate.getSubjectX500Principal().getName();
        return new TlsView(
                subject,
                DeliveryView.text(endOfCertificate(tls).orElse(null)),
                !tls.authorities().isEmpty());
    }

    /** When the client certificate expires; empty: there is none. */
    static Optional<Instant> endOfCertificate(Tls tls) {
        return tls.chain().stream().findFirst().map(first -> first.getNotAfter().toInstant());
    }
}
