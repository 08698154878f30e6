package io.engagementwebhooks.webhook.schema;

/**
 * What of an event's data does not fit its schema. It holds no value, and no name of a member that the schema does not give:
 * such a name can be data, too.
 *
 * @param pointer the place in the data, as a JSON Pointer
 * @param keyword the keyword of JSON Schema that is not met, such as {@code required}; {@code bound} where the check takes too long
 * @param rule what the data must be
 */
public record DataFault(String pointer, String keyword, String rule) {

    /** The longest pointer in a line. */
    private static final int MOST_SHOWN = 200;

    /** In one line, for a person. */
    @Override
    public String toString() {
        String place = pointer.length() <= MOST_SHOWN ? pointer : pointer.substring(0, MOST_SHOWN) + "…";
        return "data" + place + " " + rule + " (" + keyword + ")";
    }
}
