package io.engagementwebhooks.webhook;

import java.nio.charset.StandardCharsets;

/** Percent-encoding of UTF-8 (RFC 3986, section 2.1). */
final class PercentCode {

    private static final String HEX = "0123456789ABCDEF";

    private PercentCode() {}

    /** Everything but letters, digits and {@code -_.~}. */
    static String unreserved(String text) {
        StringBuilder encoded = new StringBuilder(text.length() + 16);
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            boolean plain =
                    b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || "-_.~".indexOf(b) >= 0;
            append(encoded, b, plain);
        }
        return encoded.toString();
    }

    /** Only what is not ASCII. */
    static String nonAscii(String text) {
        StringBuilder encoded = new StringBuilder(text.length() + 16);
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            append(encoded, b, b >= 0);
        }
        return encoded.toString();
    }

    /** Only what cannot stand in a form-encoded text; a space becomes {@code +}. */
    static String forForm(String text) {
        StringBuilder encoded = new StringBuilder(text.length() + 16);
        for (byte b : text.replace(' ', '+').getBytes(StandardCharsets.UTF_8)) {
            append(encoded, b, b > 0x20 && b < 0x7F);
        }
        return encoded.toString();
    }

    private static void append(StringBuilder encoded, byte b, boolean plain) {
        if (plain) {
            encoded.append((char) b);
        } else {
            encoded.append('%').append(HEX.charAt((b >> 4) & 0xF)).append(HEX.charAt(b & 0xF));
        }
    }
}
