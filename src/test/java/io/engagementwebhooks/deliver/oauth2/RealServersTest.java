package io.engagementwebhooks.deliver.oauth2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.oauth2.sdk.util.URLUtils;
import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.deliver.egress.EgressRules;
import io.engagementwebhooks.deliver.egress.EgressSettings;
import io.engagementwebhooks.testkit.Keys;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.Receiver.Reply;
import io.engagementwebhooks.testkit.SampleClient;
import io.engagementwebhooks.webhook.ClientCredential;
import io.engagementwebhooks.webhook.ClientCredential.Encoding;
import io.engagementwebhooks.webhook.ClientCredential.SignedAssertion;
import io.engagementwebhooks.webhook.PemPrivateKey;
import io.engagementwebhooks.webhook.Secret;
import io.engagementwebhooks.webhook.SignatureAlgorithm;
import java.io.File;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.jose.jws.JwsAlgorithm;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.settings.ClientSettings;

/** Every way to authenticate, against Spring Authorization Server, which takes nothing that is not right. */
@Timeout(120)
class RealServersTest {

    /** Of the vectors: everything in it that encoders get wrong. */
    private static final String SECRET = "p+a%s s&w=ö/~*'()!";

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final EgressClient egress = opened(
            new EgressClient(new EgressRules(EgressSettings.of("127.0.0.0/8", "", "")), "test", Clock.systemUTC()));
    private final TokenSource tokens = new TokenSource(egress, Runnable::run, Clock.systemUTC(), () -> 0);

