package io.engagementwebhooks.webhook.config;

import java.util.Objects;

/**
 * One fault of a definition that was given as JSON. It never holds a value that could be a secret.
 *
 * @param pointer JSON Pointer (RFC 6901) to the member it is about, also where that is lacking; empty: the whole
 * @param detail the thing and the rule it breaks, in words for its author
 * @param wayOut what to do about it
 */
public record FieldFault(String pointer, String detail, String wayOut) {

    public FieldFault {
        Objects.requireNonNull(pointer);
        Objects.requireNonNull(detail);
        Objects.requireNonNull(wayOut);
    }
}
