package io.engagementwebhooks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The API for the holder of one key. In a body {@code `} stands for {@code "}. */
record ApiClient(RunningProduct product, String key) {

    HttpResponse<String> get(String path) {
        return product.get(path, key);
    }

    JsonNode read(String path) {
        return product.read(path, key);
    }

    HttpResponse<String> post(String path, String body) {
        return product.post(path, key, "application/json", body.replace('`', '"'));
    }

    /** Posts, and asserts the status. */
    JsonNode posted(int status, String path, String body) {
        HttpResponse<String> answer = post(path, body);
        assertEquals(status, answer.statusCode(), answer.body());
        return RunningProduct.json(answer);
    }

    /** @param etag value of {@code If-Match}, or null: none */
    HttpResponse<String> send(String method, String path, String etag, String body) {
        HttpRequest.Builder request = product.request(path, key).header("Content-Type", "application/json");
        if (etag != null) {
            request.header("If-Match", etag);
        }
        return product.send(request.method(method, HttpRequest.BodyPublishers.ofString(body.replace('`', '"')))
                .build());
    }

    /** Sends with the current version. */
    HttpResponse<String> change(String method, String path, String body) {
        return send(method, path, etagOf(path), body);
    }

    /** @param kind such as {@code webhooks} */
    HttpResponse<String> create(String kind, String body) {
        return post("/v1/" + kind, body);
    }

    HttpResponse<String> created(String kind, String body) {
        HttpResponse<String> answer = create(kind, body);
        assertEquals(201, answer.statusCode(), answer.body());
        return answer;
    }

    void delete(String path) {
        HttpResponse<String> answer = change("DELETE", path, "");
        assertEquals(204, answer.statusCode(), answer.body());
    }

    /** Runs an action such as {@code pause}. @return the webhook after it */
    JsonNode did(String webhook, String what) {
        return posted(200, "/v1/webhooks/" + webhook + "/" + what, "");
    }

    JsonNode webhook(String name) {
        return read("/v1/webhooks/" + name);
    }

    JsonNode delivery(String id) {
        return read("/v1/deliveries/" + id);
    }

    /** Sends an event of {@link TwoAccounts#event}, which must be accepted. */
    void event(String id) {
        HttpResponse<String> answer = product.postEvent(key, TwoAccounts.event(id));
        assertEquals(202, answer.statusCode(), answer.body());
    }

    /** Sends events in one request; their ids are the prefix and a number. */
    void events(String prefix, int first, int count) {
        String batch = IntStream.range(first, first + count)
                .mapToObj(i -> TwoAccounts.event(prefix + i).replace("{\"id\"", "{\"specversion\":\"1.0\",\"id\""))
                .collect(Collectors.joining(",", "[", "]"));
        HttpResponse<String> answer = product.post("/v1/events", key, "application/cloudevents-batch+json", batch);
        assertEquals(202, answer.statusCode(), answer.body());
    }

    JsonNode awaitDeliveries(String event, int count, String... states) {
        return product.awaitDeliveries(key, event, count, states);
    }

    /** The only delivery of an event, once it has this state. */
    String idOf(String event, String state) {
        return awaitDeliveries(event, 1, state).get(0).get("id").asText();
    }

    String etagOf(String path) {
        return etag(get(path));
    }

    static String etag(HttpResponse<String> answer) {
        return answer.headers().firstValue("ETag").orElseThrow(() -> new AssertionError(answer.body()));
    }

    static void assertProblem(int status, String code, HttpResponse<String> answer) {
        assertEquals(status, answer.statusCode(), answer.body());
        assertEquals(
                "urn:engagement-webhooks:problem:" + code,
                RunningProduct.json(answer).get("type").asText(),
                answer.body());
        assertEquals(
                "application/problem+json",
                answer.headers().firstValue("Content-Type").orElse(""));
    }
}
