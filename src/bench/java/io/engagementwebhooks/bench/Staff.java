package io.engagementwebhooks.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** API calls of a customer's administrator. */
final class Staff {

    private static final JsonMapper JSON = new JsonMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final int port;

    private Staff(int port) {
        this.port = port;
    }

    static Staff at(int port) {
        return new Staff(port);
    }

    /** Resumes a webhook of the configuration file. */
    void resume(int webhook) throws IOException, InterruptedException {
        post("/v1/webhooks/" + BenchConfig.name(webhook) + "/resume", "", 200);
    }

    /** Makes a webhook that is notified of the events of one kind. */
    void create(String name, String type, String url) throws IOException, InterruptedException {
        String definition =
                "{\"name\":\"%s\",\"events\":[\"%s\"],\"delivery\":{\"url\":\"%s\",".formatted(name, type, url)
                        + "\"authentication\":{\"type\":\"header\",\"user\":\"bench\",\"password\":\"bench\"}}}";
        post("/v1/webhooks", definition, 201);
    }

    /** Erases the events in which a field has a value. @return the id of the erasure */
    String erase(String field, String value) throws IOException, InterruptedException {
        String which = "{\"field\":\"%s\",\"equals\":\"%s\"}".formatted(field, value);
        return JSON.readTree(post("/v1/erasures", which, 202)).get("id").asText();
    }

    JsonNode read(String path) throws IOException, InterruptedException {
        return JSON.readTree(send(path, request(path).GET(), 200));
    }

    private String post(String path, String body, int expected) throws IOException, InterruptedException {
        return send(path, request(path).POST(HttpRequest.BodyPublishers.ofString(body)), expected);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Authorization", "Bearer " + BenchConfig.STAFF_KEY)
                .header("Content-Type", "application/json");
    }

    private static String send(String path, HttpRequest.Builder request, int expected)
            throws IOException, InterruptedException {
        HttpResponse<String> answer = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != expected) {
            throw new IllegalStateException(path + " answered " + answer.statusCode() + ": " + answer.body());
        }
        return answer.body();
    }
}
