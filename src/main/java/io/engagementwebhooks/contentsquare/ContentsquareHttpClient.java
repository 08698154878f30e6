package io.engagementwebhooks.contentsquare;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Sends the component's requests. Implementations are thread-safe. */
@FunctionalInterface
public interface ContentsquareHttpClient {

    /** The most bytes read of a body. */
    int MOST_BYTES = 64 * 1024;

    /**
     * Sends one request once, without redirects, and without blocking.
     *
     * @return the response, whatever its status. It fails with a {@link java.util.concurrent.TimeoutException} if the last
     *     byte did not arrive in time, or with the reason why there is no complete response. Do not block the completing
     *     thread
     */
    CompletableFuture<Response> send(Request request);

    /**
     * A request.
     *
     * @param headers with the token's
     * @param timeout up to the last byte of the response
     * @param owner see {@link ContentsquareAccess#owner}; may be null
     * @param attributes of the exchange; token requests have {@link CallAttributes#NONE}
     */
    record Request(
            String method,
            URI url,
            Map<String, String> headers,
            byte[] body,
            Duration timeout,
            String owner,
            CallAttributes attributes) {

        /** Without token and path, which may hold a key. */
        @Override
        public String toString() {
            return method + " to " + url.getHost();
        }
    }

    /**
     * A response.
     *
     * @param body at most {@value #MOST_BYTES} bytes, decoded
     * @param cut whether the body was longer
     * @param retryAfter the header, or null
     * @param waited how long the request waited for a connection because of the client's own limits, which is not part of
     *     the timeout
     */
    record Response(int status, byte[] body, boolean cut, String retryAfter, Duration waited) {}
}
