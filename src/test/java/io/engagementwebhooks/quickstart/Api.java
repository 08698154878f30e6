package io.engagementwebhooks.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** The product as its users reach it: over HTTP. */
final class Api {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newHttpClient();
    private final String base;
    private final String ingestKey;
    private final String adminKey;

    Api(int port, String ingestKey, String adminKey) {
        this.base = "http://127.0.0.1:" + port;
        this.ingestKey = ingestKey;
        this.adminKey = adminKey;
    }

    boolean answers() throws InterruptedException {
        try {
            return call("GET", "/v1/webhooks", adminKey, null).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /** @return how many deliveries the event has */
    int send(String event) throws IOException, InterruptedException {
        HttpResponse<String> answer = call("POST", "/v1/events", ingestKey, event);
        if (answer.statusCode() / 100 != 2) {
            throw new IOException("an event was answered " + answer.statusCode() + ": " + answer.body());
        }
        return JSON.readTree(answer.body()).get("deliveries").intValue();
    }

    JsonNode get(String path) throws IOException, InterruptedException {
        HttpResponse<String> answer = call("GET", path, adminKey, null);
        if (answer.statusCode() != 200) {
            throw new IOException(path + " was answered " + answer.statusCode() + ": " + answer.body());
        }
        return JSON.readTree(answer.body());
    }

    private HttpResponse<String> call(String method, String path, String key, String body)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + path))
                .timeout(Duration.ofSeconds(10))
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/cloudevents+json")
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }
}
