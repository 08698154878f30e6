package io.engagementwebhooks.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.config.schema.ConfigFaults;
import io.engagementwebhooks.config.schema.Placeholders;
import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.Certificates.Issued;
import io.engagementwebhooks.testkit.ConfigReaders;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.auth.Tls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Client certificate and CA of a webhook, in all formats and with common mistakes. */
class TlsReaderTest {

    private static final String PEM = "certificate: \"{{file:client.pem}}\", key: \"{{file:client.key}}\"";
    private static final String STORE = "pkcs12: \"{{file:client.p12}}\", password: \"{{file:password}}\"";

    private final Certificates authority = new Certificates();
    private final Issued issued = authority.client("acme", 90);
    private ConfigParser reader = ConfigReaders.lenient();

    @TempDir
    Path folder;

    @Test
    void a_certificate_and_its_key_are_read() throws Exception {
        write("client.pem", issued.certificatePem());
        write("client.key", issued.keyPem());
        assertEquals(issued.chain(), tls(PEM).chain());
        assertEquals(List.of(), tls(PEM).authorities());
    }

    @Test
    void keys_of_the_usual_kinds_are_known() throws Exception {
        for (String kind : List.of("RSA", "EC", "Ed25519")) {
            Issued client = authority.client(kind, 90, kind, kind.equals("RSA") ? 2048 : kind.equals("EC") ? 384 : 0);
            write("client.pem", client.certificatePem());
            write("client.key", client.keyPem());
            assertEquals(client.chain(), tls(PEM).chain(), kind);
        }
    }

    @Test
    void one_file_may_hold_both_with_text_between() throws Exception {
        write("both", "subject=CN = acme\r\n" + issued.keyPem().replace("\n", "\r\n") + issued.certificatePem());
        assertEquals(
                issued.chain(),
                tls("certificate: \"{{file:both}}\", key: \"{{file:both}}\"").chain());
    }

    @Test
    void a_certificate_is_read_with_its_chain() throws Exception {
        Issued client = authority.intermediate().client("acme", 90);
        write("client.pem", client.certificatePem());
        write("client.key", client.keyPem());
        assertEquals(2, tls(PEM).chain().size());
    }

    @Test
    void a_pkcs12_store_is_read_from_its_file_or_as_base64() throws Exception {
        byte[] store = issued.pkcs12("open sesame");
        write("password", "open sesame\n");
        Files.write(folder.resolve("client.p12"), store);
        Tls fromFile = tls(STORE);
        write("client.p12", Base64.getMimeEncoder().encodeToString(store) + "\n");
        assertEquals(issued.chain(), fromFile.chain());
        assertEquals(fromFile, tls(STORE));
    }

    @Test
    void a_ca_is_read_with_all_its_certificates() throws Exception {
        write("ca.pem", authority.pem() + new Certificates().pem());
        Tls tls = tls("ca: \"{{file:ca.pem}}\"");
        assertEquals(2, tls.authorities().size());
        assertEquals(List.of(), tls.chain());
    }

    @Test
    void without_tls_settings_the_platforms_defaults_apply() throws Exception {
        assertEquals(Tls.DEFAULT, target("").tls());
    }

    @Test
    void different_settings_have_different_identities_and_equal_ones_share_a_context() throws Exception {
        write("client.pem", issued.certificatePem());
        write("client.key", issued.keyPem());
        write("ca.pem", authority.pem());
        Tls first = tls(PEM);
        assertSame(first, tls(PEM), "the next reading takes it over, with the context that was made of it");
        assertNotEquals(first.identity(), tls(PEM + ", ca: \"{{file:ca.pem}}\"").identity());
        assertNotEquals(first.identity(), tls("ca: \"{{file:ca.pem}}\"").identity());
        assertNotEquals(Tls.DEFAULT.identity(), first.identity());
    }

    @Test
    void nothing_of_the_key_is_printed() throws Exception {
        write("client.pem", issued.certificatePem());
        write("client.key", issued.keyPem());
        assertEquals("TLS with certificate of CN=acme", tls(PEM).toString());
        assertFalse(target(PEM).toString().contains("PRIVATE"), target(PEM).toString());
    }

