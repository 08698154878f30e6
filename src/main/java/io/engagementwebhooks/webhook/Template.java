package io.engagementwebhooks.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.engagementwebhooks.webhook.Macros.Piece;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A text with {@code {macro}} placeholders that reach any field of an event, compiled once and rendered per delivery.
 * Values are escaped for the place they land in, so none can break the format or add a field. Immutable and
 * thread-safe.
 */
public final class Template {

    /** How a value is written in its place. */
    @FunctionalInterface
    interface Place {
        void write(StringBuilder out, JsonNode value);
    }

    /** A piece of the text: literal text where {@code macro} is null. */
    record Part(String text, Piece.Macro macro, Place place) {
        static Part literal(String text) {
            return new Part(text, null, null);
        }

        static Part of(Piece.Macro macro, Place place) {
            return new Part(null, macro, place);
        }
    }

    private final List<Part> parts;
    private final Set<String> macros;
    private final boolean emptyWithoutValues;

    private Template(List<Part> parts, boolean emptyWithoutValues) {
        this.parts = List.copyOf(parts);
        this.emptyWithoutValues = emptyWithoutValues;
        Set<String> names = new LinkedHashSet<>();
        for (Part part : parts) {
            if (part.macro != null) {
                names.add(part.macro.name());
            }
        }
        this.macros = Collections.unmodifiableSet(names);
    }

    /**
     * Compiles a JSON document with macros. What it renders is JSON for every event.
     *
     * @throws IllegalArgumentException if some value would make it none, with the place, in words for the customer
     */
    public static Template json(String text) {
        return new Template(JsonTemplate.compile(text), false);
    }

    /** Compiles a form-encoded text such as {@code call={cdr_id}&name={source_name}}; its line ends are left out. */
    public static Template form(String text) {
        List<Part> parts = new ArrayList<>();
        for (Piece piece : Macros.of(text.replaceAll("[\r\n]+", ""))) {
            if (piece instanceof Piece.Macro macro) {
                parts.add(Part.of(macro, (out, value) -> out.append(encoded(WellFormed.text(plain(value))))));
            } else if (piece instanceof Piece.Text literal) {
                parts.add(Part.literal(PercentCode.forForm(literal.text())));
            }
        }
        return new Template(parts, false);
    }

    /**
     * Compiles the value of a header. What is not ASCII is percent-encoded UTF-8, in the text and in values. It renders
     * empty where none of its macros has a value; the caller leaves an empty header out.
     *
     * @param name the header's name, for messages
     * @throws IllegalArgumentException on control characters
     */
    public static Template header(String name, String text) {
        if (holdsControl(text)) {
            throw new IllegalArgumentException("header " + name + " holds a control character");
        }
        List<Part> parts = new ArrayList<>();
        for (Piece piece : Macros.of(text)) {
            if (piece instanceof Piece.Macro macro) {
                parts.add(Part.of(macro, (out, value) -> out.append(headerValue(name, WellFormed.text(plain(value))))));
            } else if (piece instanceof Piece.Text literal) {
                parts.add(Part.literal(PercentCode.nonAscii(literal.text())));
            }
        }
        return new Template(parts, true);
    }

    /** Compiles plain text: values as they are. For form fields and fields of third parties. */
    public static Template text(String text) {
        List<Part> parts = new ArrayList<>();
        for (Piece piece : Macros.of(text)) {
            if (piece instanceof Piece.Macro macro) {
                parts.add(Part.of(macro, (out, value) -> out.append(WellFormed.text(plain(value)))));
            } else if (piece instanceof Piece.Text literal) {
                parts.add(Part.literal(literal.text()));
            }
        }
        return new Template(parts, false);
    }

    /** The names of the macros in the text, in order, such as {@code duration} and {@code data.agent.email}. */
    public Set<String> macros() {
        return macros;
    }

    /** The text for an event. @throws BodyFault if a value cannot stand in its place */
    public String render(JsonNode event) {
        StringBuilder out = new StringBuilder();
        boolean anyValue = macros.isEmpty();
        for (Part part : parts) {
            if (part.macro == null) {
                out.append(part.text);
                continue;
            }
            JsonNode value = part.macro.in(event);
            anyValue |= !isNothing(value);
            part.place.write(out, value);
        }
        return anyValue || !emptyWithoutValues ? out.toString() : "";
    }

    /** As {@link #render}; a text that is exactly one macro gives the node it names, missing node where there is none. */
    public JsonNode value(JsonNode event) {
        if (parts.size() == 1 && parts.get(0).macro != null) {
            return parts.get(0).macro.in(event);
        }
        return TextNode.valueOf(render(event));
    }

    static boolean isNothing(JsonNode value) {
        return value.isMissingNode() || value.isNull();
    }

    /** A value as text: empty for none, compact JSON for arrays and objects. */
    static String plain(JsonNode value) {
        if (isNothing(value)) {
            return "";
        }
        if (value.isTextual()) {
            return value.textValue();
        }
        return value.isContainerNode() ? JsonText.of(value) : JsonText.scalar(value);
    }

    private static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    private static String headerValue(String name, String value) {
        if (holdsControl(value)) {
            throw new BodyFault("header " + name + " holds a control character");
        }
        return PercentCode.nonAscii(value);
    }

    private static boolean holdsControl(String text) {
        return text.chars().anyMatch(Character::isISOControl);
    }
}
