package io.engagementwebhooks.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.adversary.ClientHello;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.security.KeyStore;
import java.util.Set;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What an engine answers to a hello, and what its own hello offers. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EllipticGroupsTest {

    private static final int HANDSHAKE = 22;
    private static final int ACCEPTED = 0;
    private static final int FATAL = 2;

    /** Suites with DHE of the JDK. */
    private static final Set<Integer> DHE =
            Set.of(0x32, 0x33, 0x38, 0x39, 0x40, 0x67, 0x6a, 0x6b, 0x9e, 0x9f, 0xa2, 0xa3, 0xccaa);

    private SSLContext context;

    /** Suites with DHE need an RSA key. */
    @BeforeAll
    void prepare() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        byte[] key = new Certificates().client("server", 1, "RSA", 2048).pkcs12("secret");
        store.load(new ByteArrayInputStream(key), "secret".toCharArray());
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, "secret".toCharArray());
        context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
    }

    private SSLEngine engine(boolean client) throws Exception {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(client);
        // as an operator may have configured it
        engine.setEnabledCipherSuites(engine.getSupportedCipherSuites());
        return EllipticGroups.restrict(engine);
    }

    /** The level of the alert that the server sends, or {@link #ACCEPTED}. */
    private int response(byte[] hello) throws Exception {
        ByteBuffer out = ClientHello.response(engine(false), hello);
        return out.get(0) == HANDSHAKE ? ACCEPTED : out.get(5);
    }

    @Test
    void a_hello_of_tls_1_3_with_only_a_finite_field_is_refused_before_any_computation() throws Exception {
        assertEquals(FATAL, response(ClientHello.tls13(ClientHello.FFDHE8192)));
        assertEquals(ACCEPTED, response(ClientHello.tls13(ClientHello.X25519)));
    }

    @Test
    void a_hello_of_tls_1_2_with_only_a_finite_field_is_refused_before_any_computation() throws Exception {
        assertEquals(FATAL, response(ClientHello.tls12(ClientHello.FFDHE8192)));
        assertEquals(ACCEPTED, response(ClientHello.tls12(ClientHello.X25519)));
    }
}
