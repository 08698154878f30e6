package io.engagementwebhooks.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.testkit.ContentsquareStandIn.Field;
import io.engagementwebhooks.testkit.ContentsquareStandIn.Key;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContentsquareStandInTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CREDENTIALS =
            "'client_id':'cs-client','client_secret':'cs-secret-of-the-stand-in','grant_type':'client_credentials'";
    private static final String GOOD = "'call_duration':1";

    private final HttpClient http = HttpClient.newHttpClient();

    @AutoClose
    private ContentsquareStandIn contentsquare;

    @BeforeEach
    void start() throws IOException {
        contentsquare = new ContentsquareStandIn();
    }

    @Test
    void right_credentials_get_a_token_and_where_to_use_it() throws Exception {
        JsonNode answer = json(ask("{" + CREDENTIALS + ",'scope':'enrichment','project_id':7}"), 200);

        assertEquals(contentsquare.newestToken(), answer.path("access_token").asText());
        assertEquals(contentsquare.endpoint(), answer.path("endpoint").asText());
        assertEquals(3600, answer.path("expires_in").asInt());
        assertEquals(7, answer.path("project_id").asInt());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'client_id':'cs-client','client_secret':'wrong','grant_type':'client_credentials'}|401|INVALID_CLIENT",
                "{'client_id':'other','client_secret':'cs-secret-of-the-stand-in','grant_type':'client_credentials'}|401|INVALID_CLIENT",
                "{'client_id':'cs-client','client_secret':'cs-secret-of-the-stand-in'}|400|UNSUPPORTED_GRANT_TYPE",
                "{" + CREDENTIALS + ",'audience':'x'}|400|UNKNOWN_FIELD",
                "{" + CREDENTIALS + ",'project_id':'7'}|400|INVALID_REQUEST",
                "grant_type=client_credentials|400|INVALID_JSON"
            })
    void a_token_request_with_a_fault_is_refused(String request, int status, String code) throws Exception {
        assertEquals(code, json(ask(request), status).path("errorCode").asText());
    }

    @Test
    void credentials_in_a_header_or_another_content_type_are_refused() throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(contentsquare.tokenUrl()).POST(body("{" + CREDENTIALS + "}"));

        json(send(request.copy().header("Content-Type", "application/x-www-form-urlencoded")), 415);
        json(
                send(request.copy().header("Content-Type", "application/json").header("Authorization", "Basic eDp5")),
                400);
    }

    @Test
    void a_batch_is_kept_by_its_key_and_the_same_number_overwrites() throws Exception {
        String token = token();
        json(enrich(token, record("'call_duration':1")), 200);
        json(enrich(token, record("'call_duration':2,'answered':true")), 200);

        assertEquals(
                JSON.readTree("{\"call_duration\":2,\"answered\":true}"),
                contentsquare.accepted().get(new Key(1, "u", 4, 1)));
        assertEquals(1, contentsquare.accepted().size());
        assertEquals(2, contentsquare.acceptedBatches());
    }

    @Test
    void a_token_is_required_and_ends_by_expiry_and_by_revocation() throws Exception {
        assertEquals(
                "UNAUTHORIZED",
                json(enrich(null, record(GOOD)), 401).path("errorCode").asText());
        String first = token();
        contentsquare.expireTokens();
        assertEquals(
                JSON.readTree(
                        "{\"success\":false,\"errorMessage\":\"Auth token is expired.\",\"errorCode\":\"JWT_EXPIRED\"}"),
                json(enrich(first, record(GOOD)), 401));
        String second = token();
        contentsquare.revokeTokens();
        assertEquals(
                "JWT_EXPIRED",
                json(enrich(second, record(GOOD)), 401).path("errorCode").asText());
        json(enrich(token(), record(GOOD)), 200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'call_duration':1,'unknown':1",
                "'answered':true",
                "'call_duration':'1'",
                "'call_duration':1.5",
                "'call_duration':2147483648",
                "'call_duration':-2147483649",
                "'call_duration':null",
                "'call_duration':1,'answered':'true'",
                "'call_duration':1,'call_center_name':5",
                "'call_duration':1,'call_center_name':'ÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄ'",
                "'call_duration':1,'call_score':'1.5'",
                "'call_duration':1,'call_started_at':'2026-11-24T12:00:00.000Z'",
                "'call_duration':1,'call_started_at':'2026-02-30T12:00:00Z'",
                "'call_duration':1,'call_started_at':'2026-11-24T12:00:00+01:00'"
            })
    void fields_outside_the_schema_are_refused(String fields) throws Exception {
        json(enrich(token(), record(fields)), 400);
        assertTrue(contentsquare.accepted().isEmpty());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'call_duration':2147483647",
                "'call_duration':-2147483648",
                "'call_duration':1,'call_score':1.5,'answered':false",
                "'call_duration':1,'call_score':2",
                "'call_duration':1,'call_center_name':''",
                "'call_duration':1,'call_center_name':'ÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄ'",
                "'call_duration':1,'call_started_at':'2024-02-29T12:00:00Z'"
            })
    void fields_of_the_schema_are_accepted(String fields) throws Exception {
        json(enrich(token(), record(fields)), 200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'userId':'u','sessionNumber':4,'enrichmentNumber':0,'enrichment':{'call_duration':1}}",
                "{'userId':'u','sessionNumber':4,'enrichmentNumber':4,'enrichment':{'call_duration':1}}",
                "{'userId':'u','sessionNumber':'4','enrichment':{'call_duration':1}}",
                "{'userId':'','sessionNumber':4,'enrichment':{'call_duration':1}}",
                "{'sessionNumber':4,'enrichment':{'call_duration':1}}",
                "{'userId':'u','sessionNumber':4}",
                "{'userId':'u','sessionNumber':4,'projectId':1,'enrichment':{'call_duration':1}}"
            })
    void one_bad_record_rejects_the_whole_batch(String bad) throws Exception {
        json(
                enrich(token(), "[{'userId':'good','sessionNumber':1,'enrichment':{'call_duration':1}}," + bad + "]"),
                400);
        assertTrue(contentsquare.accepted().isEmpty());
    }

    @Test
    void it_fails_as_often_as_it_is_asked_to() throws Exception {
        String token = token();
        contentsquare.failNext(2, 503);

        json(enrich(token, record(GOOD)), 503);
        json(enrich(token, record(GOOD)), 503);
        json(enrich(token, record(GOOD)), 200);
    }

    @Test
    void a_token_of_one_project_is_not_valid_for_another() throws Exception {
        contentsquare.onlyProject(2);

        assertEquals(
                "FORBIDDEN_PROJECT",
                json(enrich(token(), record(GOOD)), 403).path("errorCode").asText());
    }

    @Test
    void another_path_takes_any_body_but_no_request_without_a_token() throws Exception {
        URI other = URI.create(contentsquare.endpoint() + "/v1/calls");

        json(send(HttpRequest.newBuilder(other).POST(body("x"))), 401);
        json(
                send(HttpRequest.newBuilder(other)
                        .header("Authorization", "Bearer " + token())
                        .POST(body("x"))),
                200);

        assertEquals("x", contentsquare.ownRequests().get(0).body());
    }

    @Test
    void failures_at_random_take_all_forms_the_worst_too() throws Exception {
        String token = token();
        double[] draws = {0.05, 0.12, 0.17, 0.9};
        AtomicInteger draw = new AtomicInteger();
        contentsquare.failAtRandom(0.2, () -> draws[draw.getAndIncrement()]);

        json(enrich(token, record(GOOD)), 503);
        assertThrows(IOException.class, () -> enrich(token, record(GOOD)));
        assertEquals(0, contentsquare.accepted().size());
        assertThrows(IOException.class, () -> enrich(token, record(GOOD)));
        assertEquals(1, contentsquare.accepted().size(), "it was taken, and no one was notified");
        json(enrich(token, record(GOOD)), 200);
        assertEquals(List.of(2), List.copyOf(contentsquare.writes().values()));
    }

    @Test
    void a_schema_has_its_own_limits() {
        Field tooLong = new Field("x".repeat(31), Field.Type.BOOL, true);
        assertThrows(
                IllegalArgumentException.class, () -> new ContentsquareStandIn(0, "i", "s", List.of(tooLong)).close());
        List<Field> eleven = java.util.stream.IntStream.range(0, 11)
                .mapToObj(n -> new Field("f" + n, Field.Type.INT, true))
                .toList();
        assertThrows(IllegalArgumentException.class, () -> new ContentsquareStandIn(0, "i", "s", eleven).close());
    }

    @Test
    void it_listens_on_the_port_it_is_given() throws Exception {
        int port = contentsquare.port();
        contentsquare.close();

        try (ContentsquareStandIn again = new ContentsquareStandIn(port, "i", "s", Collections.emptyList())) {
            assertEquals(URI.create("http://127.0.0.1:" + port + "/v1/oauth/token"), again.tokenUrl());
        }
    }

    private String token() throws Exception {
        return json(ask("{" + CREDENTIALS + "}"), 200).path("access_token").asText();
    }

    private static String record(String fields) {
        return "[{'userId':'u','sessionNumber':4,'enrichment':{" + fields + "}}]";
    }

    private HttpResponse<String> ask(String json) throws Exception {
        return send(HttpRequest.newBuilder(contentsquare.tokenUrl())
                .header("Content-Type", "application/json")
                .POST(body(json)));
    }

    private HttpResponse<String> enrich(String token, String records) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(contentsquare.endpoint() + "/v1/enrichments"))
                .header("Content-Type", "application/json")
                .POST(body("{'projectId':1,'integrationVersion':1,'enrichments':" + records + "}"));
        return send(token == null ? request : request.header("Authorization", "Bearer " + token));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), BodyHandlers.ofString());
    }

    private static HttpRequest.BodyPublisher body(String json) {
        return BodyPublishers.ofString(json.replace('\'', '"'));
    }

    private static JsonNode json(HttpResponse<String> answer, int status) throws Exception {
        assertEquals(status, answer.statusCode(), answer.body());
        return JSON.readTree(answer.body());
    }
}
