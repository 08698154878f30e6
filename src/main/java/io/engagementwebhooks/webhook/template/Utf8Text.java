package io.engagementwebhooks.webhook.template;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Text that can be written as UTF-8. JSON lets a text hold half of a surrogate pair ({@code "\\ud83d"}), which JSON
 * keeps as an escape; no Unicode encoding allows it, so it is replaced by U+FFFD.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8259#section-8.2">RFC 8259 section 8.2</a>
 */
public final class Utf8Text {

    private static final char REPLACEMENT = 0xFFFD;

    private Utf8Text() {}

    /** The text, unchanged if well-formed. */
    public static String text(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return replaced(text);
            }
        }
        return text;
    }

    /** The text of bytes; empty: they are not UTF-8. */
    public static Optional<String> decoded(byte[] bytes) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private static String replaced(String text) {
        StringBuilder formed = new StringBuilder(text.length());
        text.codePoints()
                .map(point -> Character.getType(point) == Character.SURROGATE ? REPLACEMENT : point)
                .forEach(formed::appendCodePoint);
        return formed.toString();
    }
}
