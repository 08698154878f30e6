package io.engagementwebhooks.deliver.oauth2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.oauth2.sdk.util.URLUtils;
import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.deliver.egress.EgressRules;
import io.engagementwebhooks.deliver.egress.EgressSettings;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.Receiver.Reply;
import io.engagementwebhooks.testkit.SampleClient;
import io.engagementwebhooks.testkit.TestKeys;
import io.engagementwebhooks.testkit.TestResolver;
import io.engagementwebhooks.testkit.TestResources;
import io.engagementwebhooks.webhook.auth.AssertionKey;
import io.engagementwebhooks.webhook.auth.ClientCredential;
import io.engagementwebhooks.webhook.auth.ClientCredential.Encoding;
import io.engagementwebhooks.webhook.auth.ClientCredential.SignedAssertion;
import io.engagementwebhooks.webhook.auth.Secret;
import io.engagementwebhooks.webhook.auth.Tls;
import io.engagementwebhooks.webhook.signing.SignatureAlgorithm;
import java.io.File;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.jose.jws.JwsAlgorithm;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.settings.ClientSettings;
import org.springframework.security.oauth2.server.authorization.settings.TokenSettings;

/** Every authentication method, with the strict Spring Authorization Server. */
@Timeout(300)
class RealServersTest extends TestResources {

    /** A secret with all characters that encoders get wrong, as in the vectors. */
    private static final String SECRET = "p+a%s s&w=ö/~*'()!";

    /** Spring requires a different secret for each client. */
    private static final String IN_FORM = SECRET + SECRET;

    private final EgressClient egress = opened(new EgressClient(
            new EgressRules(EgressSettings.of("127.0.0.0/8", "", "")),
            "test",
            Clock.systemUTC(),
            TestResolver.OF_MACHINE));
    private final TokenSource tokens =
            new TokenSource(TokenSharing.ALONE, egress, (account, task) -> task.run(), Clock.systemUTC(), () -> 0);

    private static final Map<SignatureAlgorithm, KeyPair> PAIRS =
            Arrays.stream(SignatureAlgorithm.values()).collect(Collectors.toMap(algorithm -> algorithm, TestKeys::of));
    private static final Certificates AUTHORITY = new Certificates();
    private static final Certificates SELF = new Certificates();

    /** Public keys of clients, by path. */
    private static final Map<String, JWK> PUBLISHED = new ConcurrentHashMap<>();

    @AutoClose
    private static Receiver publishing;

    @AutoClose
    private static AuthorizationServer plain;

    /** An https server that requires a client certificate of one of two CAs. */
    @AutoClose
    private static AuthorizationServer secured;

    @BeforeAll
    static void start(@TempDir File folder) throws Exception {
        publishing = new Receiver(got -> new Reply(
                200,
                Map.of("Content-Type", "application/json"),
                new JWKSet(PUBLISHED.get(got.target().getPath())).toString()));
        List<RegisteredClient> clients = new ArrayList<>();
        clients.add(withSecret("client id:1", SECRET, ClientAuthenticationMethod.CLIENT_SECRET_BASIC));
        clients.add(withSecret("client id:2", IN_FORM, ClientAuthenticationMethod.CLIENT_SECRET_POST));
        for (SignatureAlgorithm algorithm : PAIRS.keySet()) {
            if (algorithm != SignatureAlgorithm.EDDSA) {
                clients.add(withKey(algorithm, PAIRS.get(algorithm).getPublic()));
            }
        }
        plain = new AuthorizationServer(folder, UnaryOperator.identity(), clients.toArray(RegisteredClient[]::new));
        secured = new AuthorizationServer(
                folder,
                connector -> {
                    connector.setScheme("https");
                    connector.setSecure(true);
                    connector.setProperty("SSLEnabled", "true");
                    connector.addSslHostConfig(tls());
                    return connector;
                },
                certified("crm", "CN=crm of acme"),
                selfSigned("self", SELF.self().chain().get(0)));
    }

