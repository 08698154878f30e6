package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.webhook.auth.Tls;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * A failed TLS handshake: which side refused, and why.
 *
 * @param tls our TLS settings
 * @param isCertificateRequested whether the server asked for a client certificate
 * @param cause the platform's exception; not an {@link SSLException} if the connection broke
 */
record TlsFailure(Tls tls, boolean isCertificateRequested, Throwable cause) {

    private static final Pattern ALERT = Pattern.compile("Received fatal alert: ([a-z_]+)");

    /** The start of the platform's messages for a host name mismatch (RFC 2818, 6125). */
    private static final Pattern HOST_NAME_MISMATCH = Pattern.compile("No (subject alternative|name matching)");

    /** The predicate of a sentence about the server. */
    String predicate() {
        if (isCertificateRequested && !(cause instanceof SSLException)) {
            return tls.chain().isEmpty()
                    ? withoutCertificate()
                    : " closed the connection after it was shown the client certificate of this webhook" + expired();
        }
        Matcher alert = ALERT.matcher(String.valueOf(cause.getMessage()));
        return alert.find() ? ofAlert(alert.group(1).toLowerCase(Locale.ROOT)) : ofOurCheck();
    }

    private String ofAlert(String alert) {
        String alertText = " (TLS alert " + alert + ")";
        return switch (alert) {
            case "certificate_required" -> withoutCertificate() + alertText;
            case "bad_certificate",
                    "unsupported_certificate",
                    "certificate_revoked",
                    "certificate_expired",
                    "certificate_unknown",
                    "unknown_ca",
                    "access_denied" ->
                tls.chain().isEmpty()
                        ? withoutCertificate() + alertText
                        : " did not accept the client certificate of this webhook" + expired() + alertText;
            case "protocol_version" -> " speaks neither TLS 1.2 nor TLS 1.3" + alertText;
            case "unrecognized_name" -> " has no certificate for its host name" + alertText;
            case "handshake_failure" ->
                (isCertificateRequested && tls.chain().isEmpty()
                                ? withoutCertificate()
                                : " could not agree on TLS with us")
                        + alertText;
            default -> " could not agree on TLS with us" + alertText;
        };
    }

    private String withoutCertificate() {
        return tls.chain().isEmpty()
                ? " asks for a client certificate, and this webhook has none"
                : " asks for a client certificate of another kind than this webhook's";
    }

    private String expired() {
        try {
            tls.chain().get(0).checkValidity();
            return "";
        } catch (CertificateException e) {
            return ", which is not valid now";
        }
    }

    private String ofOurCheck() {
        if (has(SSLPeerUnverifiedException.class) || isHostNameMismatch()) {
            return "'s certificate is for another host name";
        }
        if (has(CertificateExpiredException.class)) {
            return "'s certificate has expired";
        }
        if (has(CertificateNotYetValidException.class)) {
            return "'s certificate is not yet valid";
        }
        if (String.valueOf(cause.getMessage()).contains("protocol version")) {
            return " speaks neither TLS 1.2 nor TLS 1.3";
        }
        boolean untrusted = has(CertPathBuilderException.class)
                || has(CertPathValidatorException.class)
                || has(CertificateException.class);
        return untrusted ? untrusted() : " could not agree on TLS with us";
    }

    private String untrusted() {
        return tls.authorities().isEmpty()
                ? "'s certificate is not signed by a known authority"
                : "'s certificate was not issued by the CA of this webhook";
    }

    /** Detected by the message, since the platform has no type for it. */
    private boolean isHostNameMismatch() {
        return Causes.of(cause).filter(CertificateException.class::isInstance).anyMatch(each -> HOST_NAME_MISMATCH
                .matcher(String.valueOf(each.getMessage()))
                .lookingAt());
    }

    private boolean has(Class<? extends Throwable> kind) {
        return Causes.first(cause, kind).isPresent();
    }
}
