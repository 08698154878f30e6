package io.engagementwebhooks.server;

import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.adversary.ClientHello;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedKeyManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server with TLS, and clients that would make it compute for nothing. */
@Timeout(120)
class ServerTlsTest {

    private static final String HOST = "127.0.0.1";
    private static final int ALERT = 21;
    private static final int HANDSHAKE = 22;

    private final Certificates authority = new Certificates();
    private final RecordingKeyManager keys = new RecordingKeyManager();
    private final Vertx vertx = new ServerVertx(
            new ServerVertx.Settings(
                    2,
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(10),
                    new Connections(20, ClientAddresses.OF_PEERS, new UnauthenticatedBudget(Ledger.ofHeap())),
                    FreePort.any(),
                    new Connections(20, ClientAddresses.OF_PEERS, new UnauthenticatedBudget(Ledger.ofHeap()))),
            request -> true,
            router -> {});
    private int port;

    @BeforeEach
    void listen() {
        Router router = Router.router(vertx);
        router.get().handler(context -> context.end("ok"));
        HttpServer server = vertx.createHttpServer(
                        new HttpServerOptions().setSsl(true).setKeyCertOptions(KeyCertOptions.wrap(keys)))
                .requestHandler(router);
        server.listen(0, HOST, reported -> port = reported.result().actualPort());
    }

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private SSLSocket connect(String protocol) throws Exception {
        SSLSocket socket = (SSLSocket) authority.client().getSocketFactory().createSocket(HOST, port);
        socket.setEnabledProtocols(new String[] {protocol});
        return socket;
    }

    /** @return the status line */
    private static String request(Socket socket) throws IOException {
        socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        byte[] response = new byte[1024];
        int length = 0;
        while (!new String(response, 0, length, StandardCharsets.US_ASCII).endsWith("\r\n\r\nok")) {
            int read = socket.getInputStream().read(response, length, response.length - length);
            if (read < 0) {
                throw new IOException("closed");
            }
            length += read;
        }
        return new String(response, 0, 15, StandardCharsets.US_ASCII);
    }

    /** @return the type of the first record of the response */
    private int answerTo(byte[] hello) throws IOException {
        try (Socket socket = new Socket(HOST, port)) {
            socket.getOutputStream().write(hello);
            return socket.getInputStream().read();
        }
    }

    /** CVE-2002-20001. */
    @Test
    void a_hello_with_only_the_costly_group_is_refused() throws Exception {
        assertEquals(ALERT, answerTo(ClientHello.tls13(ClientHello.FFDHE8192)));
        assertEquals(ALERT, answerTo(ClientHello.tls12(ClientHello.FFDHE8192)));
        assertEquals(HANDSHAKE, answerTo(ClientHello.tls13(ClientHello.X25519)));
    }

    @Test
    void handshakes_run_beside_the_event_loops() throws Exception {
        for (String protocol : new String[] {"TLSv1.2", "TLSv1.3"}) {
            try (SSLSocket socket = connect(protocol)) {
                assertEquals("HTTP/1.1 200 OK", request(socket));
            }
        }
        assertEquals(
                Set.of(),
                keys.threads.stream()
                        .filter(name -> !name.startsWith("tls-handshake"))
                        .collect(toSet()));
        assertFalse(keys.threads.isEmpty());
    }

    @Test
    void a_flood_of_key_updates_is_closed() throws Exception {
        try (SSLSocket socket = connect("TLSv1.3")) {
            for (int i = 0; i < 10; i++) {
                socket.startHandshake();
                request(socket);
            }
            assertThrows(IOException.class, () -> {
                for (int i = 0; i < 100; i++) {
                    socket.startHandshake();
                    request(socket);
                }
            });
        }
    }

    @Test
    void a_renegotiation_is_closed() throws Exception {
        try (SSLSocket socket = connect("TLSv1.2")) {
            request(socket);
            assertThrows(IOException.class, () -> {
                socket.startHandshake();
                request(socket);
            });
        }
    }

    /** So that no attack by frames of HTTP/2 reaches it. */
    @Test
    void http_2_is_not_negotiated() throws Exception {
        try (SSLSocket socket = connect("TLSv1.3")) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
            socket.setSSLParameters(parameters);
            assertEquals("HTTP/1.1 200 OK", request(socket));
            assertEquals("", socket.getApplicationProtocol());
        }
    }

    /** Records the threads that sign handshakes. */
    private final class RecordingKeyManager extends X509ExtendedKeyManager {

        private final Set<String> threads = ConcurrentHashMap.newKeySet();
        private final KeyStore store = store();

        private KeyStore store() {
            try {
                return authority.serverStore(HOST, 1);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            threads.add(Thread.currentThread().getName());
            try {
                return (PrivateKey) store.getKey("server", new char[0]);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            try {
                return Arrays.copyOf(store.getCertificateChain("server"), 1, X509Certificate[].class);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
            return keyType.equals("EC") ? "server" : null;
        }

        @Override
        public String[] getServerAliases(String keyType, Principal[] issuers) {
            return new String[] {"server"};
        }

        @Override
        public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
            return "server";
        }

        @Override
        public String[] getClientAliases(String keyType, Principal[] issuers) {
            return null;
        }

        @Override
        public String chooseClientAlias(String[] keyType, Principal[] issuers, Socket socket) {
            return null;
        }
    }
}
