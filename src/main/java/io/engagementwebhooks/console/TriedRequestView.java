package io.engagementwebhooks.console;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Map;

/** The request of a preview or a test as the API shows it, without what is secret. */
public sealed interface TriedRequestView {

    /** A request over HTTP. @param bodyCut whether the body is only its start */
    record Http(String method, String url, Map<String, String> headers, String body, boolean bodyCut)
            implements TriedRequestView {}

    /** What a third party would be given, as far as it is known before that one is asked. */
    record Planned(@JsonValue Map<String, Object> members) implements TriedRequestView {}
}
