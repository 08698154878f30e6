package io.engagementwebhooks.webhook;

import com.fasterxml.jackson.databind.JsonNode;

/** Bounds the fields of one request to a third party: together they may be as large as a body. Not thread-safe. */
public final class FieldSizes {

    private static final String BREACH = BoundedText.breach("the size of all fields", BoundedText.BODY);

    private final BoundedText written = new BoundedText(BREACH, BoundedText.BODY);

    /** @return the value @throws BodyFault if those that were added exceed the limit */
    public JsonNode add(JsonNode value) {
        JsonText.append(written, value);
        return value;
    }
}
