package io.engagementwebhooks.webhook.template;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.engagementwebhooks.webhook.template.Macros.Piece;
import io.engagementwebhooks.webhook.template.Template.Context;
import io.engagementwebhooks.webhook.template.Template.Part;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Compiles a JSON document with macros. A macro inside a string is written as content of the string, one outside as a
 * value; the text alone decides.
 *
 * <p>The document is checked with sample values. A macro outside a string is replaced by null, a text, a number and an
 * object: if all four give valid JSON, it stands in a value's position, where every value is valid.
 */
final class JsonTemplate {

    private static final List<String> SAMPLES = List.of("null", "\"x\"", "1", "{}");

    /** Does not check for duplicate names: two macros as names are equal in a sample. */
    private static final JsonFactory STRICT = new JsonFactory();

    private static final Context IN_STRING = (out, value) -> JsonText.appendEscaped(out, Template.plain(value));

    private static final Context AS_VALUE = JsonText::append;

    private final String template;
    private final List<Piece> pieces;
    private final List<Part> parts = new ArrayList<>();

    private boolean inString;

    private boolean afterBackslash;

    /** Remaining hexadecimal digits of an escape such as {@code \\u00e5}. */
    private int hexDigits;

    private JsonTemplate(String template) {
        this.template = template;
        this.pieces = Macros.of(template);
    }

    static List<Part> compile(String template) {
        return new JsonTemplate(template).compile();
    }

    private List<Part> compile() {
        for (Piece piece : pieces) {
            if (piece instanceof Piece.Text literal) {
                literal.text().chars().forEach(c -> read((char) c));
                parts.add(Part.literal(literal.text()));
            } else if (piece instanceof Piece.Macro macro) {
                parts.add(place(macro));
            }
        }
        for (String sample : SAMPLES) {
            check(sample);
        }
        return parts;
    }

    private void read(char c) {
        if (afterBackslash) {
            afterBackslash = false;
            hexDigits = c == 'u' ? 4 : 0;
        } else if (hexDigits > 0) {
            hexDigits--;
        } else if (inString && c == '\\') {
            afterBackslash = true;
        } else if (c == '"') {
            inString = !inString;
        }
    }

    private Part place(Piece.Macro macro) {
        if (afterBackslash || hexDigits > 0) {
            throw fault(macro.at(), "a macro cannot stand in an escape that begins with a backslash");
        }
        return new Part(null, macro, inString ? IN_STRING : AS_VALUE);
    }

    private void check(String sample) {
        StringBuilder document = new StringBuilder();
        List<Integer> begins = new ArrayList<>();
        for (Part part : parts) {
            begins.add(document.length());
            if (part.macro() == null) {
                document.append(part.text());
            } else {
                document.append(part.place() == IN_STRING ? "x" : sample);
            }
        }
        try (JsonParser parser = STRICT.createParser(document.toString())) {
            if (parser.nextToken() == null) {
                throw fault(0, "it is empty");
            }
            parser.skipChildren();
            parser.finishToken();
            if (parser.nextToken() != null) {
                throw fault(
                        placeOf((int) parser.currentTokenLocation().getCharOffset(), begins),
                        "the document ended before");
            }
        } catch (JsonProcessingException e) {
            throw fault(placeOf(begin(document, e), begins), "check quotes, commas and brackets");
        } catch (IOException e) {
            throw new IllegalStateException("reading a text from memory", e);
        }
    }

    /** The start of the error; the parser reports an unknown word at its end. */
    private static int begin(CharSequence document, JsonProcessingException e) {
        int at = (int) Math.min(document.length(), e.getLocation().getCharOffset());
        boolean word = e.getOriginalMessage().startsWith("Unrecognized token");
        while (word && at > 0 && Character.isLetterOrDigit(document.charAt(at - 1))) {
            at--;
        }
        return word || at < document.length() ? at : Integer.MAX_VALUE;
    }

    private int placeOf(int offset, List<Integer> begins) {
        if (offset == Integer.MAX_VALUE) {
            return template.length();
        }
        int piece = 0;
        while (piece + 1 < begins.size() && begins.get(piece + 1) <= offset) {
            piece++;
        }
        Piece at = pieces.get(piece);
        return at instanceof Piece.Text ? at.at() + offset - begins.get(piece) : at.at();
    }

    private IllegalArgumentException fault(int at, String why) {
        String before = template.substring(0, Math.min(Math.max(at, 0), template.length()));
        long line = before.chars().filter(c -> c == '\n').count() + 1;
        int column = before.length() - before.lastIndexOf('\n');
        return new IllegalArgumentException(
                "the template is not JSON at line " + line + ", column " + column + ": " + why);
    }
}
