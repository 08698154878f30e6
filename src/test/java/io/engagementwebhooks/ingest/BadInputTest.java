package io.engagementwebhooks.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.OneWebhook;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** Bad input on the running server: each gets a 4xx with problem JSON that names the fault, and nothing is stored. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadInputTest {

    private static final String KEY = "an-admin-key-of-acme";
    private static final String STRUCTURED = "application/cloudevents+json";
    private static final String BATCH = "application/cloudevents-batch+json";
    private static final String PLAIN = "application/json";
    private static final String GOOD =
            "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"call.ended\"}";
    private static final int LIMIT = 256 * 1024;

    @AutoClose
    private final Receiver receiver = new Receiver(got -> new Receiver.Reply(204));

    @AutoClose
    private final RunningProduct product = RunningProduct.shared(OneWebhook.all(KEY, receiver.url()));

    /**
     * A bad request.
     *
     * @param name what is bad about it
     * @param status what it gets
     * @param code the problem's
     */
    private record Case(String name, int status, String code, String type, byte[] body, List<String> headers) {
        Case(String name, int status, String code, String type, String body) {
            this(name, status, code, type, body.getBytes(StandardCharsets.UTF_8), List.of());
        }

        static Case binary(String name, int status, String code, String type, String body, String... headers) {
            return new Case(name, status, code, type, body.getBytes(StandardCharsets.UTF_8), List.of(headers));
        }
    }

    private static Case plain(String name, String code, String body) {
        return new Case(name, 400, code, PLAIN, body);
    }

    private static String with(String member) {
        return GOOD.substring(0, GOOD.length() - 1) + "," + member + "}";
    }

    private static String deep(int levels) {
        return with("\"data\":" + "[".repeat(levels) + "]".repeat(levels));
    }

    private static Case encoded(String name, Charset charset) {
        return new Case(name, 400, "not-utf8", PLAIN, GOOD.getBytes(charset), List.of());
    }

    private static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (String type : List.of(PLAIN, STRUCTURED)) {
            cases.add(new Case("empty " + type, 400, "not-json", type, ""));
            cases.add(new Case("no JSON " + type, 400, "not-json", type, "hello"));
            cases.add(new Case("cut " + type, 400, "not-json", type, GOOD.substring(0, 30)));
            cases.add(new Case("two " + type, 400, "not-json", type, GOOD + GOOD));
            cases.add(new Case("an array " + type, 400, "not-an-object", type, "[" + GOOD + "]"));
            cases.add(new Case("a string " + type, 400, "not-an-object", type, "\"x\""));
            cases.add(new Case("null " + type, 400, "not-an-object", type, "null"));
            cases.add(new Case("a thousand deep " + type, 400, "too-deep", type, deep(1000)));
            cases.add(new Case("a hundred thousand deep " + type, 400, "too-deep", type, deep(100_000)));
            cases.add(new Case(
                    "over the limit " + type, 413, "too-large", type, with("\"data\":\"" + "x".repeat(LIMIT) + "\"")));
            cases.add(new Case("far over the limit " + type, 413, "too-large", type, "x".repeat(20 * LIMIT)));
        }
        cases.add(plain("no id", "missing-attribute", GOOD.replace("\"id\":\"1\",", "")));
        cases.add(plain("empty id", "missing-attribute", GOOD.replace("\"id\":\"1\"", "\"id\":\"\"")));
        cases.add(plain("no source", "missing-attribute", GOOD.replace("\"source\":\"/s\",", "")));
        cases.add(plain("no type", "missing-attribute", GOOD.replace(",\"type\":\"call.ended\"", "")));
        cases.add(plain("null id", "missing-attribute", GOOD.replace("\"id\":\"1\"", "\"id\":null")));
        cases.add(plain("a number as id", "bad-attribute", GOOD.replace("\"id\":\"1\"", "\"id\":1")));
        cases.add(plain("an object as source", "bad-attribute", GOOD.replace("\"/s\"", "{}")));
        cases.add(plain("a long id", "bad-attribute", GOOD.replace("\"1\"", "\"" + "1".repeat(1025) + "\"")));
        cases.add(plain("a control character", "bad-attribute", GOOD.replace("\"1\"", "\"1\\u0000\"")));
        cases.add(plain("half a surrogate", "bad-attribute", GOOD.replace("\"1\"", "\"\\ud800\"")));
        cases.add(plain("a raw control character", "not-json", GOOD.replace("\"1\"", "\"1\n2\"")));
        cases.add(plain("a wrong time", "bad-attribute", with("\"time\":\"yesterday\"")));
        cases.add(plain("a time without offset", "bad-attribute", with("\"time\":\"2026-11-24T09:31:07\"")));
        cases.add(plain("a time on no day", "bad-attribute", with("\"time\":\"2026-02-30T09:31:07Z\"")));
        cases.add(plain("a time as a number", "bad-attribute", with("\"time\":1764000000")));
        cases.add(plain("the same key twice", "duplicate-key", with("\"id\":\"2\"")));
        cases.add(plain("the same key twice in data", "duplicate-key", with("\"data\":{\"a\":1,\"a\":2}")));
        cases.add(plain("the same key, once escaped", "duplicate-key", with("\"i\\u0064\":\"2\"")));
        cases.add(plain("data twice", "bad-data", with("\"data\":1,\"data_base64\":\"eA==\"")));
        cases.add(plain("no Base64", "bad-data", with("\"data_base64\":\"***\"")));
        cases.add(plain("NaN", "not-json", with("\"data\":NaN")));
        cases.add(plain("a comment", "not-json", "/* x */" + GOOD));
        cases.add(plain("single quotes", "not-json", GOOD.replace('"', '\'')));
        cases.add(plain("another specversion", "bad-specversion", GOOD.replace("1.0", "0.3")));
        cases.add(new Case(
                "no specversion", 400, "bad-specversion", STRUCTURED, GOOD.replace("\"specversion\":\"1.0\",", "")));
        cases.add(new Case("another account", 403, "account-mismatch", PLAIN, with("\"account\":\"other\"")));
        cases.add(new Case("text", 415, "unsupported-media-type", "text/plain", GOOD));
        cases.add(new Case("xml", 415, "unsupported-media-type", "application/cloudevents+xml", "<event/>"));
        cases.add(new Case("another charset", 415, "unsupported-media-type", PLAIN + "; charset=utf-16", GOOD));
        cases.add(new Case("a form", 415, "unsupported-media-type", "application/x-www-form-urlencoded", "id=1"));
        cases.add(
                new Case("a broken form", 415, "unsupported-media-type", "application/x-www-form-urlencoded", "a=%zz"));
        cases.add(new Case(
                "a multipart form", 415, "unsupported-media-type", "multipart/form-data; boundary=b", "--b--"));
        cases.add(encoded("UTF-16", StandardCharsets.UTF_16));
        cases.add(encoded("UTF-16 without mark", StandardCharsets.UTF_16LE));
        cases.add(new Case(
                "invalid UTF-8",
                400,
                "not-utf8",
                PLAIN,
                with("\"data\":\"ä\"").getBytes(StandardCharsets.ISO_8859_1),
                List.of()));
        cases.add(new Case("no batch", 400, "not-an-array", BATCH, GOOD));
        cases.add(new Case("a bad item", 400, "missing-attribute", BATCH, "[" + GOOD + ",{\"specversion\":\"1.0\"}]"));
        cases.add(new Case("an item that is no object", 400, "not-an-object", BATCH, "[" + GOOD + ",7]"));
        cases.add(new Case("a cut batch", 400, "not-json", BATCH, "[" + GOOD + ","));
        cases.addAll(binaryCases());
        return cases;
    }

    private static final String[] BINARY = {
        "ce-specversion", "1.0", "ce-id", "1", "ce-source", "/s", "ce-type", "call.ended"
    };

    private static String[] binary(String name, String value) {
        List<String> headers = new ArrayList<>(List.of(BINARY));
        headers.addAll(List.of(name, value));
        return headers.toArray(String[]::new);
    }

    private static List<Case> binaryCases() {
        return List.of(
                Case.binary(
                        "binary without id",
                        400,
                        "missing-attribute",
                        PLAIN,
                        "{}",
                        "ce-specversion",
                        "1.0",
                        "ce-source",
                        "/s"),
                Case.binary("binary without specversion", 400, "bad-specversion", PLAIN, "{}", "ce-id", "1"),
                Case.binary("a header twice", 400, "repeated-header", PLAIN, "{}", binary("ce-id", "2")),
                Case.binary("a bad percent code", 400, "bad-attribute", PLAIN, "{}", binary("ce-subject", "%zz")),
                Case.binary(
                        "percent codes that are no UTF-8",
                        400,
                        "bad-attribute",
                        PLAIN,
                        "{}",
                        binary("ce-subject", "%ff")),
                Case.binary(
                        "a coded control character",
                        400,
                        "bad-attribute",
                        PLAIN,
                        "{}",
                        binary("ce-subject", "a%0d%0ab")),
                Case.binary("a bad attribute name", 400, "bad-attribute", PLAIN, "{}", binary("ce-a_b", "x")),
                Case.binary("data as a header", 400, "bad-attribute", PLAIN, "{}", binary("ce-data", "x")),
                Case.binary(
                        "another account in a header",
                        403,
                        "account-mismatch",
                        PLAIN,
                        "{}",
                        binary("ce-account", "other")),
                Case.binary(
                        "a compressed body", 415, "unsupported-media-type", PLAIN, GOOD, "Content-Encoding", "gzip"),
                Case.binary("data that is not JSON", 400, "not-json", PLAIN, "{", BINARY),
                Case.binary("data that closes the document", 400, "not-json", PLAIN, "1},\"id\":\"9\",\"x\":{", BINARY),
                Case.binary("data a thousand deep", 400, "too-deep", PLAIN, "[".repeat(1000), BINARY),
                Case.binary(
                        "a form in binary mode",
                        415,
                        "unsupported-media-type",
                        "application/x-www-form-urlencoded",
                        "a=b",
                        BINARY),
                Case.binary(
                        "a multipart form in binary mode",
                        415,
                        "unsupported-media-type",
                        "multipart/form-data; boundary=b",
                        "--b--",
                        BINARY));
    }

    private HttpResponse<String> send(Case bad, String key) {
        HttpRequest.Builder request = product.request("/v1/events", key).header("Content-Type", bad.type());
        for (int i = 0; i < bad.headers().size(); i += 2) {
            request.header(bad.headers().get(i), bad.headers().get(i + 1));
        }
        return product.send(
                request.POST(HttpRequest.BodyPublishers.ofByteArray(bad.body())).build());
    }

    private static JsonNode assertProblem(int status, String code, HttpResponse<String> answer) {
        assertEquals(status, answer.statusCode(), answer.body());
        assertEquals(
                "application/problem+json",
                answer.headers().firstValue("Content-Type").orElse(""));
        JsonNode problem = RunningProduct.json(answer);
        assertEquals(
                "urn:engagement-webhooks:problem:" + code, problem.get("type").asText(), answer.body());
        assertEquals(status, problem.get("status").asInt());
        assertFalse(problem.get("detail").asText().isEmpty());
        assertFalse(answer.body().contains("Exception"), answer.body());
        assertFalse(answer.body().contains("\\n\\tat "), answer.body());
        assertTrue(
                answer.body().length() < 2000,
                "it repeats the request: " + answer.body().length());
        return problem;
    }

    @TestFactory
    List<DynamicTest> bad_input_is_refused_and_nothing_is_stored() {
        return cases().stream()
                .map(bad -> DynamicTest.dynamicTest(bad.name(), () -> {
                    JsonNode problem = assertProblem(bad.status(), bad.code(), send(bad, KEY));
                    if (bad.type().equals(BATCH) && bad.name().contains("item")) {
                        assertEquals(1, problem.get("index").asInt());
                    }
                    assertEquals(
                            0, product.read("/v1/deliveries", KEY).get("items").size());
                }))
                .toList();
    }

    @TestFactory
    List<DynamicTest> without_a_key_it_is_not_even_read() {
        return List.of(
                        "",
                        "Basic eDp5",
                        "Bearer",
                        "Bearer ",
                        "bearer  x",
                        "Bearer a-key-of-no-account",
                        "Token " + product.key(KEY))
                .stream()
                .map(authorization -> DynamicTest.dynamicTest("'" + authorization + "'", () -> {
                    HttpRequest.Builder request = product.request("/v1/events", null)
                            .header("Content-Type", PLAIN)
                            .POST(HttpRequest.BodyPublishers.ofString("{"));
                    if (!authorization.isEmpty()) {
                        request.header("Authorization", authorization);
                    }
                    HttpResponse<String> answer = product.send(request.build());
                    assertProblem(401, "unauthorized", answer);
                    assertEquals(
                            "Bearer",
                            answer.headers().firstValue("WWW-Authenticate").orElse(""));
                }))
                .toList();
    }
}
