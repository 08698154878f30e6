package io.engagementwebhooks.deliver.oauth2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.deliver.egress.EgressRules;
import io.engagementwebhooks.deliver.egress.EgressSettings;
import io.engagementwebhooks.deliver.egress.NameResolver;
import io.engagementwebhooks.deliver.egress.RawReceiver;
import io.engagementwebhooks.deliver.egress.ResolverSettings;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.NameServer;
import io.engagementwebhooks.testkit.SampleClient;
import io.engagementwebhooks.testkit.StrictTokenServer;
import io.engagementwebhooks.testkit.StrictTokenServer.Way;
import io.engagementwebhooks.testkit.TestKeys;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.auth.AssertionKey;
import io.engagementwebhooks.webhook.auth.ClientCredential;
import io.engagementwebhooks.webhook.auth.ClientCredential.Encoding;
import io.engagementwebhooks.webhook.auth.ClientCredential.InForm;
import io.engagementwebhooks.webhook.auth.ClientCredential.InHeader;
import io.engagementwebhooks.webhook.auth.Secret;
import io.engagementwebhooks.webhook.auth.Tls;
import io.engagementwebhooks.webhook.auth.TokenParameters;
import io.engagementwebhooks.webhook.signing.SignatureAlgorithm;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Semantics 32 and promise 8, with token endpoints on loopback. */
class TokenSourceTest extends TokenFixture {

    /** Semantics 15. */
    @Test
    void a_token_request_has_ten_seconds() {
        assertEquals(Duration.ofSeconds(10), TokenEndpoint.TIMEOUT);
    }

    @Test
    void id_and_secret_are_form_encoded_in_the_header() {
        StrictTokenServer server = server(Way.BASIC);
        Token token = Waited.token(tokens, client(server));
        assertTrue(server.knows(token.value().reveal()));
    }

    @Test
    void id_and_secret_are_sent_raw_where_the_client_says_so() {
        StrictTokenServer server = server(Way.RAW_BASIC);
        Token token = Waited.token(
                tokens,
                sample(server).by(new InHeader(Secret.of(SECRET), Encoding.RAW)).client());
        assertTrue(server.knows(token.value().reveal()));
    }

    @Test
    void id_and_secret_are_sent_in_the_form_where_the_client_says_so() {
        StrictTokenServer server = server(Way.FORM);
        Token token = Waited.token(
                tokens, sample(server).by(new InForm(Secret.of(SECRET))).client());
        assertTrue(server.knows(token.value().reveal()));
        assertTrue(server.lastForm().contains("scope=calls%3Awrite+calls%3Aread"), server.lastForm());
    }

    @Test
    void the_header_equals_the_standards_example() throws Exception {
        JsonNode vector = vectors().get("client_secret_basic").get(0);
        OAuthClient client = new SampleClient(
                        URI.create("https://auth.example/token"),
                        vector.get("id").textValue(),
                        vector.get("secret").textValue())
                .client();
        Map<String, String> sent = new HashMap<>();
        TokenRequests.of(client, clock.instant(), clock.instant()).forEachHeader(sent::put);
        assertEquals(vector.get("authorization").textValue(), sent.get("Authorization"));
    }

    @Test
    void fifty_first_sends_make_one_token_request() throws Exception {
        StrictTokenServer server = server(Way.BASIC);
        OAuthClient client = client(server);
        Set<Token> got = new HashSet<>(inParallel(50, () -> Waited.token(tokens, client)));
        assertEquals(1, got.size());
        assertEquals(1, server.requests());
    }

    @Test
    void endpoints_that_hang_hold_no_thread() {
        StrictTokenServer hanging = server(Way.BASIC);
        hanging.hold();
        SampleClient one = sample(hanging);
        List<CompletableFuture<Token>> waiting = IntStream.range(0, 20)
                .mapToObj(i -> tokens.obtain(one.scope("scope-" + i).client()))
                .toList();
        Awaitility.await().until(() -> hanging.requests() == 20);
        Waited.token(tokens, client(server(Way.BASIC)));
        assertTrue(waiting.stream().noneMatch(CompletableFuture::isDone));

        hanging.release();
        waiting.forEach(CompletableFuture::join);
    }

