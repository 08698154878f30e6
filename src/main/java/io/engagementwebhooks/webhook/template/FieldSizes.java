package io.engagementwebhooks.webhook.template;

import com.fasterxml.jackson.databind.JsonNode;

/** Limits the total size of a third party's fields in one request to that of a body. Not thread-safe. */
public final class FieldSizes {

    private static final String BREACH = BoundedText.breach("the size of all fields", BoundedText.BODY);

    private final BoundedText written = new BoundedText(BREACH, BoundedText.BODY);

    /** @return the value @throws BodyFault if the total exceeds the limit */
    public JsonNode add(JsonNode value) {
        JsonText.append(written, value);
        return value;
    }
}
