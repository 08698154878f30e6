package io.engagementwebhooks.api.webhook;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Map;

/** The request of a preview or a test in the API, without secrets. */
public sealed interface TriedRequestView {

    /** A request over HTTP. @param bodyCut whether the body is truncated */
    record Http(String method, String url, Map<String, String> headers, String body, boolean bodyCut)
            implements TriedRequestView {}

    /** The data for a third party, as far as it is known before the request. */
    record Planned(@JsonValue Map<String, Object> members) implements TriedRequestView {}
}
