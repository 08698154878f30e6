package io.engagementwebhooks.api.inbox;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;

/**
 * A test inbox.
 *
 * @param url the endpoint for a webhook
 * @param status of its responses
 * @param delay before a response, such as 2s
 * @param received number of requests it holds
 * @param requests newest first; null in a list
 */
public record InboxView(
        String id,
        String url,
        int status,
        String delay,
        int received,
        @JsonInclude(JsonInclude.Include.NON_NULL) List<Request> requests) {

    /**
     * A received request.
     *
     * @param target path and query
     * @param headers by name in lower case
     * @param body as UTF-8
     * @param signature the judgment of its signatures
     */
    public record Request(
            String receivedAt,
            String method,
            String target,
            Map<String, List<String>> headers,
            String body,
            Signature signature) {}

    /**
     * Whether the signatures are right.
     *
     * @param reason a sentence: the key, or what is wrong
     */
    public record Signature(boolean valid, String reason) {}
}
