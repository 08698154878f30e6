package io.engagementwebhooks.quickstart;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The customers' servers of the demo. They trust nothing: the partner checks user and password, the CRM checks the token's
 * signature against the OAuth2 server's keys, and both check that the request is signed by the account's key.
 */
final class DemoReceiver implements AutoCloseable {

    private static final int[] SHAKY = {500, 503};

    private final HttpServer server;
    private final String basic;
    private final byte[] signingKey;
    private final DefaultJWTProcessor<SecurityContext> tokens = new DefaultJWTProcessor<>();
    private final AtomicInteger shakyCalls = new AtomicInteger();

    DemoReceiver(String user, String password, String signingSecret, URI jwks) throws IOException {
        basic = "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
        signingKey = Base64.getDecoder().decode(signingSecret.substring("whsec_".length()));
        tokens.setJWSKeySelector(new JWSVerificationKeySelector<>(
                JWSAlgorithm.RS256, JWKSourceBuilder.create(jwks.toURL()).build()));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/partner", exchange -> answer(exchange, partner(exchange)));
        server.createContext("/shaky", exchange -> answer(exchange, shaky(exchange)));
        server.createContext("/crm", exchange -> answer(exchange, crm(exchange)));
        server.setExecutor(Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "receiver");
            thread.setDaemon(true);
            return thread;
        }));
        server.start();
    }

    String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    private int partner(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        boolean known = basic.equals(exchange.getRequestHeaders().getFirst("Authorization"));
        return known && isSigned(exchange, body) ? 200 : 401;
    }

    private int shaky(HttpExchange exchange) throws IOException {
        int call = shakyCalls.getAndIncrement();
        int status = partner(exchange);
        return status == 200 && call < SHAKY.length ? SHAKY[call] : status;
    }

    private int crm(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        String header = exchange.getRequestHeaders().getFirst("Authorization");
        return header != null && isToken(header) && isSigned(exchange, body) ? 202 : 401;
    }

    private boolean isToken(String header) {
        try {
            return header.startsWith("Bearer ")
                    && "webhooks-demo"
                            .equals(tokens.process(header.substring("Bearer ".length()), null)
                                    .getSubject());
        } catch (Exception e) {
            return false;
        }
    }

    /** As the Standard Webhooks specification has it. */
    private boolean isSigned(HttpExchange exchange, byte[] body) {
        String id = exchange.getRequestHeaders().getFirst("webhook-id");
        String timestamp = exchange.getRequestHeaders().getFirst("webhook-timestamp");
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(signingKey, "HmacSHA256"));
            mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
            String expected = "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
            return expected.equals(exchange.getRequestHeaders().getFirst("webhook-signature"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void answer(HttpExchange exchange, int status) throws IOException {
        exchange.sendResponseHeaders(status, -1);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
