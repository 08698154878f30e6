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

    private static final Pattern TOKEN = Pattern.compile("\\.\\.|\\.[A-Za-z_]\\w*|@[A-Za-z_]\\w*|[A-Za-z_]\\w*"
            + "|(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?"
            + "|//=?|[|+*/%-]=|[=!<>]=|::|[\\[\\](){}|,:;.=<>+*/%$?\"-]");

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

    Lexer(String text) {
        this.text = text;
        this.matcher = TOKEN.matcher(text);
        read();
    }

    private void read() {
        start = end;
        while (start < text.length() && (" \t\r\n#".indexOf(text.charAt(start)) >= 0)) {
            int lineEnd = text.charAt(start) == '#' ? text.indexOf('\n', start) : start;
            start = lineEnd < 0 ? text.length() : lineEnd + 1;
        }
        if (start == text.length()) {
            token = "";
        } else if (matcher.region(start, text.length()).lookingAt()) {
            token = matcher.group();
        } else {
            throw new IllegalArgumentException(place(start));
        }
        end = start + token.length();
    }

    /** The current token; empty at the end. */
    String token() {
        return token;
    }

    /** Returns the current token and reads the next one. */
    String next() {
        String current = token;
        read();
        return current;
    }

    boolean at(String expected) {
        return token.equals(expected);
    }

    boolean accept(String expected) {
        boolean isThere = at(expected);
        if (isThere) {
            read();
        }
        return isThere;
    }

    void expect(String expected) {
        if (!accept(expected)) {
            throw fault();
        }
    }

    /** Whether it is {@code .name}. */
    boolean atField() {
        return token.length() > 1 && token.charAt(0) == '.' && isLetter(token.charAt(1));
    }

    boolean atNumber() {
        return token.matches("\\.?\\d.*");
    }

    /** Whether it is {@code @name}. */
    boolean atFormat() {
        return token.startsWith("@");
    }

    /** Whether it is a name or a keyword. */
    boolean atWord() {
        return !token.isEmpty() && isLetter(token.charAt(0));
    }

    boolean atName() {
        return atWord() && !KEYWORDS.contains(token);
    }

    private static boolean isLetter(char c) {
        return c == '_' || Character.isLetter(c);
    }

    /** Reads a name. */
    String name() {
        if (!atName()) {
            throw fault();
        }
        return next();
    }

    /** Reads a name or a keyword. */
    String word() {
        if (!atWord()) {
            throw fault();
        }
        return next();
    }

    /** Reads a text after its opening quote, up to the closing one or to an interpolation. */
    String openText() {
        if (!at("\"")) {
            throw fault();
        }
        return readText();
    }

    /** Reads the rest of a text after an interpolation. */
    String continueText() {
        if (!at(")")) {
            throw fault();
        }
        return readText();
    }

    /** Whether the text read last ends at an interpolation. */
    boolean isInterpolation() {
        return isInterpolation;
    }

    private String readText() {
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
        read();
        try {
            return JSON.readValue('"' + literal + '"', String.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(place(begin + literal.indexOf('\\')) + ", in a text");
        }
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