    @Test
    void a_secret_in_the_header() throws Exception {
        SampleClient client = new SampleClient(plain.tokenUrl(), "client id:1", SECRET);
        assertGiven(plain, client);
        // without encoding, the server decodes these characters to others
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
        SampleClient client = new SampleClient(plain.tokenUrl(), "client id:2", IN_FORM);
        assertGiven(plain, client.by(new ClientCredential.InForm(Secret.of(IN_FORM))));
        assertEquals("client-refused", tokens.test(client.client()).problem());
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "EDDSA")
    void a_signed_assertion(SignatureAlgorithm algorithm) throws Exception {
        KeyPair pair = PAIRS.get(algorithm);
        SampleClient client = new SampleClient(plain.tokenUrl(), algorithm.text(), "");
        assertGiven(plain, client.by(assertion(pair, algorithm, Optional.of("k1"), Optional.empty())));
        assertGiven(
                plain,
                client.by(assertion(
                        pair,
                        algorithm,
                        Optional.empty(),
                        Optional.of(plain.issuer().toString()))));
        TokenTest strange = tokens.test(
                client.by(assertion(another(pair, algorithm), algorithm, Optional.of("k1"), Optional.empty()))
                        .client());
        assertEquals("client-refused", strange.problem());
        assertTrue(strange.message().contains("(algorithm " + algorithm.text() + ", key id k1)"), strange.message());
        TokenTest elsewhere = tokens.test(
                client.by(assertion(pair, algorithm, Optional.of("k1"), Optional.of("https://elsewhere.example.com")))
                        .client());
        assertEquals("client-refused", elsewhere.problem());
    }

    /** Spring treats a single certificate as self-signed; certificates of a CA mostly have an intermediate. */
    @Test
    void a_certificate_by_an_authority() throws Exception {
        SampleClient client = new SampleClient(secured.tokenUrl(), "crm", "");
        Certificates.Issued own = AUTHORITY.intermediate().client("crm of acme", 30);
        SampleClient certified = client.by(new ClientCredential.Certificate(tls(own, AUTHORITY), false));
        assertGiven(secured, certified);
        // RFC 8705 section 3.1: the token is bound to this certificate
        assertEquals(
                thumbprint(own.chain().get(0)),
                SignedJWT.parse(Waited.token(tokens, certified.client()).value().reveal())
                        .getJWTClaimsSet()
                        .getJSONObjectClaim("cnf")
                        .get("x5t#S256"));
        TokenTest strange = tokens.test(client.by(new ClientCredential.Certificate(
                        tls(AUTHORITY.intermediate().client("another client", 30), AUTHORITY), false))
                .client());
        assertEquals("client-refused", strange.problem());
        assertTrue(
                strange.message().contains("or does not know it by this certificate (CN=another client)"),
                strange.message());
    }

    @Test
    void a_certificate_that_signed_itself() throws Exception {
        SampleClient client = new SampleClient(secured.tokenUrl(), "self", "");
        assertGiven(secured, client.by(new ClientCredential.Certificate(tls(SELF.self(), AUTHORITY), true)));
        TokenTest strange = tokens.test(
                client.by(new ClientCredential.Certificate(tls(AUTHORITY.client("another", 30), AUTHORITY), true))
                        .client());
        assertEquals("client-refused", strange.problem());
    }

    @Test
    void a_server_of_an_unknown_authority_is_reported_as_that() throws Exception {
        Certificates other = new Certificates();
        TokenTest test = tokens.test(new SampleClient(secured.tokenUrl(), "crm", "")
                .by(new ClientCredential.Certificate(tls(AUTHORITY.client("crm of acme", 30), other), false))
                .client());
        assertEquals("tls", test.problem());
        assertTrue(
                test.message().contains("'s certificate was not issued by the CA of this OAuth client. "),
                test.message());
    }

    @Test
    void a_refused_client_certificate_pauses_one_client_and_not_the_endpoint() throws Exception {
        SampleClient client = new SampleClient(secured.tokenUrl(), "crm", "");
        Certificates.Issued foreign = new Certificates().client("crm of acme", 30);
        SampleClient refused = client.by(new ClientCredential.Certificate(tls(foreign, AUTHORITY), false));
        assertThrows(NothingSentException.class, () -> Waited.token(tokens, refused.client()));
        assertTrue(tokens.problem(refused.client()).isPresent());
        SampleClient good = client.by(new ClientCredential.Certificate(
                tls(AUTHORITY.intermediate().client("crm of acme", 30), AUTHORITY), false));
        assertGiven(secured, good);
    }

