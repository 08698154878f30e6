package io.engagementwebhooks.webhook;

/**
 * Text that can be written as UTF-8. JSON lets a text hold half of a surrogate pair ({@code "\\ud83d"}), which JSON keeps
 * as an escape; no encoding of Unicode can carry it, so elsewhere U+FFFD, the replacement character, stands for it.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8259#section-8.2">RFC 8259 section 8.2</a>
 */
public final class Utf8Text {

    private static final char REPLACEMENT = 0xFFFD;

    private Utf8Text() {}

    /** The text itself where it is well-formed. */
    public static String text(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return replaced(text);
            }
        }
        return text;
    }

    private static String replaced(String text) {
        StringBuilder formed = new StringBuilder(text.length());
        text.codePoints()
                .map(point -> Character.getType(point) == Character.SURROGATE ? REPLACEMENT : point)
                .forEach(formed::appendCodePoint);
        return formed.toString();
    }
}