    @Test
    void five_hundred_refusals_of_a_token_make_one_token_request() throws Exception {
        StrictTokenServer server = server(Way.BASIC);
        OAuthClient client = client(server);
        Token revoked = Waited.token(tokens, client);
        Set<Token> got = new HashSet<>(inParallel(500, () -> Waited.tokenInsteadOf(tokens, revoked, client)));
        assertEquals(1, got.size());
        assertFalse(got.contains(revoked));
        assertEquals(2, server.requests());
    }

    @Test
    void refusals_make_one_request_even_if_the_endpoint_returns_the_same_token() throws Exception {
        StrictTokenServer server = server(Way.BASIC);
        OAuthClient client = client(server);
        String same = "{\"access_token\":\"same\",\"token_type\":\"Bearer\",\"expires_in\":3600}";
        server.answer(200, same);
        server.answer(200, same);
        Token refused = Waited.token(tokens, client);
        for (int i = 0; i < 10; i++) {
            assertEquals(
                    "same",
                    Waited.tokenInsteadOf(tokens, refused, client).value().reveal());
        }
        assertEquals(2, server.requests());
    }

    @Test
    void a_refused_token_that_was_replaced_already_costs_no_request() {
        StrictTokenServer server = server(Way.BASIC);
        OAuthClient client = client(server);
        Token first = Waited.token(tokens, client);
        Token second = Waited.tokenInsteadOf(tokens, first, client);
        assertSame(second, Waited.tokenInsteadOf(tokens, first, client));
        assertEquals(2, server.requests());
    }

    @Test
    void a_token_is_used_until_shortly_before_it_expires() {
        StrictTokenServer server = server(Way.BASIC);
        server.life(100);
        OAuthClient client = client(server);
        Token first = Waited.token(tokens, client);
        clock.pass(Duration.ofSeconds(79));
        assertSame(first, Waited.token(tokens, client));
        clock.pass(Duration.ofSeconds(12));
        assertNotSame(first, Waited.token(tokens, client));
    }

    @Test
    void the_margin_of_a_long_life_is_30_seconds() {
        StrictTokenServer server = server(Way.BASIC);
        OAuthClient client = client(server);
        Token first = Waited.token(tokens, client);
        clock.pass(Duration.ofSeconds(3569));
        assertSame(first, Waited.token(tokens, client));
        assertFalse(first.usable(clock.instant().plusSeconds(1)));
    }

    @Test
    void a_token_in_use_is_renewed_in_the_background_and_no_one_waits_for_it() {
        StrictTokenServer server = server(Way.BASIC);
        server.life(100);
        OAuthClient client = client(server);
        Token first = Waited.token(tokens, client);
        clock.pass(Duration.ofSeconds(79));
        tokens.renewAgeing();
        assertEquals(1, server.requests());
        server.hold();
        clock.pass(Duration.ofSeconds(1));
        tokens.renewAgeing();
        tokens.renewAgeing();
        Awaitility.await().until(() -> server.requests() == 2);
        // while the request is in flight, the old token stays in use
        assertSame(first, Waited.token(tokens, client));
        server.release();
        Awaitility.await().until(() -> Waited.token(tokens, client) != first);
        assertEquals(2, server.requests());
    }

    @Test
    void renewals_are_spread_over_a_twentieth_of_the_life() {
        StrictTokenServer server = server(Way.BASIC);
        server.life(100);
        TokenSource late = new TokenSource(TokenSharing.ALONE, egress, INLINE, clock, () -> 1);
        Waited.token(late, client(server));
        clock.pass(Duration.ofSeconds(84));
        late.renewAgeing();
        assertEquals(1, server.requests());
        clock.pass(Duration.ofSeconds(1));
        late.renewAgeing();
        Awaitility.await().until(() -> server.requests() == 2);
    }

