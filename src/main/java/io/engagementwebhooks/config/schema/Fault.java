package io.engagementwebhooks.config.schema;

import java.util.Objects;

/**
 * One fault of the configuration. It never holds a value that could be a secret.
 *
 * @param line in the file, from 1; 0: the whole file
 * @param resource the definition, such as {@code webhook 'acme-crm'}
 * @param rule the broken rule, for the author of the file
 * @param wayOut the remedy
 */
public record Fault(int line, String resource, String rule, String wayOut) {

    public Fault {
        Objects.requireNonNull(resource);
        Objects.requireNonNull(rule);
        Objects.requireNonNull(wayOut);
    }

    /** Definition, rule and remedy, without the line. */
    public String text() {
        return resource + ": " + rule + " (" + wayOut + ")";
    }

    @Override
    public String toString() {
        return line > 0 ? "line " + line + ": " + text() : text();
    }
}
