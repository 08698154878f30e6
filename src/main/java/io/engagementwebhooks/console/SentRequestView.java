package io.engagementwebhooks.console;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;

/**
 * How the request of an attempt looks in the API: without what is secret.
 *
 * @param url without the values of its query
 * @param bytes how long its body was
 * @param bodyFrom kept, rebuilt or unknown
 * @param bodyCut whether the body is only its start
 * @param body null: it is not known, or no text
 * @param bodyBase64 in place of {@code body} where that is no text, else null
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
