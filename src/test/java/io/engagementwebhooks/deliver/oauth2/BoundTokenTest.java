package io.engagementwebhooks.deliver.oauth2;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tokens that are bound to a certificate (RFC 8705 section 3), on the running product. */
@Timeout(300)
class BoundTokenTest {

    private static final String KEY = "acme-admin-key-00000";

    private final Certificates ofTokens = new Certificates();
    private final Certificates ofReceiver = new Certificates();
    private final Certificates.Issued own = ofTokens.client("acme", 30);
    private final List<String> shown = new CopyOnWriteArrayList<>();
    private HttpsServer tokenServer;
    private HttpsServer receiver;

    @AfterEach
    void stop() {
        tokenServer.stop(0);
        receiver.stop(0);
    }

    @Test
    void the_certificate_of_the_client_is_shown_to_the_receiver_by_the_webhooks_own_trust(@TempDir Path folder)
            throws Exception {
        tokenServer = server(ofTokens.server("127.0.0.1", 30), "{\"access_token\":\"bound\",\"expires_in\":60}");
        // the receiver trusts the client's CA; another CA issued its own certificate
        receiver = server(trusting(), "");
        Files.writeString(folder.resolve("client.pem"), own.certificatePem());
        Files.writeString(folder.resolve("client.key"), own.keyPem());
        Files.writeString(folder.resolve("tokens.ca"), ofTokens.pem());
        Files.writeString(folder.resolve("receiver.ca"), ofReceiver.pem());
        String config =
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: acme-admin-key-00000}]
                    oauthClients:
                      - name: crm
                        clientId: crm
                        authenticationEndpoint: https://127.0.0.1:%2$d
                        authorizationMethod: tls_client_auth
                        tls: {certificate: "{{file:%1$s/client.pem}}", key: "{{file:%1$s/client.key}}", ca: "{{file:%1$s/tokens.ca}}"}
                        certificateBoundTokens: true
                    webhooks:
                      - name: calls
                        events: ["*"]
                        delivery:
                          url: https://127.0.0.1:%3$d/hooks
                          tls: {ca: "{{file:%1$s/receiver.ca}}"}
                          authentication: {type: oauth2, client: crm}
                """
                        .formatted(
                                folder,
                                tokenServer.getAddress().getPort(),
                                receiver.getAddress().getPort());
        try (RunningProduct product = RunningProduct.shared(config)) {
            product.postEvent(KEY, "{\"id\":\"1\",\"source\":\"/pbx\",\"type\":\"call.ended\",\"data\":{}}");
            product.awaitDeliveries(KEY, "1", 1, "delivered");
            assertEquals(List.of("/oauth2/token CN=acme", "/hooks CN=acme Bearer bound"), shown);
            JsonNode client = product.read("/v1/oauth-clients/crm", KEY);
            assertEquals(
                    own.chain().get(0).getNotAfter().toInstant().toString(),
                    client.get("certificateExpires").asText());
        }
    }

    private SSLContext trusting() throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(ofReceiver.serverStore("127.0.0.1", 30), new char[0]);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(ofTokens.trustStore());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private HttpsServer server(SSLContext tls, String answer) throws IOException {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 16);
        server.setHttpsConfigurator(new HttpsConfigurator(tls) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters asking = getSSLContext().getDefaultSSLParameters();
                asking.setNeedClientAuth(true);
                parameters.setSSLParameters(asking);
            }
        });
        server.createContext("/", exchange -> answer(exchange, answer));
        server.start();
        return server;
    }

    private void answer(HttpExchange exchange, String answer) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            String authorization = exchange.getRequestHeaders().getFirst("Authorization");
            shown.add(exchange.getRequestURI() + " "
                    + ((HttpsExchange) exchange)
                            .getSSLSession()
                            .getPeerPrincipal()
                            .getName()
                    + (authorization == null ? "" : " " + authorization));
            byte[] body = answer.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
