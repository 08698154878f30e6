package io.engagementwebhooks.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** API calls of a customer's administrator. */
final class Staff {

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

    private void post(String path, String body, int expected) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Authorization", "Bearer " + BenchConfig.STAFF_KEY)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> answer = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != expected) {
            throw new IllegalStateException(path + " answered " + answer.statusCode() + ": " + answer.body());
        }
    }
}