    @Test
    void a_token_that_was_not_used_for_one_life_is_not_renewed() {
        StrictTokenServer server = server(Way.BASIC);
        server.life(100);
        TokenSource source = new TokenSource(TokenSharing.ALONE, egress, INLINE, clock, () -> 0);
        Waited.token(source, client(server));
        clock.pass(Duration.ofSeconds(80));
        source.renewAgeing();
        Awaitility.await()
                .until(() -> server.requests() == 2
                        && source.last(client(server)).orElseThrow().at().equals(clock.instant()));
        clock.pass(Duration.ofSeconds(80));
        source.renewAgeing();
        assertEquals(2, server.requests(), "not used for 160 s");
        Waited.token(source, client(server));
        assertEquals(2, server.requests(), "the second token is good still");
        source.renewAgeing();
        Awaitility.await("used again").until(() -> server.requests() == 3);
    }

    @Test
    void a_renewal_that_fails_leaves_the_token_in_use_and_is_tried_again_after_the_pause() {
        StrictTokenServer server = server(Way.BASIC);
        server.life(1000);
        TokenSource source = new TokenSource(TokenSharing.ALONE, egress, INLINE, clock, () -> 0);
        Token first = Waited.token(source, client(server));
        server.answer(503, "");
        clock.pass(Duration.ofSeconds(800));
        source.renewAgeing();
        source.renewAgeing();
        Awaitility.await()
                .until(() -> source.last(client(server)).orElseThrow().at().equals(clock.instant()));
        assertEquals(2, server.requests());
        assertSame(first, Waited.token(source, client(server)));
        assertEquals(java.util.Optional.empty(), source.problem(client(server)), "no one waits");
        clock.pass(Duration.ofSeconds(5));
        source.renewAgeing();
        Awaitility.await().until(() -> Waited.token(source, client(server)) != first);
        assertEquals(3, server.requests());
    }

    @Test
    void a_token_that_expired_at_once_is_not_renewed_in_the_background() {
        StrictTokenServer server = server(Way.BASIC);
        server.life(0);
        TokenSource source = new TokenSource(TokenSharing.ALONE, egress, INLINE, clock, () -> 0);
        Waited.token(source, client(server));
        source.renewAgeing();
        assertEquals(1, server.requests());
    }

    @Test
    void the_last_answer_is_reported_without_the_token() {
        StrictTokenServer server = server(Way.BASIC);
        OAuthClient client = client(server);
        assertTrue(tokens.last(client).isEmpty());
        Waited.token(tokens, client);
        assertEquals(
                new TokenResult(clock.instant(), null, clock.instant().plusSeconds(3600)),
                tokens.last(client).orElseThrow());
        clock.pass(Duration.ofHours(1));
        server.answer(503, "down for maintenance");
        assertThrows(NothingSentException.class, () -> Waited.token(tokens, client));
        TokenResult down = tokens.last(client).orElseThrow();
        assertTrue(down.problem().endsWith(" answered 503 down for maintenance"), down.problem());
        assertEquals(down.problem(), tokens.problem(client).orElseThrow());
        clock.pass(Duration.ofSeconds(5));
        assertTrue(tokens.problem(client).isEmpty(), "the pause is over");
    }

    @Test
    void a_test_fetches_a_separate_token_and_changes_nothing() {
        StrictTokenServer server = server(Way.BASIC);
        OAuthClient client = client(server);
        Token inUse = Waited.token(tokens, client);
        TokenTest test = tokens.test(client);
        assertEquals("A token came, good for 3600 s", test.message());
        assertEquals(Duration.ofHours(1), test.life());
        assertSame(inUse, Waited.token(tokens, client));
        assertEquals(2, server.requests());
        server.answer(500, "");
        assertEquals("unavailable", tokens.test(client).problem());
        assertSame(inUse, Waited.token(tokens, client));
        OAuthClient other = sample(server).scope("other").client();
        server.answer(500, "");
        tokens.test(other);
        Waited.token(tokens, other);
        assertTrue(server.knows(Waited.token(tokens, other).value().reveal()), "no pause came of the trial");
    }

