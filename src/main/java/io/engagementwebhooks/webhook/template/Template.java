package io.engagementwebhooks.webhook.template;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.engagementwebhooks.webhook.template.Macros.Piece;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

/**
 * A text with {@code {macro}} placeholders that reach any field of an event, compiled once and rendered per delivery.
 * Values are escaped for their context, so that none can break the format or add a field. Immutable and thread-safe.
 */
public final class Template {

    /** Writes a value, escaped for its context. */
    @FunctionalInterface
    interface Context {
        void write(BoundedText out, JsonNode value);
    }

    /** A piece of the text: literal text if {@code macro} is null. */
    record Part(String text, Piece.Macro macro, Context place) {
        static Part literal(String text) {
            return new Part(text, null, null);
        }
    }

    private static final String BODY = BoundedText.breach("the body", BoundedText.BODY);
    private static final String TEXT = BoundedText.breach("the text", BoundedText.BODY);

    private final List<Part> parts;
    private final String breach;
    private final int limit;
    private final Set<String> macros;
    private final boolean emptyWithoutValues;

    private Template(List<Part> parts, String breach, int limit, boolean emptyWithoutValues) {
        this.parts = List.copyOf(parts);
        this.breach = breach;
        this.limit = limit;
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
     * Compiles a JSON document with macros. Its results are JSON for every event.
     *
     * @throws IllegalArgumentException if a value could make it invalid JSON; the message is for the customer, with
     *     line and column
     */
    public static Template json(String text) {
        return new Template(JsonTemplate.compile(text), BODY, BoundedText.BODY, false);
    }

    /** Compiles a form-encoded text such as {@code call={cdr_id}&name={source_name}}; line ends are removed. */
    public static Template form(String text) {
        List<Part> parts = parts(
                text.replaceAll("[\r\n]+", ""),
                literal -> encoded(literal, PercentCode::forForm),
                (out, value) -> out.appendFormValue(plain(value)));
        return new Template(parts, BODY, BoundedText.BODY, false);
    }

    /**
     * Compiles the value of a header. Non-ASCII characters become percent-encoded UTF-8. The result is empty if no
     * macro has a value; the caller omits an empty header.
     *
     * @param name the header's name, for messages
     * @throws IllegalArgumentException on control characters
     */
    public static Template header(String name, String text) {
        if (holdsControl(text)) {
            throw new IllegalArgumentException("header " + name + " holds a control character");
        }
        List<Part> parts = parts(
                text,
                literal -> encoded(literal, PercentCode::nonAscii),
                (out, value) -> appendHeaderValue(out, name, Utf8Text.text(plain(value))));
        return new Template(parts, BoundedText.breach("header " + name, BoundedText.HEADER), BoundedText.HEADER, true);
    }

    /** Compiles plain text with unescaped values, for form fields and fields of third parties. */
    public static Template text(String text) {
        List<Part> parts =
                parts(text, UnaryOperator.identity(), (out, value) -> out.append(Utf8Text.text(plain(value))));
        return new Template(parts, TEXT, BoundedText.BODY, false);
    }

    /** @param place of all macros */
    private static List<Part> parts(String text, UnaryOperator<String> literals, Context place) {
        List<Part> parts = new ArrayList<>();
        for (Piece piece : Macros.of(text)) {
            if (piece instanceof Piece.Macro macro) {
                parts.add(new Part(null, macro, place));
            } else if (piece instanceof Piece.Text literal) {
                parts.add(Part.literal(literals.apply(literal.text())));
            }
        }
        return parts;
    }

    /** Whether a macro of this plain name is an attribute of the event, or its data as a whole, and no field of the data. */
    public static boolean isOfTheEvent(String name) {
        return Macros.NAMES_OF_THE_EVENT.contains(name);
    }

    /** The names of the macros in the text, in order, such as {@code duration} and {@code data.agent.email}. */
    public Set<String> macros() {
        return macros;
    }

    /** The text for an event. @throws BodyFault if a value is invalid in its context, or the text exceeds its limit */
    public String render(JsonNode event) {
        return rendered(event).toString();
    }

    /** As {@link #render}, in UTF-8. */
    public byte[] bytes(JsonNode event) {
        return rendered(event).toBytes();
    }

    private BoundedText rendered(JsonNode event) {
        BoundedText out = new BoundedText(breach, limit);
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
        return anyValue || !emptyWithoutValues ? out : new BoundedText(breach, limit);
    }

    /** As {@link #render}; a text of exactly one macro returns the named node, or a missing node. */
    public JsonNode value(JsonNode event) {
        if (parts.size() == 1 && parts.get(0).macro != null) {
            return parts.get(0).macro.in(event);
        }
        return TextNode.valueOf(render(event));
    }

    static boolean isNothing(JsonNode value) {
        return value.isMissingNode() || value.isNull();
    }

    /** A value as text: empty for a missing one, compact JSON for arrays and objects. */
    public static String plain(JsonNode value) {
        if (isNothing(value)) {
            return "";
        }
        if (value.isTextual()) {
            return value.textValue();
        }
        if (!value.isContainerNode()) {
            return JsonText.scalar(value);
        }
        BoundedText json = new BoundedText(TEXT, BoundedText.BODY);
        JsonText.append(json, value);
        return json.toString();
    }

    private static String encoded(String literal, BiConsumer<BoundedText, String> encoding) {
        BoundedText encoded = BoundedText.withoutLimit();
        encoding.accept(encoded, literal);
        return encoded.toString();
    }

    private static void appendHeaderValue(BoundedText out, String name, String value) {
        if (holdsControl(value)) {
            throw new BodyFault("header " + name + " holds a control character");
        }
        PercentCode.nonAscii(out, value);
    }

    private static boolean holdsControl(String text) {
        return text.chars().anyMatch(Character::isISOControl);
    }
}
