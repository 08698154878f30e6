package io.engagementwebhooks.contentsquare;

import io.engagementwebhooks.contentsquare.ContentsquareHttpClient.Request;
import io.engagementwebhooks.contentsquare.ContentsquareHttpClient.Response;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * Adds the headers of a call, and measures the rest of its timeout. Thread-safe.
 *
 * @param owner see {@link ContentsquareAccess#owner}; may be null
 */
record JsonWire(ContentsquareHttpClient http, String owner) {

    private static final String JSON = "application/json";
    private static final Duration LEAST = Duration.ofMillis(1);

    /**
     * A request without its token.
     *
     * @param headers further headers; those of the token and of HTTP override them
     */
    record Outgoing(String method, URI url, String contentType, Map<String, String> headers, byte[] body) {

        static Outgoing json(URI url, Map<String, String> headers, byte[] json) {
            return new Outgoing("POST", url, JSON, headers, json);
        }
    }

    /**
     * @param bearer token for the {@code Authorization} header, null for none
     * @param within the time up to the last byte of the response
     * @return fails as {@link ContentsquareHttpClient#send}; do not block the completing thread
     */
    CompletableFuture<Received> send(Outgoing outgoing, String bearer, Duration within, CallAttributes attributes) {
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.putAll(outgoing.headers());
        headers.put("Content-Type", outgoing.contentType());
        headers.put("Accept", JSON);
        headers.remove("Authorization");
        if (bearer != null) {
            headers.put("Authorization", "Bearer " + bearer);
        }
        long since = System.nanoTime();
        try {
            return http.send(new Request(
                            outgoing.method(), outgoing.url(), headers, outgoing.body(), within, owner, attributes))
                    .thenApply(response -> received(response, within.minusNanos(System.nanoTime() - since)));
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static Received received(Response response, Duration rest) {
        Duration left = rest.plus(response.waited());
        return new Received(
                response.status(),
                new String(response.body(), StandardCharsets.UTF_8),
                response.cut(),
                response.retryAfter(),
                left.compareTo(LEAST) < 0 ? LEAST : left);
    }
}
