package io.engagementwebhooks.webhook.template;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.engagementwebhooks.webhook.Shown;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Parses {@code {macros}} in a text and evaluates them on an event (semantics 8). A macro is a name or dotted path in
 * braces; other braces are text.
 */
final class Macros {

    /** Event attributes, and {@code data} as a whole; any other plain name is a field of the data. */
    static final Set<String> NAMES_OF_THE_EVENT =
            Set.of("specversion", "id", "source", "type", "subject", "time", "account", "data");

    /** A literal {@code {} before a name. */
    private static final String BRACE = "lb";

    /**
     * Syntax of other template languages: a name in double braces, or a path with blanks around it. A single name with
     * blanks is allowed: GraphQL has such fields.
     */
    private static final Pattern OTHER_SYNTAX = Pattern.compile(
            "\\{\\{[ \\t]*([\\w.]+)[ \\t]*}}|\\{[ \\t]+(\\w+\\.[\\w.]+)[ \\t]*}|\\{(\\w+\\.[\\w.]+)[ \\t]+}");

    private Macros() {}

    /** Literal text or a macro, with its start in the template. */
    sealed interface Piece {
        int at();

        /** Literal text. */
        record Text(int at, String text) implements Piece {}

        /** A macro. */
        record Macro(int at, String name, List<String> path) implements Piece {

            /** Its value in an event, or a missing node. */
            JsonNode in(JsonNode event) {
                JsonNode node = event;
                for (String step : path) {
                    node = node.isArray() ? item(node, step) : node.path(step);
                }
                return node;
            }

            private static JsonNode item(JsonNode array, String step) {
                boolean index = step.length() < 9 && step.chars().allMatch(c -> c >= '0' && c <= '9');
                return index ? array.path(Integer.parseInt(step)) : MissingNode.getInstance();
            }
        }
    }

    /**
     * Splits a text into pieces, in order.
     *
     * @throws IllegalArgumentException if it contains macros in the syntax of another template language
     */
    static List<Piece> of(String text) {
        refuseOtherSyntax(text);
        List<Piece> pieces = new ArrayList<>();
        int literal = 0;
        for (int open = text.indexOf('{'); open >= 0; ) {
            int close = endOfName(text, open + 1);
            String name = close < 0 ? null : text.substring(open + 1, close);
            if (name == null || !isName(name)) {
                open = text.indexOf('{', open + 1);
                continue;
            }
            addText(pieces, literal, text.substring(literal, open));
            pieces.add(name.equals(BRACE) ? new Piece.Text(open, "{") : new Piece.Macro(open, name, path(name)));
            literal = close + 1;
            open = text.indexOf('{', literal);
        }
        addText(pieces, literal, text.substring(literal));
        return pieces;
    }

    private static void refuseOtherSyntax(String text) {
        Matcher other = OTHER_SYNTAX.matcher(text);
        if (other.find()) {
            String name = other.group().replaceAll("[{} \\t]", "");
            throw new IllegalArgumentException("'" + Shown.of(other.group()) + "' is no macro; write {" + name
                    + "}, in one pair of braces and without blanks, or {lb} for a brace that is meant as one");
        }
    }

    /** The index of the closing brace, or -1 if the text before it is no name. */
    private static int endOfName(String text, int from) {
        int at = from;
        while (at < text.length() && isNamePart(text.charAt(at))) {
            at++;
        }
        return at > from && at < text.length() && text.charAt(at) == '}' ? at : -1;
    }

    private static boolean isNamePart(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '.';
    }

    private static boolean isName(String name) {
        return !name.startsWith(".") && !name.endsWith(".") && !name.contains("..");
    }

    private static List<String> path(String name) {
        if (name.indexOf('.') >= 0) {
            return List.of(name.split("\\."));
        }
        return NAMES_OF_THE_EVENT.contains(name) ? List.of(name) : List.of("data", name);
    }

    private static void addText(List<Piece> pieces, int at, String text) {
        if (!text.isEmpty()) {
            pieces.add(new Piece.Text(at, text));
        }
    }
}
