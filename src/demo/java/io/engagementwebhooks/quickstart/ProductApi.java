package io.engagementwebhooks.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The product as its users reach it: events in, deliveries back. For one thread. */
final class ProductApi {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String url;
    private final DemoSecrets secrets;
    private final Map<String, String> authentications = new HashMap<>();
    private final Map<String, Seen> seen = new HashMap<>();

    private record Seen(JsonNode item, JsonNode attempt) {}

    /**
     * An answer.
     *
     * @param status its status
     * @param body its body
     */
    record Answer(int status, JsonNode body) {}

    /** @param url such as {@code http://127.0.0.1:8080} */
    ProductApi(String url, DemoSecrets secrets) {
        this.url = url;
        this.secrets = secrets;
    }

    String url() {
        return url;
    }

    /** Whether it takes events by now. */
    boolean isReady() throws InterruptedException {
        try {
            return get("/v1/webhooks?limit=1").status() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    Answer send(SampleCall call) throws IOException, InterruptedException {
        return ask(request("/v1/events", secrets.ingestKey())
                .header("Content-Type", "application/cloudevents+json")
                .POST(HttpRequest.BodyPublishers.ofString(call.document()))
                .build());
    }

    /** The newest deliveries, the oldest of them first. */
    List<Row> deliveries() throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        for (JsonNode item : read("/v1/deliveries?limit=200").path("items")) {
            rows.add(row(item, lastAttempt(item)));
        }
        Collections.reverse(rows);
        return rows;
    }

    private Row row(JsonNode item, JsonNode attempt) throws IOException, InterruptedException {
        return new Row(
                item.path("id").asText(),
                item.path("eventType").asText(),
                item.path("webhook").asText(),
                authentication(item.path("webhook").asText()),
                item.path("state").asText(),
                text(item.path("outcome")),
                text(item.path("reason")),
                text(attempt.path("status")),
                item.path("attemptCount").asInt(),
                text(attempt.path("ms")));
    }

    /** Asked again only when something happened to the delivery. */
    private JsonNode lastAttempt(JsonNode item) throws IOException, InterruptedException {
        if (item.path("attemptCount").asInt() == 0) {
            return JSON.nullNode();
        }
        String id = item.path("id").asText();
        Seen known = seen.get(id);
        if (known == null || !known.item().equals(item)) {
            JsonNode all = read("/v1/deliveries/" + id).path("attempts");
            known = new Seen(item, all.path(all.size() - 1));
            seen.put(id, known);
        }
        return known.attempt();
    }

    private String authentication(String webhook) throws IOException, InterruptedException {
        if (!authentications.containsKey(webhook)) {
            for (JsonNode each : read("/v1/webhooks?limit=200").path("items")) {
                authentications.put(
                        each.path("name").asText(),
                        each.path("authentication").path("type").asText());
            }
        }
        return authentications.getOrDefault(webhook, "");
    }

    private JsonNode read(String path) throws IOException, InterruptedException {
        Answer answer = get(path);
        if (answer.status() != 200) {
            throw new IOException("GET " + path + " answered " + answer.status() + ": " + answer.body());
        }
        return answer.body();
    }

    private Answer get(String path) throws IOException, InterruptedException {
        return ask(request(path, secrets.adminKey()).build());
    }

    private Answer ask(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
        return new Answer(response.statusCode(), JSON.readTree(response.body()));
    }

    private HttpRequest.Builder request(String path, String key) {
        return HttpRequest.newBuilder(URI.create(url + path)).timeout(TIMEOUT).header("Authorization", "Bearer " + key);
    }

    private static String text(JsonNode value) {
        return value.isNull() || value.isMissingNode() ? "" : value.asText();
    }
}
