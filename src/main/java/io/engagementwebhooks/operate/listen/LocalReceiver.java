package io.engagementwebhooks.operate.listen;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.operate.Version;
import io.engagementwebhooks.webhook.Durations;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.util.concurrent.TimeUnit;

/** Sends requests to the local address, without a proxy. Thread-safe. */
final class LocalReceiver {

    private static final int KEPT_BYTES = 16 * 1024;

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(HttpClient.Builder.NO_PROXY)
            .build();
    private final URI to;

    LocalReceiver(URI to) {
        this.to = to;
    }

    /** The response to a request, or why there is none, as the API records it. */
    ObjectNode send(JsonNode request) throws IOException, InterruptedException {
        HttpRequest.Builder local = HttpRequest.newBuilder(to)
                .header("User-Agent", "engagement-webhooks/" + Version.TEXT)
                .timeout(Durations.parse(request.get("timeout").asText()))
                .method(
                        request.get("method").asText(),
                        HttpRequest.BodyPublishers.ofByteArray(
                                request.get("body").binaryValue()));
        request.get("headers")
                .properties()
                .forEach(header ->
                        local.header(header.getKey(), header.getValue().asText()));
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        long start = System.nanoTime();
        try {
            HttpResponse<InputStream> response = client.send(local.build(), HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                ObjectNode headers = result.put("status", response.statusCode())
                        .put("body", body.readNBytes(KEPT_BYTES))
                        .putObject("headers");
                response.headers().map().forEach((name, values) -> headers.put(name, String.join(", ", values)));
            }
        } catch (HttpTimeoutException e) {
            result.removeAll()
                    .put("error", "no response within " + request.get("timeout").asText());
        } catch (ConnectException e) {
            result.removeAll().put("error", "nothing listens at " + to.getAuthority());
        } catch (IOException e) {
            result.removeAll().put("error", "the connection ended: " + e.getMessage());
        }
        return result.put("ms", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    }
}