    @Test
    void accounts_credentials_and_scopes_do_not_share_a_token() {
        StrictTokenServer server = server(Way.BASIC);
        OAuthClient client = client(server);
        Waited.token(tokens, client);
        Waited.token(tokens, sample(server).of("other").client());
        Waited.token(
                tokens,
                new SampleClient(server.url(), ID, SECRET).scope("other:scope").client());
        assertThrows(
                NothingSentException.class,
                () -> Waited.token(
                        tokens,
                        new SampleClient(server.url(), ID, "other secret")
                                .asking(client.parameters())
                                .client()));
        assertEquals(4, server.requests());
    }

    @Test
    void every_parameter_of_a_token_request_is_part_of_the_cache_key() {
        SampleClient sample = new SampleClient(URI.create("https://auth.example/token"), ID, SECRET);
        ClientCredential.SignedAssertion assertion = new ClientCredential.SignedAssertion(
                AssertionKey.of(Secret.of(TestKeys.pem(TestKeys.rsa(2048).getPrivate()))),
                SignatureAlgorithm.RS256,
                java.util.Optional.empty(),
                java.util.Optional.empty());
        TokenParameters plain = TokenParameters.scope("a");
        List<SampleClient> others = List.of(
                sample.of("other"),
                new SampleClient(URI.create("https://auth.example/other"), ID, SECRET),
                new SampleClient(sample.tokenUrl(), "other", SECRET),
                new SampleClient(sample.tokenUrl(), ID, "other"),
                sample.by(new InHeader(Secret.of(SECRET), Encoding.RAW)),
                sample.by(new InForm(Secret.of(SECRET))),
                sample.by(new ClientCredential.None()),
                sample.by(assertion),
                sample.by(new ClientCredential.Certificate(certificate(), false)),
                sample.by(new ClientCredential.Certificate(certificate(), true)),
                sample.by(new ClientCredential.SignedAssertion(
                        assertion.key(), SignatureAlgorithm.PS256, assertion.keyId(), assertion.audience())),
                sample.asking(plain),
                sample.asking(new TokenParameters("a", java.util.Optional.of("b"), List.of(), List.of())),
                sample.asking(
                        new TokenParameters("a", java.util.Optional.empty(), List.of(URI.create("urn:b")), List.of())),
                sample.asking(new TokenParameters(
                        "a",
                        java.util.Optional.empty(),
                        List.of(),
                        List.of(new TokenParameters.FormField("tenant", Secret.of("b"), true)))));
        Set<CacheKey> keys = new HashSet<>();
        keys.add(CacheKey.of(sample.client()));
        others.forEach(other -> assertTrue(keys.add(CacheKey.of(other.client())), other.toString()));
        assertFalse(keys.add(CacheKey.of(sample.named("renamed").client())));
    }

    private static Tls certificate() {
        Certificates.Issued own = new Certificates().client("acme", 30);
        return Tls.of(java.util.Optional.of(new Tls.ClientCertificate(own.chain(), own.key())), List.of());
    }

    @Test
    void the_clients_name_is_not_part_of_the_cache_key() {
        StrictTokenServer server = server(Way.BASIC);
        OAuthClient client = client(server);
        Token token = Waited.token(tokens, client);
        assertSame(token, Waited.token(tokens, sample(server).named("renamed").client()));
    }