    @TempDir
    File folder;

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable part : opened) {
            part.close();
        }
    }

    @Test
    void a_secret_in_the_header() throws Exception {
        AuthorizationServer server = server(withSecret("client id:1", ClientAuthenticationMethod.CLIENT_SECRET_BASIC));
        SampleClient client = new SampleClient(server.tokenUrl(), "client id:1", SECRET);
        assertGiven(server, client);
        // the standard's own trap: as they are, they are something else
        TokenTest raw = tokens.test(client.by(new ClientCredential.InHeader(Secret.of(SECRET), Encoding.RAW))
                .client());
        assertEquals("request-refused", raw.problem());
        assertTrue(raw.message().contains("encoding: rfc6749"), raw.message());
        assertEquals(
                "client-refused",
                tokens.test(client.by(new ClientCredential.InForm(Secret.of(SECRET)))
                                .client())
                        .problem());
    }

    @Test
    void a_secret_in_the_form() throws Exception {
        AuthorizationServer server = server(withSecret("client id:1", ClientAuthenticationMethod.CLIENT_SECRET_POST));
        SampleClient client = new SampleClient(server.tokenUrl(), "client id:1", SECRET);
        assertGiven(server, client.by(new ClientCredential.InForm(Secret.of(SECRET))));
        assertEquals("client-refused", tokens.test(client.client()).problem());
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "EDDSA")
    void a_signed_assertion(SignatureAlgorithm algorithm) throws Exception {
        KeyPair pair = Keys.of(algorithm);
        AuthorizationServer server = server(withKey("crm", algorithm, pair.getPublic()));
        SampleClient client = new SampleClient(server.tokenUrl(), "crm", "");
        assertGiven(server, client.by(assertion(pair, algorithm, Optional.of("k1"), Optional.empty())));
        assertGiven(
                server,
                client.by(assertion(
                        pair,
                        algorithm,
                        Optional.empty(),
                        Optional.of(server.issuer().toString()))));
        TokenTest strange =
                tokens.test(client.by(assertion(Keys.of(algorithm), algorithm, Optional.of("k1"), Optional.empty()))
                        .client());
        assertEquals("client-refused", strange.problem());
        assertTrue(strange.message().contains("(algorithm " + algorithm.text() + ", key id k1)"), strange.message());
        TokenTest elsewhere = tokens.test(
                client.by(assertion(pair, algorithm, Optional.of("k1"), Optional.of("https://elsewhere.example.com")))
                        .client());
        assertEquals("client-refused", elsewhere.problem());
    }

    /** Spring's server knows no EdDSA, so the JDK verifies. */
    @Test
    void an_assertion_signed_by_ed25519() throws Exception {
        KeyPair pair = Keys.of(SignatureAlgorithm.EDDSA);
        List<SignedJWT> assertions = new ArrayList<>();
        Receiver server = opened(new Receiver(got -> {
            Map<String, List<String>> form = URLUtils.parseParameters(got.body());
            try {
                SignedJWT assertion =
                        SignedJWT.parse(form.get("client_assertion").get(0));
                Signature ed25519 = Signature.getInstance("Ed25519");
                ed25519.initVerify(pair.getPublic());
                ed25519.update(assertion.getSigningInput());
                boolean good = ed25519.verify(assertion.getSignature().decode())
                        && form.get("client_id").equals(List.of("crm"))
                        && form.get("client_assertion_type")
                                .equals(List.of("urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
                assertions.add(assertion);
                return good ? new Reply(200, Map.of(), "{\"access_token\":\"t\"}") : new Reply(401);
            } catch (Exception e) {
                return new Reply(500, Map.of(), e.toString());
            }
        }));
        SampleClient client = new SampleClient(server.url(), "crm", "")
                .by(assertion(pair, SignatureAlgorithm.EDDSA, Optional.of("k1"), Optional.empty()));
        for (int i = 0; i < 2; i++) {
            TokenTest test = tokens.test(client.client());
            assertEquals(null, test.problem(), test.message());
        }
        JWTClaimsSet first = assertions.get(0).getJWTClaimsSet();
        JWTClaimsSet second = assertions.get(1).getJWTClaimsSet();
        assertEquals("EdDSA", assertions.get(0).getHeader().getAlgorithm().getName());
        assertEquals("k1", assertions.get(0).getHeader().getKeyID());
        assertEquals("crm", first.getIssuer());
        assertEquals("crm", first.getSubject());
        assertEquals(List.of(server.url().toString()), first.getAudience());
        assertEquals(
                120_000,
                first.getExpirationTime().getTime() - first.getIssueTime().getTime());
        assertFalse(first.getJWTID().isBlank());
        assertNotEquals(first.getJWTID(), second.getJWTID(), "each for one request");
    }

    @Test
    void a_scope_that_the_client_may_not_have_is_told_in_the_servers_words() throws Exception {
        AuthorizationServer server = server(withSecret("crm", ClientAuthenticationMethod.CLIENT_SECRET_BASIC));
        TokenTest test = tokens.test(new SampleClient(server.tokenUrl(), "crm", SECRET)
                .scope("everything")
                .client());
        assertEquals("request-refused", test.problem());
        assertTrue(test.message().contains("answered 400 invalid_scope"), test.message());
        assertTrue(test.message().contains("Check tokenPath, and scope"), test.message());
    }

    private void assertGiven(AuthorizationServer server, SampleClient client) throws Exception {
        TokenTest test = tokens.test(client.client());
        assertEquals(null, test.problem(), test.message());
        Token token = tokens.token(client.client());
        JWTClaimsSet claims = SignedJWT.parse(token.value().reveal()).getJWTClaimsSet();
        assertEquals(client.id(), claims.getSubject());
        assertEquals(List.of("calls:write"), claims.getStringListClaim("scope"));
        assertEquals(server.issuer().toString(), claims.getIssuer());
    }

    private static SignedAssertion assertion(
            KeyPair pair, SignatureAlgorithm algorithm, Optional<String> keyId, Optional<String> audience) {
        return new SignedAssertion(
                PemPrivateKey.of(Secret.of(Keys.pem(pair.getPrivate()))), algorithm, keyId, audience);
    }

    private static RegisteredClient withSecret(String id, ClientAuthenticationMethod method) {
        return AuthorizationServer.client(id)
                .clientAuthenticationMethod(method)
                .clientSecret("{noop}" + SECRET)
                .build();
    }

    /** Its public key is published where the server fetches it. */
    private RegisteredClient withKey(String id, SignatureAlgorithm algorithm, PublicKey key) throws Exception {
        JWK jwk = key instanceof RSAPublicKey rsa
                ? new RSAKey.Builder(rsa).keyID("k1").build()
                : new ECKey.Builder(
                                com.nimbusds.jose.jwk.Curve.forECParameterSpec(((ECPublicKey) key).getParams()),
                                (ECPublicKey) key)
                        .keyID("k1")
                        .build();
        Receiver published = opened(new Receiver(
                got -> new Reply(200, Map.of("Content-Type", "application/json"), new JWKSet(jwk).toString())));
        JwsAlgorithm expected = org.springframework.security.oauth2.jose.jws.SignatureAlgorithm.from(algorithm.text());
        return AuthorizationServer.client(id)
                .clientAuthenticationMethod(ClientAuthenticationMethod.PRIVATE_KEY_JWT)
                .clientSettings(ClientSettings.builder()
                        .jwkSetUrl(published.url().toString())
                        .tokenEndpointAuthenticationSigningAlgorithm(expected)
                        .build())
                .build();
    }

    private AuthorizationServer server(RegisteredClient... clients) {
        return opened(new AuthorizationServer(folder, UnaryOperator.identity(), clients));
    }

    private <T extends AutoCloseable> T opened(T part) {
        opened.push(part);
        return part;
    }
}