    /** Spring's server knows no EdDSA, so the JDK verifies. */
    @Test
    void an_assertion_signed_by_ed25519() throws Exception {
        KeyPair pair = PAIRS.get(SignatureAlgorithm.EDDSA);
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
    void a_refused_scope_is_reported_with_the_servers_message() throws Exception {
        TokenTest test = tokens.test(new SampleClient(plain.tokenUrl(), "client id:1", SECRET)
                .scope("everything")
                .client());
        assertEquals("request-refused", test.problem());
        assertTrue(test.message().contains("answered 400 invalid_scope"), test.message());
        assertTrue(test.message().contains("Check tokenPath, and scope"), test.message());
    }

    private void assertGiven(AuthorizationServer server, SampleClient client) throws Exception {
        TokenTest test = tokens.test(client.client());
        assertEquals(null, test.problem(), test.message());
        Token token = Waited.token(tokens, client.client());
        JWTClaimsSet claims = SignedJWT.parse(token.value().reveal()).getJWTClaimsSet();
        assertEquals(client.id(), claims.getSubject());
        assertEquals(List.of("calls:write"), claims.getStringListClaim("scope"));
        assertEquals(server.issuer().toString(), claims.getIssuer());
    }

    private static SignedAssertion assertion(
            KeyPair pair, SignatureAlgorithm algorithm, Optional<String> keyId, Optional<String> audience) {
        return new SignedAssertion(
                AssertionKey.of(Secret.of(TestKeys.pem(pair.getPrivate()))), algorithm, keyId, audience);
    }

    private static RegisteredClient withSecret(String id, String secret, ClientAuthenticationMethod method) {
        return AuthorizationServer.client(id)
                .clientAuthenticationMethod(method)
                .clientSecret("{noop}" + secret)
                .build();
    }

    /** Publishes the public key where the server fetches it. */
    private static RegisteredClient withKey(SignatureAlgorithm algorithm, PublicKey key) {
        JWK jwk = key instanceof RSAPublicKey rsa
                ? new RSAKey.Builder(rsa).keyID("k1").build()
                : new ECKey.Builder(
                                com.nimbusds.jose.jwk.Curve.forECParameterSpec(((ECPublicKey) key).getParams()),
                                (ECPublicKey) key)
                        .keyID("k1")
                        .build();
        JwsAlgorithm expected = org.springframework.security.oauth2.jose.jws.SignatureAlgorithm.from(algorithm.text());
        return AuthorizationServer.client(algorithm.text())
                .clientAuthenticationMethod(ClientAuthenticationMethod.PRIVATE_KEY_JWT)
                .clientSettings(ClientSettings.builder()
                        .jwkSetUrl(published("/" + algorithm, jwk))
                        .tokenEndpointAuthenticationSigningAlgorithm(expected)
                        .build())
                .build();
    }

    private static RegisteredClient certified(String id, String subject) {
        return AuthorizationServer.client(id)
                .clientAuthenticationMethod(ClientAuthenticationMethod.TLS_CLIENT_AUTH)
                .clientSettings(ClientSettings.builder()
                        .x509CertificateSubjectDN(subject)
                        .build())
                .tokenSettings(TokenSettings.builder()
                        .x509CertificateBoundAccessTokens(true)
                        .build())
                .build();
    }

    private static RegisteredClient selfSigned(String id, X509Certificate certificate) throws Exception {
        ECKey jwk = new ECKey.Builder(ECKey.parse(certificate))
                .x509CertChain(List.of(Base64.encode(certificate.getEncoded())))
                .build();
        return AuthorizationServer.client(id)
                .clientAuthenticationMethod(ClientAuthenticationMethod.SELF_SIGNED_TLS_CLIENT_AUTH)
                .clientSettings(ClientSettings.builder()
                        .jwkSetUrl(published("/" + id, jwk))
                        .build())
                .build();
    }

    private static String published(String path, JWK jwk) {
        PUBLISHED.put(path, jwk);
        return publishing.url().resolve(path).toString();
    }

    /** Another pair than this. */
    private static KeyPair another(KeyPair pair, SignatureAlgorithm algorithm) {
        KeyPair other = TestKeys.of(algorithm);
        return other.getPublic().equals(pair.getPublic()) ? TestKeys.of(algorithm) : other;
    }

    /** Sends this certificate and trusts only this CA. */
    private static Tls tls(Certificates.Issued own, Certificates authority) {
        return Tls.of(
                Optional.of(new Tls.ClientCertificate(own.chain(), own.key())),
                authority.self().chain());
    }

    private static String thumbprint(X509Certificate certificate) throws Exception {
        return Base64URL.encode(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()))
                .toString();
    }

    private static SSLHostConfig tls() {
        try {
            SSLHostConfig tls = new SSLHostConfig();
            SSLHostConfigCertificate own = new SSLHostConfigCertificate(tls, SSLHostConfigCertificate.Type.UNDEFINED);
            own.setCertificateKeystore(AUTHORITY.serverStore("localhost", 30));
            own.setCertificateKeystorePassword("");
            tls.addCertificate(own);
            tls.setTrustStore(AUTHORITY.trustStore(SELF));
            tls.setCertificateVerification("optional");
            return tls;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
