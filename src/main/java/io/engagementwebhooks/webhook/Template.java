package io.engagementwebhooks.webhook;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A text with {@code {macro}} placeholders that reach any field of an event, compiled once and rendered per delivery.
 * Values are escaped for the place they land in. Immutable and thread-safe.
 */
public final class Template {

    private Template() {}

    /** Compiles a JSON document with macros. @throws IllegalArgumentException if no value could make it JSON */
    public static Template json(String text) {
        throw new UnsupportedOperationException();
    }

    /** Compiles a form-encoded text such as {@code call={cdr_id}&name={source_name}}. */
    public static Template form(String text) {
        throw new UnsupportedOperationException();
    }

    /** Compiles the value of the header of this name. @throws IllegalArgumentException on control characters */
    public static Template header(String name, String text) {
        throw new UnsupportedOperationException();
    }

    /** Compiles plain text: values as they are. For form fields and fields of third parties. */
    public static Template text(String text) {
        throw new UnsupportedOperationException();
    }

    /** The text for an event. @throws BodyFault if a value cannot stand in its place */
    public String render(JsonNode event) {
        throw new UnsupportedOperationException();
    }

    /** As {@link #render}; a text that is exactly one macro gives the node it names, missing node where there is none. */
    public JsonNode value(JsonNode event) {
        throw new UnsupportedOperationException();
    }
}
