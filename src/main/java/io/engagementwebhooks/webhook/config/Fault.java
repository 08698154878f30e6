package io.engagementwebhooks.webhook.config;

import java.util.Objects;

/**
 * One fault of the configuration. It never holds a value that could be a secret.
 *
 * @param line in the file, from 1; 0: the file as a whole
 * @param resource what is faulty, such as {@code webhook 'acme-crm'}
 * @param rule what it breaks, in words for the author of the file
 * @param wayOut what to do about it
 */
public record Fault(int line, String resource, String rule, String wayOut) {

    public Fault {
        Objects.requireNonNull(resource);
        Objects.requireNonNull(rule);
        Objects.requireNonNull(wayOut);
    }

    /** Thing, rule and way out, without the line. */
    public String text() {
        return resource + ": " + rule + " (" + wayOut + ")";
    }

    @Override
    public String toString() {
        return line > 0 ? "line " + line + ": " + text() : text();
    }
}
