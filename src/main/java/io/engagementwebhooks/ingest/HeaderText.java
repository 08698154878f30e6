package io.engagementwebhooks.ingest;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Decodes the value of a {@code ce-} header: quotes and percent-encoded UTF-8 (CloudEvents HTTP binding 3.1.3.2). */
final class HeaderText {

    private HeaderText() {}

    static String decode(String header, String value) {
        String text = unquoted(value);
        if (text.indexOf('%') < 0 && text.chars().allMatch(c -> c < 128)) {
            return text;
        }
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        ByteArrayOutputStream decoded = new ByteArrayOutputStream(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '%') {
                decoded.write(octet(header, text, i));
                i += 2;
            } else {
                decoded.write(bytes[i]);
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(decoded.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw bad(header);
        }
    }

    private static int octet(String header, String text, int at) {
        int high = at + 1 < text.length() ? Character.digit(text.charAt(at + 1), 16) : -1;
        int low = at + 2 < text.length() ? Character.digit(text.charAt(at + 2), 16) : -1;
        if (high >= 0 && low >= 0) {
            return high * 16 + low;
        }
        throw bad(header);
    }

    private static String unquoted(String value) {
        if (value.length() < 2 || value.charAt(0) != '"' || value.charAt(value.length() - 1) != '"') {
            return value;
        }
        StringBuilder text = new StringBuilder();
        for (int i = 1; i < value.length() - 1; i++) {
            if (value.charAt(i) == '\\' && i + 1 < value.length() - 1) {
                i++;
            }
            text.append(value.charAt(i));
        }
        return text.toString();
    }

    private static RuntimeException bad(String header) {
        return Attributes.bad("bad-attribute", "header '" + header + "' is not percent-encoded UTF-8");
    }
}