    @Test
    void a_certificate_that_has_expired_is_warned_about() throws Exception {
        Issued old = authority.client("acme", -1);
        write("client.pem", old.certificatePem());
        write("client.key", old.keyPem());
        String warning = read(PEM).warnings().get(0).text();
        assertTrue(warning.contains("the client certificate CN=acme has expired, at "), warning);
    }

    @Test
    void a_certificate_that_expires_soon_or_is_not_yet_valid_is_warned_about() throws Exception {
        write("client.pem", issued.certificatePem());
        write("client.key", issued.keyPem());
        assertEquals(
                List.of(),
                read(PEM).warnings().stream()
                        .filter(w -> w.rule().contains("certificate"))
                        .toList());
        reader = reader(clockAt(Duration.ofDays(80)));
        assertTrue(read(PEM).warnings().get(0).text().contains("expires soon"));
        reader = reader(clockAt(Duration.ofDays(-1000)));
        assertTrue(read(PEM).warnings().get(0).text().contains("is valid only from"));
    }

    @Test
    void a_key_of_another_certificate_is_refused() throws Exception {
        write("client.pem", issued.certificatePem());
        write("client.key", authority.client("other", 90).keyPem());
        assertEquals(
                "'key' does not belong to the certificate (give the key that the certificate was issued for)",
                refused(PEM));
    }

    @Test
    void a_chain_in_the_wrong_order_is_refused() throws Exception {
        Certificates intermediate = authority.intermediate();
        Issued client = intermediate.client("acme", 90);
        write("client.pem", intermediate.pem() + client.certificatePem());
        write("client.key", client.keyPem());
        assertEquals("'certificate' is not in order (put the certificate of the key first)", refused(PEM));
        write("client.pem", client.certificatePem() + new Certificates().pem());
        assertEquals(
                "'certificate' holds a certificate, no. 3, that did not issue the one before it"
                        + " (put the certificate first, then the one that issued it, and so on)",
                refused(PEM));
    }

