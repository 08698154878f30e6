package io.engagementwebhooks.deliver.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.deliver.judge.Answer;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.Certificates.Issued;
import io.engagementwebhooks.testkit.TestResources;
import io.engagementwebhooks.webhook.auth.Tls;
import io.engagementwebhooks.webhook.auth.Tls.ClientCertificate;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Client certificates and CAs of single webhooks, with servers that request certificates. */
@Timeout(300)
class MutualTlsTest extends TestResources {

    private static final String NOT_ACCEPTED = "The endpoint did not accept the client certificate of this webhook";
    private static final String CLOSED =
            "The endpoint closed the connection after it was shown the client certificate of this webhook";
    private static final Duration PLENTY = Duration.ofSeconds(30);

    private final Certificates authority = new Certificates();
    private final Certificates clients = new Certificates();
    private final List<X509Certificate> ca = certificates(authority);

    private final EgressClient client = opened(new EgressClient(
            new EgressRules(EgressSettings.of("127.0.0.0/8", "", "")),
            "test",
            Clock.systemUTC(),
            new NameResolver(
                    new SystemNames(name -> new InetAddress[] {InetAddress.getByName("127.0.0.1")}), Clock.systemUTC()),
            systemTrust(),
            (account, task) -> task.run()));

    @ParameterizedTest
    @CsvSource({"EC, 256", "RSA, 2048"})
    void the_client_certificate_is_sent_on_request(String algorithm, int size) throws Exception {
        RawReceiver receiver = opened(asking(authority));
        Issued issued = authority.client("acme", 30, algorithm, size);
        assertEquals("CN=acme", send(receiver, tls(issued)));
    }

    @Test
    void the_client_certificate_is_sent_with_its_chain() throws Exception {
        RawReceiver receiver = opened(asking(authority));
        Issued issued = authority.intermediate().client("deep", 30);
        assertEquals("CN=deep", send(receiver, tls(issued)));
    }

    @Test
    void two_webhooks_of_one_receiver_never_share_a_connection() throws Exception {
        RawReceiver receiver = opened(asking(authority));
        Tls first = tls(authority.client("first", 30));
        Tls second = tls(authority.client("second", 30));
        for (int i = 0; i < 3; i++) {
            assertEquals("CN=first", send(receiver, first));
            assertEquals("CN=second", send(receiver, second));
        }
        assertEquals(2, receiver.connections(), "each identity keeps its own connection");
    }

    /** A pool that is keyed by receiver alone would reuse a connection whose certificate the second webhook does not trust. */
    @Test
    void a_connection_opened_with_one_ca_does_not_serve_a_webhook_with_another_or_none() throws Exception {
        RawReceiver receiver = opened(welcoming(authority));
        Tls trusting = Tls.of(Optional.empty(), ca);
        Tls strange = Tls.of(Optional.empty(), certificates(clients));
        assertEquals("ok", send(receiver, trusting));
        assertEquals("The endpoint's certificate was not issued by the CA of this webhook", failure(receiver, strange));
        assertEquals("The endpoint's certificate is not signed by a known authority", failure(receiver, Tls.DEFAULT));
        assertEquals("ok", send(receiver, trusting));
    }

    @Test
    void a_connection_without_a_certificate_does_not_serve_a_webhook_with_one() throws Exception {
        RawReceiver receiver = opened(welcoming(authority));
        assertEquals("ok", send(receiver, Tls.of(Optional.empty(), ca)));
        assertEquals("ok", send(receiver, tls(authority.client("acme", 30))));
        assertEquals(2, receiver.connections());
    }

    @Test
    void a_webhook_without_a_certificate_reports_that_one_is_required() throws Exception {
        Tls none = Tls.of(Optional.empty(), ca);
        String words = "The endpoint asks for a client certificate, and this webhook has none";
        for (RawReceiver receiver : both()) {
            String reported = failure(receiver, none);
            assertTrue(reported.equals(words) || reported.startsWith(words + " (TLS alert "), reported);
        }
    }

    @Test
    void a_certificate_that_the_server_does_not_take_is_reported() throws Exception {
        Tls stranger = tls(clients.client("acme", 30));
        for (RawReceiver receiver : both()) {
            String reported = failure(receiver, stranger);
            assertTrue(reported.startsWith(NOT_ACCEPTED) || reported.equals(CLOSED), reported);
        }
    }

    @Test
    void a_certificate_that_has_expired_is_reported() throws Exception {
        Tls old = tls(authority.client("acme", -1));
        for (RawReceiver receiver : both()) {
            String reported = failure(receiver, old);
            assertTrue(
                    reported.startsWith(NOT_ACCEPTED + ", which is not valid now")
                            || reported.equals(CLOSED + ", which is not valid now"),
                    reported);
        }
    }

