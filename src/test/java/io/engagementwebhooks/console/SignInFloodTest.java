package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.TestKeys;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many strangers sign in with the provider: neither events nor other sign-ins wait for them. Its own products: the
 * provider is a setting, and failures are throttled by address.
 */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SignInFloodTest {

    private static final String KEY = "acme-admin-key-00000";
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /** The number of threads for requests. */
    private static final int FLOOD = 64;

    private static final int AT_A_TIME = 4;
    private RSAKey signing;

    private final HttpClient browsers =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private volatile CountDownLatch description = new CountDownLatch(0);
    private volatile CountDownLatch token = new CountDownLatch(0);
    private volatile boolean describes = true;
    private long descriptionsBefore;

    @AutoClose
    private Receiver provider;

    @AutoClose
    private RunningProduct product;

    /** A started sign-in in a browser. */
    private record Begun(String cookie, String state, String nonce) {}

    @BeforeAll
    void start(@TempDir Path folder) {
        KeyPair pair = TestKeys.rsa(2048);
        signing = new RSAKey.Builder((RSAPublicKey) pair.getPublic())
                .privateKey(pair.getPrivate())
                .keyID("k1")
                .build();
        provider = new Receiver(this::provide);
        product = startIn(folder);
    }

    private RunningProduct startIn(Path folder) {
        return RunningProduct.start(
                folder,
                "accounts:\n  - id: acme\n    apiKeys: [{name: admin, role: admin, key: " + KEY + "}]\n",
                "webhooks.egress.plain-http=127.0.0.0/8",
                "webhooks.console.oidc.issuer=" + issuer(),
                "webhooks.console.oidc.client-id=console",
                "webhooks.console.oidc.redirect-url=https://webhooks.example.com/console/sign-in/return");
    }

    @AfterEach
    void letGo() {
        describes = true;
        description.countDown();
        token.countDown();
    }

    private String issuer() {
        return "http://127.0.0.1:" + provider.port();
    }

    /** The code is the nonce of the authorization request. */
    private Receiver.Reply provide(Receiver.Got got) {
        String path = got.target().getPath();
        if (path.endsWith("openid-configuration")) {
            Patience.await(description);
            return json(
                    describes ? 200 : 500,
                    """
                    {"issuer":"%1$s","authorization_endpoint":"%1$s/authorize","token_endpoint":"%1$s/token",
                     "jwks_uri":"%1$s/jwks","subject_types_supported":["public"],"response_types_supported":["code"],
                     "id_token_signing_alg_values_supported":["RS256"]}"""
                            .formatted(issuer()));
        }
        if (path.endsWith("jwks")) {
            return json(200, new JWKSet(signing.toPublicJWK()).toString());
        }
        Patience.await(token);
        Matcher code = Pattern.compile("(?:^|&)code=([^&]*)").matcher(got.body());
        if (!code.find() || code.group(1).equals("guessed")) {
            return json(400, "{\"error\":\"invalid_grant\"}");
        }
        return json(
                200,
                "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":60,\"id_token\":\""
                        + idToken(code.group(1)) + "\"}");
    }

    private static Receiver.Reply json(int status, String body) {
        return new Receiver.Reply(status, Map.of("Content-Type", "application/json"), body);
    }

    private String idToken(String nonce) {
        JWTClaimsSet claims = new JWTClaimsSet.Builder()
                .issuer(issuer())
                .audience("console")
                .subject("alice")
                .claim("nonce", nonce)
                .claim("account", "acme")
                .claim("role", "admin")
                .issueTime(new Date())
                .expirationTime(Date.from(Instant.now().plusSeconds(600)))
                .build();
        try {
            SignedJWT token = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("k1").build(), claims);
            token.sign(new RSASSASigner(signing));
            return token.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private long asked(String path) {
        return provider.requests().stream()
                .filter(got -> got.target().getPath().endsWith(path))
                .count();
    }

    private CompletableFuture<HttpResponse<String>> get(URI url, String cookie) {
        HttpRequest request =
                HttpRequest.newBuilder(url).header("Cookie", cookie).build();
        return browsers.sendAsync(request, HttpResponse.BodyHandlers.ofString());
    }

    private Begun begin() {
        HttpResponse<String> answer =
                get(product.url("/console/sign-in/provider"), "none=0").join();
        assertEquals(303, answer.statusCode(), answer.body());
        String to = URI.create(answer.headers().firstValue("Location").orElseThrow())
                .getRawQuery();
        String set = answer.headers().firstValue("Set-Cookie").orElseThrow();
        return new Begun(set.substring(0, set.indexOf(';')), parameter(to, "state"), parameter(to, "nonce"));
    }

    private static String parameter(String query, String name) {
        Matcher found = Pattern.compile("(?:^|&)" + name + "=([^&]*)").matcher(query);
        assertTrue(found.find(), query);
        return found.group(1);
    }

    private CompletableFuture<HttpResponse<String>> comeBack(Begun begun, String code) {
        return get(product.url("/console/sign-in/return?code=" + code + "&state=" + begun.state()), begun.cookie());
    }

    private static void assertEventsAreTaken(RunningProduct by) {
        HttpResponse<String> answer =
                by.postEvent(KEY, "{\"id\": \"1\", \"source\": \"/calls\", \"type\": \"call.ended\"}");
        assertEquals(202, answer.statusCode(), answer.body());
    }

    /** Waits until all but the admitted sign-ins are refused. On a slow machine some of these time out instead. */
    private static void awaitRefused(List<CompletableFuture<HttpResponse<String>>> flood) {
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> flood.stream().filter(CompletableFuture::isDone).count() >= flood.size() - AT_A_TIME);
        List<HttpResponse<String>> refused = flood.stream()
                .filter(CompletableFuture::isDone)
                .map(CompletableFuture::join)
                .filter(answer -> answer.statusCode() == 429)
                .toList();
        assertTrue(refused.size() >= flood.size() - AT_A_TIME, () -> refused.size() + " were refused");
        refused.forEach(answer -> {
            assertTrue(answer.body().contains("Too many users are signing in with the provider"), answer.body());
            assertTrue(answer.headers().firstValue("Retry-After").isPresent());
        });
    }

    /** Its own product, without cached metadata of the provider. */
    @Test
    void a_slow_failing_provider_blocks_no_events_and_is_not_requested_again_at_once(@TempDir Path folder) {
        try (RunningProduct unknowing = startIn(folder)) {
            List<CompletableFuture<HttpResponse<String>>> flood = floodUnanswered(unknowing);
            describes = false;
            description.countDown();
            assertNotAskedAgain(flood);
        }
    }

    @Test
    @Tag("slow")
    void a_hanging_provider_times_out_and_is_not_requested_again_at_once(@TempDir Path folder) {
        try (RunningProduct unknowing = startIn(folder)) {
            assertNotAskedAgain(floodUnanswered(unknowing));
        }
    }

    private List<CompletableFuture<HttpResponse<String>>> floodUnanswered(RunningProduct unknowing) {
        descriptionsBefore = asked("openid-configuration");
        description = new CountDownLatch(1);
        List<CompletableFuture<HttpResponse<String>>> flood = new ArrayList<>();
        for (int i = 0; i < FLOOD; i++) {
            flood.add(get(unknowing.url("/console/sign-in/provider"), "none=0"));
        }
        awaitRefused(flood);
        assertEventsAreTaken(unknowing);
        return flood;
    }

    private void assertNotAskedAgain(List<CompletableFuture<HttpResponse<String>>> flood) {
        for (CompletableFuture<HttpResponse<String>> one : flood) {
            int status = one.join().statusCode();
            assertTrue(status == 429 || status == 403, () -> one.join().body());
        }
        assertEquals(descriptionsBefore + 1, asked("openid-configuration"));
    }

    @Test
    void codes_of_strangers_block_no_events_and_no_user() {
        List<Begun> begun = new ArrayList<>();
        for (int i = 0; i < FLOOD; i++) {
            begun.add(begin());
        }
        long before = asked("token");
        token = new CountDownLatch(1);
        List<CompletableFuture<HttpResponse<String>>> flood =
                begun.stream().map(one -> comeBack(one, "guessed")).toList();
        awaitRefused(flood);
        assertEventsAreTaken(product);
        long asked = asked("token") - before;
        assertTrue(asked <= AT_A_TIME, "asked " + asked);
        token.countDown();
        flood.forEach(CompletableFuture::join);

        HttpResponse<String> guess = comeBack(begun.get(0), "guessed").join();
        for (int i = 0; guess.statusCode() == 403 && i < FLOOD; i++) {
            guess = comeBack(begun.get(0), "guessed").join();
        }
        assertEquals(429, guess.statusCode(), guess.body());
        assertTrue(guess.body().contains("Too many sign-ins from your address failed"), guess.body());
        assertTrue(guess.headers().firstValue("Retry-After").isPresent());
        Begun known = begin();
        HttpResponse<String> answer = comeBack(known, known.nonce()).join();
        assertEquals(200, answer.statusCode(), answer.body());
    }

    @Test
    void a_user_signs_in_after_thousands_of_others_have_begun() {
        Begun first = begin();
        for (int i = 0; i < 1_100; i++) {
            begin();
        }
        HttpResponse<String> answer = comeBack(first, first.nonce()).join();
        assertEquals(200, answer.statusCode(), answer.body());
    }
}
