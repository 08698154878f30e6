package io.engagementwebhooks.config.schema;

import java.util.Objects;

/**
 * One fault of a definition that was given as JSON. It never holds a value that could be a secret.
 *
 * @param pointer JSON Pointer (RFC 6901) to the member, even if missing; empty: the whole definition
 * @param detail the definition and the broken rule, for its author
 * @param wayOut the remedy
 * @param code the kind of fault in one word, for which forms have their own text
 */
public record FieldFault(String pointer, String detail, String wayOut, String code) {

    public FieldFault {
        Objects.requireNonNull(pointer);
        Objects.requireNonNull(detail);
        Objects.requireNonNull(wayOut);
        Objects.requireNonNull(code);
    }

    /** A fault that forms show unchanged. */
    public FieldFault(String pointer, String detail, String wayOut) {
        this(pointer, detail, wayOut, "");
    }
}