    /** A server that sends an alert and keeps the connection open. */
    @Test
    void alerts_about_certificates_are_reported() {
        assertEquals(
                "The endpoint asks for a client certificate, and this webhook has none (TLS alert certificate_required)",
                alert(116, Tls.of(Optional.empty(), ca)));
        assertEquals(NOT_ACCEPTED + " (TLS alert unknown_ca)", alert(48, tls(clients.client("acme", 30))));
        assertEquals(
                "The endpoint could not agree on TLS with us (TLS alert handshake_failure)", alert(40, Tls.DEFAULT));
    }

    private String alert(int code, Tls tls) {
        RawReceiver receiver = opened(new RawReceiver(talk -> {
            talk.write(
                    HexFormat.of().parseHex("1503030002" + "02" + HexFormat.of().toHexDigits(code, 2)));
            talk.sayNothing();
        }));
        return failure(receiver, tls);
    }

    /** A TLS 1.2 and a TLS 1.3 server: with TLS 1.3 the alert arrives after the request and may be lost. */
    private List<RawReceiver> both() throws Exception {
        return List.of(opened(asking(authority)), opened(asking(authority)).upToTls12());
    }

    @Test
    void a_webhooks_ca_does_not_disable_the_checks_of_name_and_validity() throws Exception {
        Tls own = Tls.of(Optional.empty(), ca);
        RawReceiver other = opened(new RawReceiver(this::answerOk, authority.server("other.example", 30)));
        assertEquals("The endpoint's certificate is for another host name", failure(other, own));
        RawReceiver expired = opened(new RawReceiver(this::answerOk, authority.server("receiver.example", -1)));
        assertEquals("The endpoint's certificate has expired", failure(expired, own));
    }

    @Test
    void tls_1_1_is_refused() throws Exception {
        RawReceiver receiver = opened(new RawReceiver(talk -> {
            talk.write(serverHello("0302"));
            talk.sayNothing();
        }));
        assertEquals("The endpoint speaks neither TLS 1.2 nor TLS 1.3", failure(receiver, Tls.DEFAULT));
    }

    @Test
    void a_server_that_refuses_our_versions_is_reported() throws Exception {
        RawReceiver receiver = opened(new RawReceiver(talk -> {
            // a record with a fatal alert, protocol_version
            talk.write(HexFormat.of().parseHex("15030100020246"));
            talk.sayNothing();
        }));
        assertEquals(
                "The endpoint speaks neither TLS 1.2 nor TLS 1.3 (TLS alert protocol_version)",
                failure(receiver, Tls.DEFAULT));
    }

    private static byte[] serverHello(String version) {
        String hello = version + "00".repeat(32) + "00" + "c02b" + "00";
        String body = "02" + HexFormat.of().toHexDigits(hello.length() / 2, 6) + hello;
        return HexFormat.of().parseHex("16" + version + HexFormat.of().toHexDigits(body.length() / 2, 4) + body);
    }

    private RawReceiver asking(Certificates authority) throws Exception {
        return new RawReceiver(this::answerWhoCame, authority.server("receiver.example", 30), true);
    }

    private RawReceiver welcoming(Certificates authority) throws Exception {
        return new RawReceiver(this::answerOk, authority.server("receiver.example", 30));
    }

    private void answerOk(RawReceiver.Talk talk) throws IOException {
        while (talk.request()) {
            talk.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
    }

    private void answerWhoCame(RawReceiver.Talk talk) throws IOException {
        while (talk.request()) {
            String name = talk.client();
            talk.write("HTTP/1.1 200 OK\r\nContent-Length: " + name.length() + "\r\n\r\n" + name);
        }
    }

    private Tls tls(Issued issued) {
        return Tls.of(Optional.of(new ClientCertificate(issued.chain(), issued.key())), ca);
    }

    private static List<X509Certificate> certificates(Certificates authority) {
        try {
            return List.of((X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(
                            new ByteArrayInputStream(authority.pem().getBytes(StandardCharsets.US_ASCII))));
        } catch (CertificateException e) {
            throw new IllegalStateException(e);
        }
    }

    private String send(RawReceiver receiver, Tls tls) throws IOException {
        Answer answer = client.send(request(receiver, tls));
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    private String failure(RawReceiver receiver, Tls tls) {
        IOException failure = assertThrows(IOException.class, () -> client.send(request(receiver, tls)));
        return HttpFailures.words(failure, "The endpoint", PLENTY).orElseThrow(() -> new AssertionError(failure));
    }

    private static OutgoingRequest request(RawReceiver receiver, Tls tls) {
        return new OutgoingRequest(
                "acme",
                URI.create("https://receiver.example:" + receiver.port() + "/"),
                "POST",
                "hello".getBytes(StandardCharsets.UTF_8),
                Instant.now().plus(PLENTY),
                tls);
    }

    private static SSLContext systemTrust() {
        return org.apache.hc.core5.ssl.SSLContexts.createSystemDefault();
    }
}