    @ParameterizedTest
    @MethodSource("answers")
    void every_answer_of_the_vectors_is_judged_as_listed(String body, String verdict) {
        StrictTokenServer server = server(Way.BASIC);
        OAuthClient client = client(server);
        server.answer(200, body);
        if (verdict.startsWith("error")) {
            NothingSentException error = assertThrows(NothingSentException.class, () -> Waited.token(tokens, client));
            assertTrue(error.getMessage().startsWith("No token for OAuth client 'crm': "), error.getMessage());
            return;
        }
        Token first = Waited.token(tokens, client);
        assertEquals("t", first.value().reveal());
        assertEquals(!verdict.contains("not cached"), first == Waited.token(tokens, client), verdict);
        if (verdict.contains("3600")) {
            assertEquals(Duration.ofHours(1), first.lifetime());
        }
    }

    @Test
    void a_token_without_a_lifetime_is_used_for_an_hour_at_most() {
        StrictTokenServer server = server(Way.BASIC);
        OAuthClient client = client(server);
        server.answer(200, "{\"access_token\":\"t\",\"token_type\":\"Bearer\"}");
        Token first = Waited.token(tokens, client);
        clock.pass(Duration.ofMinutes(40));
        assertSame(first, Waited.token(tokens, client));
        clock.pass(Duration.ofMinutes(20));
        assertNotSame(first, Waited.token(tokens, client));
    }

    @Test
    void an_endpoint_that_is_down_is_paused_for_5_seconds_doubling_to_5_minutes() {
        StrictTokenServer server = server(Way.BASIC);
        OAuthClient client = client(server);
        long[] pauses = {5, 10, 20, 40, 80, 160, 300, 300};
        for (long pause : pauses) {
            server.answer(503, "");
            NothingSentException down = assertThrows(NothingSentException.class, () -> Waited.token(tokens, client));
            assertEquals(clock.instant().plusSeconds(pause), down.until());
            assertEquals(
                    "No token for OAuth client 'crm': The token endpoint "
                            + server.url().getAuthority() + " answered 503",
                    down.getMessage());
            clock.pass(Duration.ofSeconds(pause - 1));
            assertThrows(NothingSentException.class, () -> Waited.token(tokens, client));
            clock.pass(Duration.ofSeconds(1));
        }
        assertEquals(pauses.length, server.requests());
        Waited.token(tokens, client);
    }

    @Test
    void an_endpoint_that_is_down_is_down_for_all_clients_of_the_account() {
        StrictTokenServer server = server(Way.BASIC);
        server.answer(500, "");
        assertThrows(NothingSentException.class, () -> Waited.token(tokens, client(server)));
        OAuthClient sibling =
                new SampleClient(server.url(), ID, SECRET).scope("other:scope").client();
        assertThrows(NothingSentException.class, () -> Waited.token(tokens, sibling));
        assertEquals(1, server.requests());
    }

    @Test
    void the_endpoints_retry_after_is_not_undercut() {
        StrictTokenServer server = server(Way.BASIC);
        server.answer(429, "", Map.of("Retry-After", "90"));
        NothingSentException busy =
                assertThrows(NothingSentException.class, () -> Waited.token(tokens, client(server)));
        assertEquals(clock.instant().plusSeconds(90), busy.until());
    }

    @Test
    void a_refused_credential_has_a_long_backoff_and_a_changed_one_has_none() {
        StrictTokenServer server = server(Way.BASIC);
        OAuthClient wrong =
                new SampleClient(server.url(), ID, "wrong").scope("calls:write").client();
        NothingSentException refused = assertThrows(NothingSentException.class, () -> Waited.token(tokens, wrong));
        assertEquals(clock.instant().plus(Duration.ofMinutes(5)), refused.until());
        assertTrue(refused.getMessage().endsWith("answered 401 invalid_client"), refused.getMessage());
        assertThrows(NothingSentException.class, () -> Waited.token(tokens, wrong));
        assertEquals(1, server.requests());
        Waited.token(
                tokens,
                new SampleClient(server.url(), ID, SECRET).scope("calls:write").client());
    }

