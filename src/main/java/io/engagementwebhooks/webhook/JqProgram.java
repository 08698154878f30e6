package io.engagementwebhooks.webhook;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A customer's jq program, compiled once, limited in steps, output and time. Immutable and thread-safe.
 */
public final class JqProgram {

    private JqProgram() {}

    /** Compiles a program. @throws IllegalArgumentException with the fault, in words for the customer */
    public static JqProgram compile(String text) {
        throw new UnsupportedOperationException();
    }

    /** Whether the first answer is true. @throws BodyFault on an error or a broken limit */
    public boolean test(JsonNode event) {
        throw new UnsupportedOperationException();
    }

    /** The first answer, or a missing node. @throws BodyFault on an error or a broken limit */
    public JsonNode first(JsonNode event) {
        throw new UnsupportedOperationException();
    }
}
