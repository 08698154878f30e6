package io.engagementwebhooks.webhook.schema;

/** A JSON Schema that is not taken: it has a fault, or goes beyond a bound. The message names the place and the rule. */
public final class SchemaRefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String wayOut;

    /** @param pointer the place in the schema, as a JSON Pointer */
    SchemaRefusedException(String pointer, String rule, String wayOut) {
        super((pointer.isEmpty() ? "" : "at " + pointer + " ") + rule);
        this.wayOut = wayOut;
    }

    public String wayOut() {
        return wayOut;
    }
}
