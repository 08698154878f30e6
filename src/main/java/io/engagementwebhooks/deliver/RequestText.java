package io.engagementwebhooks.deliver;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.store.AttemptRow;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** The stored form of a request: its head, with size and hash of the body, and the body if it was not delivered. */
final class RequestText {

    private static final ObjectMapper JSON = new ObjectMapper();

    private RequestText() {}

    /** Method, URL, headers and the body's size and hash, as JSON. */
    static String head(OutgoingRequest request) {
        Map<String, Object> head = new LinkedHashMap<>();
        head.put("method", request.method());
        head.put("url", ShownRequest.url(request));
        head.put("headers", ShownRequest.headers(request));
        head.put("bytes", request.body().length);
        head.put("hash", AttemptRow.hash(request.body()));
        try {
            return JSON.writeValueAsString(head);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a map of texts and numbers is always JSON", e);
        }
    }

    /** The first {@link AttemptRow#MAX_BODY_BYTES} bytes of the body. */
    static byte[] body(OutgoingRequest request) {
        byte[] body = ShownRequest.body(request);
        return body.length <= AttemptRow.MAX_BODY_BYTES ? body : Arrays.copyOf(body, AttemptRow.MAX_BODY_BYTES);
    }
}
