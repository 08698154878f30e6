package io.engagementwebhooks.api.delivery;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;

/**
 * A sent request in the API, without secrets.
 *
 * @param url without the values of its query
 * @param bytes size of its body
 * @param bodyFrom kept, rebuilt or unknown
 * @param bodyCut whether the body is truncated
 * @param body null: unknown, or not text
 * @param bodyBase64 instead of {@code body} if that is not text, else null
 */
public record SentRequestView(
        String method,
        String url,
        Map<String, String> headers,
        long bytes,
        String bodyFrom,
        boolean bodyCut,
        @JsonInclude(JsonInclude.Include.NON_NULL) String body,
        @JsonInclude(JsonInclude.Include.NON_NULL) String bodyBase64) {}
