package io.engagementwebhooks.deliver.request;

import java.util.Base64;

/** Serializes Structured Field Values (RFC 9651, section 4.1), as far as our headers need them. Stateless. */
final class StructuredField {

    private StructuredField() {}

    /**
     * A string.
     *
     * @throws IllegalArgumentException if it contains other than printable ASCII
     */
    static String string(String value) {
        StringBuilder text = new StringBuilder(value.length() + 2).append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < ' ' || c > '~') {
                throw new IllegalArgumentException(
                        "a string of a structured field is ASCII without control characters");
            }
            if (c == '"' || c == '\\') {
                text.append('\\');
            }
            text.append(c);
        }
        return text.append('"').toString();
    }

    /** A byte sequence. */
    static String bytes(byte[] value) {
        return ":" + Base64.getEncoder().encodeToString(value) + ":";
    }
}
