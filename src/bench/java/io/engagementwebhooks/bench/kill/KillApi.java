package io.engagementwebhooks.bench.kill;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The API of the product that is killed. Unexpected responses give empty results, never errors. Thread-safe. */
final class KillApi {

    static final String KEY = "kill-test-admin-key-0123456789";

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();
    private final String root;

    KillApi(int port) {
        this.root = "http://127.0.0.1:" + port;
    }

    /** @return whether it was acknowledged */
    boolean sendEvent(String id, String type) {
        String event = "{\"specversion\":\"1.0\",\"id\":\"" + id + "\",\"source\":\"/calls\",\"type\":\"" + type
                + "\",\"data\":{\"cdr_id\":\"" + id + "\"}}";
        return post("/v1/events", "application/cloudevents+json", event).isPresent();
    }

    /** @return the body of a 202 */
    Optional<JsonNode> post(String path, String body) {
        return post(path, "application/json", body);
    }

    private Optional<JsonNode> post(String path, String contentType, String body) {
        return ask(
                request(path, PATIENCE)
                        .header("Content-Type", contentType)
                        .POST(HttpRequest.BodyPublishers.ofString(body)),
                202);
    }

    Optional<JsonNode> get(String path) {
        return get(path, PATIENCE);
    }

    Optional<JsonNode> get(String path, Duration patience) {
        return ask(request(path, patience), 200);
    }

    /** All deliveries accepted since a time; empty: not all could be read. */
    Optional<List<JsonNode>> deliveries(Instant since) {
        List<JsonNode> all = new ArrayList<>();
        String cursor = "";
        do {
            Optional<JsonNode> page = get("/v1/deliveries?limit=200&from=" + since + cursor);
            if (page.isEmpty()) {
                return Optional.empty();
            }
            page.get().path("items").forEach(all::add);
            String next = page.get().path("next").textValue();
            cursor = next == null ? "" : "&cursor=" + next;
        } while (!cursor.isEmpty());
        return Optional.of(all);
    }

    private HttpRequest.Builder request(String path, Duration patience) {
        return HttpRequest.newBuilder(URI.create(root + path))
                .timeout(patience)
                .header("Authorization", "Bearer " + KEY);
    }

    private Optional<JsonNode> ask(HttpRequest.Builder request, int expected) {
        try {
            HttpResponse<String> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() == expected ? Optional.of(JSON.readTree(answer.body())) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // killed before the response
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
