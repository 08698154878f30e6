package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.engagementwebhooks.webhook.Shown;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The tokens of a jq program, read one by one. Not thread-safe. */
final class Lexer {

    private static final Pattern TOKEN =
            Pattern.compile("(?<field>\\.[A-Za-z_]\\w*)|(?<format>@[A-Za-z_]\\w*)|(?<word>[A-Za-z_]\\w*)"
                    + "|(?<number>(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?)"
                    + "|\\.\\.|//=?|[|+*/%-]=|[=!<>]=|[\\[\\](){}|,:;.=<>+*/%$?\"-]");

    private static final Set<String> KEYWORDS = Set.of(("if then elif else end as def reduce foreach try catch label"
                    + " break import include module and or true false null")
            .split(" "));

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
            .build();

    private final String text;
    private final Matcher matcher;
    private String token;
    private int start;
    private int end;
    private boolean isInterpolation;

    /** @param from the position of the first token */
    Lexer(String text, int from) {
        this.text = text;
        this.matcher = TOKEN.matcher(text);
        this.end = from;
        next();
    }

    /** Another reader of the text, at the current token. */
    Lexer copy() {
        return new Lexer(text, start);
    }

    /** Returns the current token and reads the next one. */
    String next() {
        String current = token;
        start = end;
        while (start < text.length() && " \t\r\n#".indexOf(text.charAt(start)) >= 0) {
            int lineEnd = text.charAt(start) == '#' ? text.indexOf('\n', start) : start;
            start = lineEnd < 0 ? text.length() : lineEnd + 1;
        }
        boolean isThere = matcher.region(start, text.length()).lookingAt();
        if (!isThere && start < text.length()) {
            throw new IllegalArgumentException(place(start));
        }
        token = isThere ? matcher.group() : "";
        end = start + token.length();
        return current;
    }

    /** The current token; empty at the end. */
    String token() {
        return token;
    }

    boolean at(String expected) {
        return token.equals(expected);
    }

    boolean accept(String expected) {
        boolean isThere = at(expected);
        if (isThere) {
            next();
        }
        return isThere;
    }

    void expect(String expected) {
        if (!accept(expected)) {
            throw fault();
        }
    }

    /** Whether the token is a {@code field} ({@code .name}), {@code format}, {@code number} or {@code word}. */
    boolean is(String kind) {
        return !token.isEmpty() && matcher.start(kind) >= 0;
    }

    boolean isName() {
        return is("word") && !KEYWORDS.contains(token);
    }

    /** Reads a name. */
    String name() {
        if (!isName()) {
            throw fault();
        }
        return next();
    }

    /**
     * Reads a text up to its closing quote or to an interpolation.
     *
     * @param opening the token before it: a quote, or the end of the interpolation before
     */
    String text(String opening) {
        if (!at(opening)) {
            throw fault();
        }
        int begin = end;
        while (end < text.length() && text.charAt(end) != '"' && !text.startsWith("\\(", end)) {
            end += text.charAt(end) == '\\' ? 2 : 1;
        }
        if (end >= text.length()) {
            throw new IllegalArgumentException("the jq program ends too early");
        }
        String literal = text.substring(begin, end);
        isInterpolation = text.charAt(end) == '\\';
        end += isInterpolation ? 2 : 1;
        next();
        try {
            return JSON.readValue('"' + literal + '"', String.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(place(begin + literal.indexOf('\\')) + ", in a text");
        }
    }

    /** Whether the text read last ends at an interpolation. */
    boolean isInterpolation() {
        return isInterpolation;
    }

    /** The fault of a program in which another token is expected here. */
    IllegalArgumentException fault() {
        return new IllegalArgumentException(
                token.isEmpty() ? "the jq program ends too early" : place(start) + ", near '" + Shown.of(token) + '\'');
    }

    private String place(int position) {
        String before = text.substring(0, position);
        return String.format(
                Locale.ROOT,
                "the jq program has a fault at line %d, column %d",
                1 + before.chars().filter(c -> c == '\n').count(),
                position - before.lastIndexOf('\n'));
    }
}
