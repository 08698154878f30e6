package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import io.engagementwebhooks.testkit.LogLines;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.TestKeys;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import no.nav.security.mock.oauth2.MockOAuth2Server;
import no.nav.security.mock.oauth2.token.DefaultOAuth2TokenCallback;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sign-in with an OpenID provider, a real one and a faked one. Its own products: the provider is a setting. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SingleSignOnTest {

    private static final String SECRET = "the-client-secret-never-shown";
    private static final String CONFIG =
            """
            accounts:
              - id: acme
                apiKeys: [{name: admin, role: admin, key: acme-admin-key-00000}]
              - id: other
                apiKeys: [{name: admin, role: admin, key: other-admin-key-0000}]
            """;

    private final HttpClient browser =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private MockOAuth2Server real;
    private Receiver lying;
    private RunningProduct product;
    private RunningProduct deceived;
    private volatile RSAKey key;
    private volatile UnaryOperator<String> idToken = nonce -> "";

    /** The provider's part as the browser sees it. @param state of the request */
    private record Way(String cookie, String state, String nonce, URI to) {}

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        real = new MockOAuth2Server();
        real.start(InetAddress.getLoopbackAddress(), 0);
        String issuer = "http://127.0.0.1:" + real.issuerUrl("acme").port() + "/acme";
        product = RunningProduct.start(folder.resolve("a"), CONFIG, settings(issuer));
        key = newKey("k1");
        lying = new Receiver(this::lie);
        deceived = RunningProduct.start(folder.resolve("b"), CONFIG, settings(liarsName()));
    }

    @AfterAll
    void stop() {
        product.close();
        deceived.close();
        lying.close();
        real.shutdown();
    }

    private static String[] settings(String issuer) {
        return new String[] {
            "webhooks.egress.plain-http=127.0.0.0/8",
            "webhooks.console.oidc.issuer=" + issuer,
            "webhooks.console.oidc.client-id=console",
            "webhooks.console.oidc.client-secret=" + SECRET,
            "webhooks.console.oidc.redirect-url=https://webhooks.example.com/console/sign-in/return"
        };
    }

    private String liarsName() {
        return "http://127.0.0.1:" + lying.url().getPort();
    }

    private volatile String nonceAsked = "";

    private Receiver.Reply lie(Receiver.Got got) {
        String path = got.target().getPath();
        if (path.endsWith("openid-configuration")) {
            return json(
                    """
                    {"issuer":"%1$s","authorization_endpoint":"%1$s/authorize","token_endpoint":"%1$s/token",
                     "jwks_uri":"%1$s/jwks","subject_types_supported":["public"],"response_types_supported":["code"],
                     "id_token_signing_alg_values_supported":["RS256"]}"""
                            .formatted(liarsName()));
        }
        if (path.endsWith("jwks")) {
            return json(new JWKSet(key.toPublicJWK()).toString());
        }
        return json("{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":60,\"id_token\":\""
                + idToken.apply(nonceAsked) + "\"}");
    }

    private static Receiver.Reply json(String body) {
        return new Receiver.Reply(200, Map.of("Content-Type", "application/json"), body);
    }

    private HttpResponse<String> get(RunningProduct at, String path, String cookie) {
        HttpRequest.Builder request = HttpRequest.newBuilder(at.url(path));
        return at.send((cookie.isEmpty() ? request : request.header("Cookie", cookie)).build());
    }

    private Way begin(RunningProduct at) {
        HttpResponse<String> answer = get(at, "/console/sign-in/provider?then=/console/webhooks", "");
        assertEquals(303, answer.statusCode(), answer.body());
        URI to = URI.create(answer.headers().firstValue("Location").orElseThrow());
        Map<String, String> asked = query(to);
        nonceAsked = asked.get("nonce");
        assertEquals("S256", asked.get("code_challenge_method"));
        assertEquals("code", asked.get("response_type"));
        assertFalse(to.toString().contains(SECRET));
        String set = answer.headers().firstValue("Set-Cookie").orElseThrow();
        assertTrue(set.contains("HttpOnly") && set.contains("SameSite=Lax"), set);
        return new Way(set.substring(0, set.indexOf(';')), asked.get("state"), asked.get("nonce"), to);
    }

    private static Map<String, String> query(URI uri) {
        Map<String, String> query = new TreeMap<>();
        for (String pair : uri.getRawQuery().split("&")) {
            int equals = pair.indexOf('=');
            query.put(pair.substring(0, equals), URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
        }
        return query;
    }

    /** What the browser returns from the real provider. */
    private String returning(Way way, Map<String, Object> claims) throws Exception {
        real.enqueueCallback(new DefaultOAuth2TokenCallback("acme", "alice", "JWT", List.of("console"), claims, 3600));
        HttpResponse<String> answer =
                browser.send(HttpRequest.newBuilder(way.to()).build(), HttpResponse.BodyHandlers.ofString());
        return URI.create(answer.headers().firstValue("Location").orElseThrow()).getRawQuery();
    }

    private HttpResponse<String> comeBack(RunningProduct at, String query, String cookie) {
        return get(at, "/console/sign-in/return?" + query, cookie);
    }

    private static String session(HttpResponse<String> answer) {
        assertEquals(200, answer.statusCode(), answer.body());
        String set = answer.headers().firstValue("Set-Cookie").orElseThrow();
        assertTrue(set.contains("HttpOnly") && set.contains("SameSite=Strict"), set);
        return set.substring(0, set.indexOf(';'));
    }

    private static void assertRefused(HttpResponse<String> answer, String why) {
        assertEquals(403, answer.statusCode(), answer.body());
        assertTrue(answer.body().contains(why), answer.body());
        assertTrue(answer.headers().firstValue("Set-Cookie").isEmpty());
    }

    @Test
    void a_user_of_the_provider_signs_in_with_the_rights_of_the_role() throws Exception {
        assertTrue(get(product, "/console/sign-in", "").body().contains("/console/sign-in/provider"));
        Way way = begin(product);
        HttpResponse<String> answer = comeBack(
                product,
                returning(way, Map.of("account", "acme", "role", List.of("x", "admin"), "email", "Alice@Example.com")),
                way.cookie());
        String session = session(answer);
        assertTrue(answer.body().contains("url=/console/webhooks"), answer.body());
        HttpResponse<String> page = get(product, "/console/settings/oauth-clients", session);
        assertEquals(200, page.statusCode());
        assertTrue(page.body().contains("alice@example.com, admin"), page.body());
        assertTrue(page.body().contains("acme"));
        assertFalse(page.body().contains(">other<"));
        assertTrue(page.headers()
                .firstValue("Content-Security-Policy")
                .orElseThrow()
                .contains("script-src 'self'"));

        Visitor visitor = new Visitor(product);
        visitor.cookie = session;
        visitor.get("/console/overview");
        assertEquals(303, visitor.post("/console/sign-out").statusCode());
        assertEquals(303, get(product, "/console/overview", session).statusCode(), "signed out");
    }

    @Test
    void a_code_works_once_and_only_in_the_browser_that_requested_it() throws Exception {
        Way way = begin(product);
        String query = returning(way, Map.of("account", "acme", "role", "read"));
        String over = "started in another browser";
        assertRefused(comeBack(product, query, ""), over);
        assertRefused(comeBack(product, query, begin(product).cookie()), over);
        assertRefused(comeBack(product, query.replaceAll("state=[^&]*", "state=guessed"), way.cookie()), over);
        session(comeBack(product, query, way.cookie()));
        assertRefused(comeBack(product, query, way.cookie()), over);
    }

    @Test
    @SuppressWarnings("try")
    void a_user_signs_in_while_the_store_refuses_changes() throws Exception {
        try (RefusedWrites full = new RefusedWrites(deceived.storeFile(), "revoked_session", "setting")) {
            session(deceivedBy(nonce -> signed(claims(nonce).build(), key)));
        }
    }

    @Test
    void a_claim_must_name_an_existing_account_and_a_role() throws Exception {
        for (Map<String, Object> claims : List.<Map<String, Object>>of(
                Map.of("account", "globex", "role", "admin"),
                Map.of("account", List.of("acme", "other"), "role", "admin"),
                Map.of("role", "admin"),
                Map.of("account", "acme"),
                Map.of("account", "acme", "role", "operator"))) {
            Way way = begin(product);
            assertRefused(comeBack(product, returning(way, claims), way.cookie()), "laim");
        }
    }

    @Test
    void a_user_of_one_account_sees_nothing_of_another() throws Exception {
        Way way = begin(product);
        String session =
                session(comeBack(product, returning(way, Map.of("account", "other", "role", "read")), way.cookie()));
        String page = get(product, "/console/settings/oauth-clients", session).body();
        assertTrue(page.contains("<b>other</b>"), page);
        assertFalse(page.contains("<b>acme</b>"), page);
        Visitor visitor = new Visitor(product);
        visitor.cookie = session;
        visitor.get("/console/overview");
        String refused = visitor.post("/console/webhooks/any/pause")
                .headers()
                .firstValue("Location")
                .orElse("");
        assertTrue(visitor.get(refused).body().contains("may not change anything"));
    }

    @Test
    void a_sign_in_declined_at_the_provider_is_reported() {
        Way way = begin(product);
        assertRefused(
                comeBack(product, "error=access_denied&state=" + way.state(), way.cookie()),
                "The provider reported: access_denied");
    }

    @Test
    void an_error_sent_by_a_stranger_is_reduced_to_allowed_characters() {
        String forged =
                "x%0D%0A2026-11-26T10:00:00.000Z%20INFO%20console.signed-in%1B%22%5C%E2%80%A8".concat("y".repeat(200));
        try (LogLines lines = new LogLines(Pages.class)) {
            Way way = begin(product);
            String reported =
                    "The provider reported: x2026-11-26T10:00:00.000Z INFO console.signed-in" + "y".repeat(52) + ".";
            assertRefused(comeBack(product, "error=" + forged + "&state=" + way.state(), way.cookie()), reported);
            assertEquals(
                    List.of("console.sign-in-refused the" + reported.substring(3, reported.length() - 1)),
                    lines.texts().stream()
                            .filter(line -> line.contains("sign-in-refused"))
                            .toList());
        }
    }

    private JWTClaimsSet.Builder claims(String nonce) {
        return new JWTClaimsSet.Builder()
                .issuer(liarsName())
                .audience("console")
                .subject("alice")
                .claim("nonce", nonce)
                .claim("account", "acme")
                .claim("role", "admin")
                .issueTime(new Date())
                .expirationTime(Date.from(Instant.now().plusSeconds(600)));
    }

    private static String signed(JWTClaimsSet claims, RSAKey by) {
        try {
            SignedJWT token = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.RS256)
                            .keyID(by.getKeyID())
                            .build(),
                    claims);
            token.sign(new RSASSASigner(by));
            return token.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Signed with the public key as if it were a shared secret. */
    private String signedByTheSharedSecret(JWTClaimsSet claims) {
        try {
            SignedJWT token = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.HS256)
                            .keyID(key.getKeyID())
                            .build(),
                    claims);
            token.sign(new MACSigner(key.toRSAPublicKey().getEncoded()));
            return token.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private HttpResponse<String> deceivedBy(UnaryOperator<String> token) {
        idToken = token;
        Way way = begin(deceived);
        return comeBack(deceived, "code=c&state=" + way.state(), way.cookie());
    }

    @BeforeEach
    void the_faked_provider_is_accepted_with_a_valid_token() {
        session(deceivedBy(nonce -> signed(claims(nonce).build(), key)));
    }

    /** Another than the provider's. */
    private RSAKey newKey(String id) {
        RSAKey before = key;
        while (true) {
            KeyPair pair = TestKeys.rsa(2048);
            RSAKey made = new RSAKey.Builder((RSAPublicKey) pair.getPublic())
                    .privateKey(pair.getPrivate())
                    .keyID(id)
                    .build();
            if (before == null || !made.getModulus().equals(before.getModulus())) {
                return made;
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"nonce", "no nonce", "audience", "issuer", "expired", "unsigned", "hmac", "other key", "none"})
    void an_invalid_token_is_refused(String what) {
        HttpResponse<String> answer = deceivedBy(nonce -> switch (what) {
            case "nonce" -> signed(claims("nonce-of-another").build(), key);
            case "no nonce" -> signed(claims(null).build(), key);
            case "audience" -> signed(claims(nonce).audience("another-audience").build(), key);
            case "issuer" ->
                signed(claims(nonce).issuer("http://127.0.0.1/else").build(), key);
            case "expired" ->
                signed(
                        claims(nonce)
                                .expirationTime(Date.from(Instant.now().minusSeconds(600)))
                                .build(),
                        key);
            case "unsigned" -> new PlainJWT(claims(nonce).build()).serialize();
            case "hmac" -> signedByTheSharedSecret(claims(nonce).build());
            case "other key" -> signed(claims(nonce).build(), newKey(key.getKeyID()));
            default -> "";
        });
        assertRefused(answer, "provider");
        assertNotEquals(200, answer.statusCode());
        assertFalse(answer.body().contains("nonce-of-another"), answer.body());
    }

    /** The cached keys do not contain it. */
    @Test
    void a_new_key_of_the_provider_is_accepted_at_once() {
        key = newKey("k2");
        session(deceivedBy(nonce -> signed(claims(nonce).build(), key)));
    }

    @Test
    void a_response_from_another_provider_is_refused() {
        idToken = nonce -> signed(claims(nonce).build(), key);
        Way way = begin(deceived);
        assertRefused(
                comeBack(deceived, "code=c&iss=https%3A%2F%2Felse.example&state=" + way.state(), way.cookie()),
                "another provider");
    }
}
