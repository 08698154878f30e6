package io.engagementwebhooks.contentsquare;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.contentsquare.EnrichmentBatch.Enrichment;
import io.engagementwebhooks.testkit.ContentsquareStandIn;
import io.engagementwebhooks.testkit.SettableClock;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpConnectTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContentsquareClientTest {

    private static final Duration AMPLE = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Executor CALLER = Runnable::run;

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T12:00:00Z"));
    private ContentsquareStandIn contentsquare;
    private JdkHttpClient http;

    @BeforeEach
    void start() throws Exception {
        contentsquare = new ContentsquareStandIn();
        http = new JdkHttpClient();
    }

    @AfterEach
    void stop() {
        http.close();
        contentsquare.close();
    }

    // ---- tokens

    @Test
    void fifty_first_sends_in_parallel_make_one_token_request() throws Exception {
        ContentsquareClient client = client(AMPLE, AMPLE);

        List<CompletableFuture<ContentsquareAnswer>> answers = IntStream.range(0, 50)
                .mapToObj(session -> client.send(call(session, 1)).toCompletableFuture())
                .toList();
        for (CompletableFuture<ContentsquareAnswer> answer : answers) {
            assertEquals(200, answer.get(60, TimeUnit.SECONDS).status());
        }

        assertEquals(1, contentsquare.tokenRequests().size());
        assertEquals(50, contentsquare.accepted().size());
    }

    @Test
    void a_token_request_has_client_scope_and_project() throws Exception {
        client(access(AMPLE, AMPLE, "enrichment", 7L))
                .send(call(1, 1))
                .toCompletableFuture()
                .get();

        assertEquals(
                Json.MAPPER.readTree(
                        "{'client_id':'cs-client','client_secret':'cs-secret-of-the-stand-in',".replace('\'', '"')
                                + "\"grant_type\":\"client_credentials\",\"scope\":\"enrichment\",\"project_id\":7}"),
                contentsquare.tokenRequests().get(0));
    }

    @Test
    void a_token_is_kept_until_a_minute_before_it_expires() throws Exception {
        ContentsquareClient client = client(AMPLE, AMPLE);
        sent(client);

        clock.pass(Duration.ofSeconds(3600 - 61));
        sent(client);
        assertEquals(1, contentsquare.tokenRequests().size());

        clock.pass(Duration.ofSeconds(1));
        sent(client);
        awaitTokenRequests(2);
    }

    @Test
    void a_short_lived_token_is_kept_for_nine_tenths_of_its_life() throws Exception {
        contentsquare.changeTokenAnswers("expires_in", 100);
        ContentsquareClient client = client(AMPLE, AMPLE);
        sent(client);

        clock.pass(Duration.ofSeconds(89));
        sent(client);
        assertEquals(1, contentsquare.tokenRequests().size());

        clock.pass(Duration.ofSeconds(1));
        sent(client);
        awaitTokenRequests(2);
    }

    @Test
    void a_token_is_renewed_in_the_background_while_senders_use_the_old_one() throws Exception {
        ContentsquareClient client = client(AMPLE, AMPLE);
        sent(client);
        contentsquare.hangNextTokenRequests(1);

        clock.pass(Duration.ofSeconds(3600 - 60));
        sent(client);
        sent(client);

        awaitTokenRequests(2);
        assertEquals(3, contentsquare.acceptedBatches());
    }

    @Test
    void a_failed_background_renewal_is_retried_and_affects_no_sender() throws Exception {
        ContentsquareClient client = client(AMPLE, AMPLE);
        sent(client);
        contentsquare.answerNextTokenRequests(1, 503, "", Map.of());

        clock.pass(Duration.ofSeconds(3600 - 60));
        await().until(() -> {
            sent(client);
            return contentsquare.tokenRequests().size() == 3;
        });

        assertEquals(contentsquare.batches().size(), contentsquare.acceptedBatches());
    }

    @Test
    void a_token_in_its_last_seconds_is_not_used() throws Exception {
        ContentsquareClient client = client(AMPLE, AMPLE);
        sent(client);
        contentsquare.answerNextTokenRequests(1, 503, "", Map.of());

        clock.pass(Duration.ofSeconds(3600 - 10));

        assertEquals(503, tokenException(client).getStatus());
        assertEquals(1, contentsquare.batches().size());
    }

    // semantics 32
    @Test
    void after_a_refused_renewed_token_renewals_pause() throws Exception {
        ContentsquareClient client = client(AMPLE, AMPLE);
        contentsquare.failNext(3, 401);

        ContentsquareException second = refusal(client);
        assertEquals(401, second.getStatus());
        assertFalse(second.isRetryable());
        assertEquals(2, contentsquare.batches().size());
        assertEquals(401, refusal(client).getStatus());
        assertEquals(2, contentsquare.tokenRequests().size());

        contentsquare.failNext(2, 401);
        clock.pass(Duration.ofSeconds(30));
        assertEquals(401, refusal(client).getStatus());
        assertEquals(3, contentsquare.tokenRequests().size());

        contentsquare.failNext(1, 401);
        clock.pass(Duration.ofSeconds(59));
        assertEquals(401, refusal(client).getStatus());
        assertEquals(3, contentsquare.tokenRequests().size());
        sent(client);
        contentsquare.failNext(1, 401);
        sent(client);
        assertEquals(4, contentsquare.tokenRequests().size());
    }

    // ---- requests of one's own

    @Test
    void a_custom_request_is_sent_to_its_path_with_the_token() throws Exception {
        contentsquare.changeTokenAnswers("endpoint", contentsquare.endpoint() + "/v1/enrichments");

        ContentsquareAnswer answer = client(AMPLE, AMPLE)
                .send(
                        new ContentsquareRequest(
                                "PUT", "/v1/calls?dry=1", "text/plain", Map.of("X-Call", "7"), new byte[] {'h', 'i'}),
                        CallAttributes.NONE)
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);

        assertEquals(200, answer.status());
        ContentsquareStandIn.Own own = contentsquare.ownRequests().get(0);
        assertEquals("PUT /v1/calls?dry=1", own.method() + " " + own.target());
        assertEquals("text/plain", own.headers().getFirst("Content-Type"));
        assertEquals("7", own.headers().getFirst("X-Call"));
        assertEquals("hi", own.body());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"calls", "//evil.example/x", "/a/../b", "/x#y", "https://evil.example/", "@evil.example/", "/ä b"
            })
    void a_path_to_another_host_is_refused(String path) {
        assertThrows(
                IllegalArgumentException.class,
                () -> new ContentsquareRequest("POST", path, "application/json", Map.of(), new byte[0]));
    }

    @Test
    void a_failed_check_after_the_token_request_sends_nothing() {
        ContentsquareClient client = client(AMPLE, AMPLE);
        IllegalStateException lost = new IllegalStateException("not ours any more");

        Throwable fault = assertThrows(ExecutionException.class, () -> client.send(
                                call(4, 1),
                                Map.of(),
                                new CallAttributes(
                                        () -> {
                                            awaitTokenRequests(1);
                                            throw lost;
                                        },
                                        null))
                        .toCompletableFuture()
                        .get(60, TimeUnit.SECONDS))
                .getCause();

        assertSame(lost, assertInstanceOf(ContentsquareException.class, fault).getCause());
        assertEquals(List.of(), contentsquare.batches());
    }

    @Test
    void a_token_with_lifetime_zero_is_used_once() throws Exception {
        contentsquare.changeTokenAnswers("expires_in", 0);
        ContentsquareClient client = client(AMPLE, AMPLE);

        sent(client);
        sent(client);

        assertEquals(2, contentsquare.tokenRequests().size());
    }

    @Test
    void a_revoked_token_causes_one_renewal_for_all_senders() throws Exception {
        ContentsquareClient client = client(AMPLE, AMPLE);
        sent(client);
        contentsquare.revokeTokens();

        List<CompletableFuture<ContentsquareAnswer>> answers = IntStream.range(0, 20)
                .mapToObj(session -> client.send(call(session, 1)).toCompletableFuture())
                .toList();
        for (CompletableFuture<ContentsquareAnswer> answer : answers) {
            assertEquals(200, answer.get(60, TimeUnit.SECONDS).status());
        }

        assertEquals(2, contentsquare.tokenRequests().size());
    }

    @Test
    void an_expired_token_named_in_a_200_is_renewed_like_one_named_in_a_401() throws Exception {
        contentsquare.answerNext(1, 200, "{\"success\":false,\"errorCode\":\"JWT_EXPIRED\"}", Map.of());

        sent(client(AMPLE, AMPLE));

        assertEquals(2, contentsquare.tokenRequests().size());
        assertEquals(1, contentsquare.accepted().size());
    }

    @Test
    void the_new_token_may_name_another_endpoint() throws Exception {
        try (ContentsquareStandIn other = new ContentsquareStandIn()) {
            ContentsquareClient client = client(AMPLE, AMPLE);
            sent(client);
            contentsquare.revokeTokens();
            contentsquare.changeTokenAnswers("endpoint", other.endpoint());

            refusal(client);

            assertEquals(1, other.batches().size());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401})
    void refused_credentials_are_permanent_and_the_secret_is_not_shown(int status) throws Exception {
        contentsquare.answerNextTokenRequests(
                1,
                status,
                "{\"error\":\"" + ContentsquareStandIn.CLIENT_SECRET + "\",\"error_description\":\""
                        + ContentsquareStandIn.CLIENT_SECRET + "\"}",
                Map.of());

        ContentsquareTokenException fault = tokenException(client(AMPLE, AMPLE));

        assertFalse(fault.isRetryable());
        assertEquals(status, fault.getStatus());
        assertFalse(printed(fault).contains(ContentsquareStandIn.CLIENT_SECRET));
    }

    @Test
    void a_wrong_secret_is_reported_with_the_services_code() throws Exception {
        ContentsquareAccess wrong = new ContentsquareAccess(
                contentsquare.tokenUrl(), "cs-client", "wrong", null, null, "127.0.0.1", true, AMPLE, AMPLE, null);

        ContentsquareTokenException fault = tokenException(client(wrong));

        assertEquals("INVALID_CLIENT", fault.getErrorCode());
        assertTrue(fault.getMessage().contains("'cs-client'"), fault.getMessage());
    }

    @ParameterizedTest
    @ValueSource(ints = {302, 403, 404, 429, 500, 503})
    void any_other_error_of_the_token_service_is_temporary(int status) throws Exception {
        contentsquare.answerNextTokenRequests(1, status, "", Map.of("Retry-After", "17"));
        ContentsquareClient client = client(AMPLE, AMPLE);

        ContentsquareTokenException fault = tokenException(client);

        assertTrue(fault.isRetryable());
        assertEquals("17", fault.getRetryAfter());
        assertTrue(contentsquare.batches().isEmpty());
        sent(client);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "not json|is not a JSON object",
                "[]|is not a JSON object",
                "{} {}|is not a JSON object",
                "{\"endpoint\":\"https://x.contentsquare.com\"}|has no 'access_token'",
                "{\"access_token\":5}|has no 'access_token'",
                "{\"access_token\":\"a b\"}|cannot stand in a header",
                "{\"access_token\":\"t0k3n\"}|has no 'endpoint'",
                "{\"access_token\":\"t0k3n\",\"endpoint\":\"https://evil.example\"}|names host 'evil.example'",
                "{\"access_token\":\"t0k3n\",\"endpoint\":\"http://api.contentsquare.com\"}|must be https",
            })
    void an_unusable_token_response_is_reported_without_its_content(String answer, String why) throws Exception {
        contentsquare.answerNextTokenRequests(1, 200, answer, Map.of());

        ContentsquareTokenException fault = tokenException(client(AMPLE, AMPLE));

        assertTrue(fault.getMessage().contains(why), fault.getMessage());
        assertFalse(printed(fault).contains("t0k3n"));
        assertTrue(fault.isRetryable());
    }

    @Test
    void an_endless_token_answer_is_read_to_its_limit_only() throws Exception {
        contentsquare.answerNextTokenRequests(1, 200, "{\"x\":\"" + "x".repeat(200_000) + "\"}", Map.of());

        assertTrue(tokenException(client(AMPLE, AMPLE)).getMessage().contains("is too long"));
    }

    @Test
    void a_token_service_that_hangs_is_given_up_after_its_own_time() throws Exception {
        contentsquare.hangNextTokenRequests(1);
        ContentsquareClient client = client(AMPLE, SHORT);

        ContentsquareTokenException fault = tokenException(client);

        assertTrue(fault.isRetryable());
        assertTrue(fault.getMessage().contains("did not answer within 300 ms"), fault.getMessage());
        sent(client(AMPLE, AMPLE));
    }

    // ---- where it may send

    @Test
    void an_endpoint_that_has_the_path_already_gets_no_second_one() throws Exception {
        contentsquare.changeTokenAnswers("endpoint", contentsquare.endpoint() + "/v1/enrichments/");

        sent(client(AMPLE, AMPLE));

        assertEquals(1, contentsquare.accepted().size());
    }

    // ---- verdicts

    @Test
    void a_batch_is_sent_as_documented() throws Exception {
        sent(client(AMPLE, AMPLE));

        assertEquals(
                Json.MAPPER.readTree("{\"integrationVersion\":1,\"projectId\":1,\"enrichments\":[{\"userId\":\"u\","
                        + "\"sessionNumber\":4,\"enrichmentNumber\":1,\"enrichment\":{\"call_duration\":42000}}]}"),
                contentsquare.batches().get(0));
    }

    @ParameterizedTest
    @CsvSource({
        "302, true",
        "400, false",
        "403, false",
        "404, false",
        "408, true",
        "409, false",
        "413, false",
        "422, false",
        "425, true",
        "429, true",
        "500, true",
        "501, true",
        "503, true"
    })
    void the_status_decides_whether_to_retry(int status, boolean later) throws Exception {
        contentsquare.answerNext(
                1, status, "{\"errorCode\":\"SOME_CODE\"}", Map.of("Retry-After", "9", "Location", "/v1/elsewhere"));

        ContentsquareException fault = refusal(client(AMPLE, AMPLE));

        assertEquals(status, fault.getStatus());
        assertEquals(later, fault.isRetryable());
        assertEquals("SOME_CODE", fault.getErrorCode());
        assertEquals("9", fault.getRetryAfter());
        assertEquals("{\"errorCode\":\"SOME_CODE\"}", fault.getAnswer());
        assertEquals(1, contentsquare.batches().size(), "neither retried nor redirected");
    }

    @Test
    void a_200_that_says_it_did_not_succeed_is_a_refusal() throws Exception {
        contentsquare.answerNext(1, 200, "{\"success\":false,\"errorCode\":\"INVALID\"}", Map.of());

        ContentsquareException fault = refusal(client(AMPLE, AMPLE));

        assertEquals("INVALID", fault.getErrorCode());
        assertFalse(fault.isRetryable());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "accepted", "{}", "{\"success\":true}"})
    void any_other_body_of_a_2xx_is_success(String body) throws Exception {
        contentsquare.answerNext(1, 202, body, Map.of());

        ContentsquareAnswer answer =
                client(AMPLE, AMPLE).send(call(4, 1)).toCompletableFuture().get();

        assertEquals(new ContentsquareAnswer(202, body), answer);
    }

    @Test
    void a_2xx_response_above_the_limit_leaves_the_result_unknown() throws Exception {
        contentsquare.answerNext(1, 200, "x".repeat(200_000), Map.of());

        ContentsquareException fault = refusal(client(AMPLE, AMPLE));

        assertTrue(fault.isRetryable());
        assertEquals(200, fault.getStatus());
        assertEquals(64 * 1024, fault.getAnswer().length());
    }

    @Test
    void an_answer_of_exactly_the_limit_is_complete() throws Exception {
        contentsquare.answerNext(1, 200, "x".repeat(64 * 1024), Map.of());

        ContentsquareAnswer answer =
                client(AMPLE, AMPLE).send(call(4, 1)).toCompletableFuture().get();

        assertEquals(64 * 1024, answer.body().length());
    }

    @Test
    void a_server_that_hangs_is_given_up_in_time() throws Exception {
        contentsquare.hangNext(1);

        ContentsquareException fault = refusal(client(SHORT, AMPLE));

        assertTrue(fault.isRetryable());
        assertEquals(0, fault.getStatus());
        assertNull(fault.getAnswer());
        assertTrue(fault.getMessage().contains("did not answer within 300 ms"), fault.getMessage());
    }

    @Test
    void a_body_that_drips_for_ever_does_not_outlive_the_deadline() throws Exception {
        contentsquare.dripNext(1);
        ContentsquareClient client = client(SHORT, AMPLE);

        ContentsquareException fault = assertTimeoutPreemptively(AMPLE, () -> refusal(client));

        assertTrue(fault.isRetryable());
    }

    @Test
    void the_resend_after_a_renewal_has_the_remaining_time() throws Exception {
        TimeoutsGiven given = new TimeoutsGiven(http);
        ContentsquareClient client =
                new ContentsquareClient(access(AMPLE, Duration.ofSeconds(7), null, null), given, clock, CALLER);
        contentsquare.failNext(1, 401);

        long before = System.nanoTime();
        sent(client);
        Duration took = Duration.ofNanos(System.nanoTime() - before);

        assertEquals(2, contentsquare.batches().size());
        List<Duration> ofBatches = given.timeouts.stream()
                .filter(timeout -> !timeout.equals(Duration.ofSeconds(7)))
                .toList();
        assertEquals(2, ofBatches.size(), () -> "" + given.timeouts);
        assertEquals(AMPLE, ofBatches.get(0));
        assertTrue(ofBatches.get(1).compareTo(AMPLE) < 0, "what the first one took is gone");
        assertTrue(ofBatches.get(1).compareTo(AMPLE.minus(took)) >= 0, "and no more than that");
    }

    /** The wait is limited by the HTTP client, and a wait longer than the timeout leaves the resend all of its time. */
    @Test
    void a_reported_wait_for_a_connection_is_not_part_of_the_timeout() throws Exception {
        TimeoutsGiven given = new TimeoutsGiven(http);
        given.waited = AMPLE;
        contentsquare.failNext(1, 401);

        sent(new ContentsquareClient(access(AMPLE, Duration.ofSeconds(7), null, null), given, clock, CALLER));

        Duration ofResend = given.timeouts.get(given.timeouts.size() - 1);
        assertTrue(ofResend.compareTo(AMPLE) > 0, () -> "" + given.timeouts);
    }

    /** A connect ends before the timeout of the call, in which the service could have answered. */
    @Test
    void a_connect_timeout_is_not_reported_as_a_late_response() {
        ContentsquareHttpClient unreachable = request ->
                CompletableFuture.failedFuture(new HttpConnectTimeoutException("connection timed out after 5000 ms"));

        ContentsquareTokenException fault =
                tokenException(new ContentsquareClient(access(AMPLE, AMPLE, null, null), unreachable, clock, CALLER));

        assertTrue(fault.getMessage().contains("could not be reached"), fault.getMessage());
        assertInstanceOf(HttpConnectTimeoutException.class, fault.getCause());
    }

    /** Notes how long each request may take. */
    private static final class TimeoutsGiven implements ContentsquareHttpClient {

        private final List<Duration> timeouts = new CopyOnWriteArrayList<>();
        private final ContentsquareHttpClient client;
        private Duration waited = Duration.ZERO;

        TimeoutsGiven(ContentsquareHttpClient client) {
            this.client = client;
        }

        @Override
        public CompletableFuture<Response> send(Request request) {
            timeouts.add(request.timeout());
            return client.send(request)
                    .thenApply(response -> new Response(
                            response.status(), response.body(), response.cut(), response.retryAfter(), waited));
        }
    }

    @Test
    void a_broken_connection_is_not_retried_by_the_client() throws Exception {
        ContentsquareClient client = client(AMPLE, AMPLE);
        sent(client);
        contentsquare.resetNext(1);

        ContentsquareException fault = refusal(client);

        assertTrue(fault.isRetryable());
        assertEquals(2, contentsquare.batches().size());
    }

    @Test
    void a_closed_http_client_completes_calls_exceptionally() throws Exception {
        contentsquare.hangNext(1);
        CompletableFuture<ContentsquareAnswer> answer =
                client(AMPLE, AMPLE).send(call(4, 1)).toCompletableFuture();
        await().until(() -> contentsquare.batches().size() == 1);

        http.close();

        assertInstanceOf(
                ContentsquareException.class,
                assertThrows(ExecutionException.class, answer::get).getCause());
    }

    @Test
    void a_shut_down_executor_loses_no_response() throws Exception {
        ContentsquareClient client = new ContentsquareClient(access(AMPLE, AMPLE, null, null), http, clock, task -> {
            throw new RejectedExecutionException("shut down");
        });

        sent(client);
    }

    @Test
    void no_text_holds_the_secret_or_the_token() throws Exception {
        ContentsquareAccess access = access(AMPLE, AMPLE, null, null);
        contentsquare.failNext(1, 403);

        String texts = access + printed(refusal(client(access)));

        assertFalse(texts.contains(ContentsquareStandIn.CLIENT_SECRET), texts);
        assertFalse(texts.contains(contentsquare.newestToken()), texts);
    }

    @Test
    void an_access_names_all_its_faults_at_once() {
        IllegalArgumentException fault = assertThrows(
                IllegalArgumentException.class,
                () -> new ContentsquareAccess(
                        URI.create("http://api.contentsquare.com"),
                        "",
                        null,
                        null,
                        null,
                        ".com",
                        true,
                        null,
                        AMPLE,
                        null));

        for (String option :
                List.of("'clientId'", "'clientSecret'", "'requestTimeout'", "'endpointSuffix'", "'tokenUrl'")) {
            assertTrue(fault.getMessage().contains(option), fault.getMessage());
        }
    }

    // ---- helpers

    private ContentsquareClient client(Duration requestTimeout, Duration tokenTimeout) {
        return client(access(requestTimeout, tokenTimeout, null, null));
    }

    private ContentsquareClient client(ContentsquareAccess access) {
        return new ContentsquareClient(access, http, clock, CALLER);
    }

    private ContentsquareAccess access(Duration requestTimeout, Duration tokenTimeout, String scope, Long project) {
        return new ContentsquareAccess(
                contentsquare.tokenUrl(),
                ContentsquareStandIn.CLIENT_ID,
                ContentsquareStandIn.CLIENT_SECRET,
                scope,
                project,
                "127.0.0.1",
                true,
                requestTimeout,
                tokenTimeout,
                null);
    }

    private static EnrichmentBatch call(long session, int number) {
        ObjectNode fields = Json.MAPPER.createObjectNode().put("call_duration", 42_000);
        return new EnrichmentBatch(1, 1, List.of(new Enrichment("u", session, number, fields)));
    }

    private void awaitTokenRequests(int count) {
        await().until(() -> contentsquare.tokenRequests().size() == count);
    }

    private static void sent(ContentsquareClient client) throws Exception {
        assertEquals(
                200,
                client.send(call(4, 1))
                        .toCompletableFuture()
                        .get(60, TimeUnit.SECONDS)
                        .status());
    }

    private static ContentsquareException refusal(ContentsquareClient client) {
        return assertInstanceOf(ContentsquareException.class, fault(client, call(4, 1)));
    }

    private static ContentsquareTokenException tokenException(ContentsquareClient client) {
        return assertInstanceOf(ContentsquareTokenException.class, fault(client, call(4, 1)));
    }

    private static Throwable fault(ContentsquareClient client, EnrichmentBatch batch) {
        return assertThrows(
                        ExecutionException.class,
                        () -> client.send(batch).toCompletableFuture().get(60, TimeUnit.SECONDS))
                .getCause();
    }

    private static String printed(Throwable fault) {
        StringWriter text = new StringWriter();
        fault.printStackTrace(new PrintWriter(text));
        return text.toString();
    }
}