    @Test
    void a_secret_that_the_endpoint_repeats_is_masked() {
        StrictTokenServer server = server(Way.BASIC);
        OAuthClient client =
                new SampleClient(server.url(), "id", "s3cret/1").scope("").client();
        String basic =
                Base64.getEncoder().encodeToString("id:s3cret%2F1".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        server.answer(
                400,
                "{\"error\":\"invalid_client\",\"error_description\":\"no s3cret/1 nor s3cret%2F1 in Basic " + basic
                        + "\"}");
        NothingSentException refused = assertThrows(NothingSentException.class, () -> Waited.token(tokens, client));
        assertTrue(
                refused.getMessage().endsWith("answered 400 invalid_client: no *** nor *** in Basic ***"),
                refused.getMessage());
    }

    @Test
    void a_secret_is_masked_in_every_form_in_which_a_page_or_json_may_repeat_it() {
        StrictTokenServer server = server(Way.BASIC);
        OAuthClient client = client(server);
        String json = "{\"message\":\"no p+a%s s&w=\u00f6\\/~*'()!\"}";
        String page = "<html>p+a%s s&amp;w=&ouml;/~*'()! p%2Ba%25s+s%26w%3D%C3%B6%2F%7E*%27%28%29%21</html>";
        server.answer(502, json);
        assertEquals("{\"message\":\"no ***\"}", afterStatus(tokens.test(client)));
        server.answer(502, page);
        assertEquals("<html>*** ***</html>", afterStatus(tokens.test(client)));
        server.answer(502, "x".repeat(195) + SECRET);
        assertEquals("x".repeat(195) + "***", afterStatus(tokens.test(client)), "masked before it is cut");
        server.answer(502, "your eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl is wrong");
        assertEquals("your *** is wrong", afterStatus(tokens.test(client)));
    }

    private static String afterStatus(TokenTest test) {
        return test.message().replaceAll("(?s)^.* answered 502 |[.] The server has an error.*$", "");
    }

    @Test
    void a_placeholder_instead_of_a_token_is_never_sent() {
        StrictTokenServer server = server(Way.BASIC);
        for (String nothing : List.of("null", "\"null\"", "\"undefined\"", "\"\"", "7", "{}", "[]", "true")) {
            server.answer(200, "{\"access_token\":" + nothing + ",\"token_type\":\"Bearer\"}");
            assertEquals("no-token", tokens.test(client(server)).problem(), nothing);
        }
    }

    @Test
    void a_token_in_another_form_is_not_shown() {
        StrictTokenServer server = server(Way.BASIC);
        server.answer(200, "access_token=hush-hush&token_type=bearer");
        TokenTest test = tokens.test(client(server));
        assertEquals("not-json", test.problem());
        assertFalse(test.message().contains("hush"), test.message());
        server.answer(200, "<html>login</html>");
        assertTrue(tokens.test(client(server)).message().contains("not JSON: <html>login</html>"));
    }

    @Test
    void an_endpoint_that_does_not_answer_is_given_up_after_its_own_time_out() {
        StrictTokenServer server = server(Way.BASIC);
        server.hold();
        TokenSource hasty =
                new TokenSource(TokenSharing.ALONE, egress, background, clock, () -> 0, Duration.ofMillis(300));
        NothingSentException slow = assertThrows(NothingSentException.class, () -> Waited.token(hasty, client(server)));
        assertTrue(slow.getMessage().endsWith(" did not answer within 300 ms"), slow.getMessage());
    }

    @Test
    void a_redirect_of_the_endpoint_is_not_followed() {
        StrictTokenServer server = server(Way.BASIC);
        StrictTokenServer other = server(Way.BASIC);
        server.answer(307, "", Map.of("Location", other.url().toString()));
        assertThrows(NothingSentException.class, () -> Waited.token(tokens, client(server)));
        assertEquals(0, other.requests());
    }

    @Test
    void a_test_reports_an_unresolved_host_name() {
        NameServer server = opened(new NameServer());
        server.fail("auth.example", NameServer.SERVFAIL);
        EgressRules rules = new EgressRules(EgressSettings.DEFAULT);
        NameResolver names = opened(NameResolver.of(ResolverSettings.of("dns", server.text()), rules, clock));
        EgressClient client = opened(new EgressClient(rules, "test", clock, names));
        TokenSource source = new TokenSource(TokenSharing.ALONE, client, background, clock, () -> 0);

        TokenTest trial = source.test(new SampleClient(URI.create("https://auth.example/token"), ID, SECRET).client());

        assertEquals("no-answer", trial.problem());
        assertEquals(
                "Not sent: the host name auth.example could not be looked up: the name server answered SERVFAIL",
                trial.message());
    }

    @Test
    void an_endless_response_is_truncated_and_gives_no_token() {
        RawReceiver endless = opened(new RawReceiver(talk -> {
            talk.request();
            talk.write(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10485760\r\n\r\n{\"access_token\":\"");
            while (true) {
                talk.write("x".repeat(8192));
            }
        }));
        NothingSentException none = assertThrows(
                NothingSentException.class,
                () -> Waited.token(
                        tokens,
                        new SampleClient(URI.create("http://127.0.0.1:" + endless.port() + "/token"), ID, SECRET)
                                .client()));
        assertTrue(none.getMessage().length() < 300, none.getMessage());
    }

    @Test
    void neither_tokens_nor_keys_print_a_secret() {
        StrictTokenServer server = server(Way.BASIC);
        OAuthClient client = client(server);
        Token token = Waited.token(tokens, client);
        assertFalse(token.toString().contains(token.value().reveal()));
        assertFalse(CacheKey.of(client).toString().contains(SECRET));
        assertNotEquals(
                CacheKey.of(client),
                CacheKey.of(new SampleClient(server.url(), ID, "other")
                        .asking(client.parameters())
                        .client()));
    }

    @Test
    void the_refusals_of_the_vectors_are_judged_as_listed() throws Exception {
        StrictTokenServer server = server(Way.BASIC);
        int judged = 0;
        for (JsonNode vector : vectors().get("token_answers")) {
            if (vector.has("status")) {
                int status = vector.get("status").asInt();
                String body = vector.get("body").textValue();
                server.answer(status, body);
                TokenTest test = tokens.test(client(server));
                boolean permanent = vector.get("verdict").asText().startsWith("permanent");
                assertEquals(permanent ? "client-refused" : "unavailable", test.problem());
                assertTrue(test.message().contains(body.isEmpty() ? "503" : "invalid_client: unknown client"));
                judged++;
            }
        }
        assertEquals(2, judged);
    }

    static Stream<org.junit.jupiter.params.provider.Arguments> answers() throws Exception {
        return StreamSupport.stream(vectors().get("token_answers").spliterator(), false)
                .filter(vector -> !vector.has("status"))
                .map(vector -> org.junit.jupiter.params.provider.Arguments.of(
                        vector.get("body").textValue(), vector.get("verdict").textValue()));
    }

    private static JsonNode vectors() throws Exception {
        try (InputStream in = TokenSourceTest.class.getResourceAsStream("/vectors/oauth2-client-authentication.json")) {
            return new ObjectMapper().readTree(in);
        }
    }
    /** All start at the same time. */
    private static <T> List<T> inParallel(int threads, Callable<T> task) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        CyclicBarrier start = new CyclicBarrier(threads);
        try {
            List<Future<T>> futures = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                futures.add(pool.submit(() -> {
                    start.await();
                    return task.call();
                }));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : futures) {
                results.add(future.get());
            }
            return results;
        } finally {
            pool.shutdownNow();
        }
    }

    private StrictTokenServer server(Way way) {
        return opened(new StrictTokenServer(ID, SECRET, way));
    }

    private static OAuthClient client(StrictTokenServer server) {
        return sample(server).client();
    }

    private static SampleClient sample(StrictTokenServer server) {
        return new SampleClient(server.url(), ID, SECRET).scope("calls:write calls:read");
    }
}
