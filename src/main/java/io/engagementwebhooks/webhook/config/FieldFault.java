package io.engagementwebhooks.webhook.config;

import java.util.Objects;

/**
 * One fault of a definition that was given as JSON. It never holds a value that could be a secret.
 *
 * @param pointer JSON Pointer (RFC 6901) to the member it is about, also where that is lacking; empty: the whole
 * @param detail the thing and the rule it breaks, in words for its author
 * @param wayOut what to do about it
 * @param code what kind of fault it is, in one word, by which forms have their own text
 */
public record FieldFault(String pointer, String detail, String wayOut, String code) {

    public FieldFault {
        Objects.requireNonNull(pointer);
        Objects.requireNonNull(detail);
        Objects.requireNonNull(wayOut);
        Objects.requireNonNull(code);
    }

    /** One that forms show as it is. */
    public FieldFault(String pointer, String detail, String wayOut) {
        this(pointer, detail, wayOut, "");
    }
}