    @Test
    void an_encrypted_key_is_refused_with_the_way_to_decrypt_it() throws Exception {
        write("client.pem", issued.certificatePem());
        write("client.key", issued.keyPem().replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"));
        String both = "(decrypt it by: openssl pkcs8 -in key.pem)";
        assertEquals("'key' is encrypted " + both, refused(PEM));
        write(
                "client.key",
                "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n"
                        + "-----END RSA PRIVATE KEY-----");
        assertEquals("'key' is encrypted " + both, refused(PEM));
    }

    @Test
    void an_old_kind_of_key_is_refused_with_the_way_to_convert_it() throws Exception {
        write("client.pem", issued.certificatePem());
        write("client.key", issued.keyPem().replace("PRIVATE KEY", "EC PRIVATE KEY"));
        assertEquals(
                "'key' is a EC PRIVATE KEY, not PKCS#8 (convert it by: openssl pkcs8 -topk8 -nocrypt -in key.pem)",
                refused(PEM));
    }

    @Test
    void a_text_that_holds_something_else_is_refused() throws Exception {
        write("client.pem", issued.keyPem());
        write("client.key", issued.keyPem());
        assertTrue(refused(PEM).startsWith("'certificate' holds no certificate ("));
        write("client.pem", issued.certificatePem());
        write("client.key", issued.certificatePem());
        assertTrue(refused(PEM).startsWith("'key' holds no private key ("));
        write("client.key", issued.keyPem() + issued.keyPem());
        assertTrue(refused(PEM).startsWith("'key' holds 2 private keys ("));
        write("client.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----");
        assertTrue(refused(PEM).startsWith("'key' holds a private key that cannot be read ("));
        write("client.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----");
        assertTrue(refused(PEM).startsWith("'certificate' holds a certificate, no. 1, that cannot be read ("));
        write("ca.pem", issued.keyPem());
        assertTrue(refused("ca: \"{{file:ca.pem}}\"").startsWith("'ca' holds no certificate ("));
    }

    @Test
    void a_wrong_password_and_a_broken_store_are_reported_differently() throws Exception {
        Files.write(folder.resolve("client.p12"), issued.pkcs12("right"));
        write("password", "wrong");
        assertEquals("'pkcs12' does not open with 'password' (give the password it was exported with)", refused(STORE));
        assertTrue(refused("pkcs12: \"{{file:client.p12}}\"").startsWith("'pkcs12' does not open with 'password'"));
        Files.write(folder.resolve("client.p12"), new byte[] {1, 2, 3, (byte) 200});
        assertTrue(refused(STORE).startsWith("'pkcs12' is no PKCS12 store that can be read"));
        assertTrue(refused("pkcs12: not-base64!").startsWith("'pkcs12' is no PKCS12 store that can be read"));
        assertTrue(
                refused("pkcs12: \"{{file:missing.p12}}\"").startsWith("'pkcs12': file 'missing.p12' cannot be read"));
    }

    @Test
    void keys_that_do_not_go_together_are_refused() throws Exception {
        write("x", "x");
        assertTrue(refused("").startsWith("'tls' is empty"));
        assertTrue(refused("certificate: x").startsWith("'certificate' lacks its 'key'"));
        assertTrue(refused("key: x").startsWith("'key' lacks its 'certificate'"));
        assertTrue(refused("certificate: x, key: x, pkcs12: x").startsWith("'pkcs12' stands beside"));
        assertTrue(refused("certificate: x, key: x, password: x").startsWith("'password' goes with 'pkcs12' only"));
    }

    @Test
    void tls_does_not_go_with_plain_http_or_a_third_party() throws Exception {
        write("ca.pem", authority.pem());
        ConfigFaults plain = assertThrows(
                ConfigFaults.class,
                () -> readDelivery("{url: \"http://a.example.com/\", tls: {ca: \"{{file:ca.pem}}\"}}"));
        assertTrue(plain.getMessage().contains("'tls' does not go with a URL of plain http"), plain.getMessage());
        ConfigFaults third = assertThrows(
                ConfigFaults.class,
                () -> readDelivery(
                        "{authentication: {type: salesforce, connection: s}, tls: {ca: \"{{file:ca.pem}}\"}}"));
        assertTrue(
                third.getMessage().contains("authentication 'salesforce' does not go with 'tls'")
                        || third.getMessage().contains("connection"),
                third.getMessage());
    }

    private static Clock clockAt(Duration later) {
        return new SettableClock(Clock.systemUTC().instant().plus(later));
    }

    private static ConfigParser reader(Clock clock) {
        return new ConfigParser(url -> Optional.empty(), ConfigReaders.MAX_AGE, clock);
    }

    private Tls tls(String keys) throws ConfigFaults {
        return target(keys).tls();
    }

    private Target.Http target(String keys) throws ConfigFaults {
        return (Target.Http) read(keys)
                .config()
                .webhook(Ids.webhook("acme", "one"))
                .orElseThrow()
                .delivery()
                .target();
    }

    private ConfigParser.Good read(String keys) throws ConfigFaults {
        return readDelivery("{url: \"https://a.example.com/\"" + (keys.isEmpty() ? "" : ", tls: {" + keys + "}") + "}");
    }

    private String refused(String keys) {
        ConfigFaults faults = assertThrows(
                ConfigFaults.class, () -> readDelivery("{url: \"https://a.example.com/\", tls: {" + keys + "}}"));
        return faults.faults().get(0).text().replace("webhook 'one': ", "");
    }

    private ConfigParser.Good readDelivery(String delivery) throws ConfigFaults {
        String file =
                """
                accounts:
                  - id: acme
                    signingKeys: [{id: k1, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}]
                    webhooks:
                      - {name: one, events: [call.ended], delivery: %s}
                """
                        .formatted(delivery);
        return reader.read(
                file.getBytes(StandardCharsets.UTF_8),
                Placeholders.of(name -> Optional.empty(), folder, name -> Optional.empty()));
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }
}
