package io.engagementwebhooks.webhook.template;

import java.nio.charset.StandardCharsets;

/** Percent-encoding of UTF-8 (RFC 3986, section 2.1). */
final class PercentCode {

    private static final String HEX = "0123456789ABCDEF";

    private PercentCode() {}

    /** Encodes everything except letters, digits and {@code -_.~}. */
    static void unreserved(BoundedText encoded, String text) {
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            append(encoded, b, isAlphanumeric(b) || "-_.~".indexOf(b) >= 0);
        }
    }

    /** Encodes only non-ASCII characters. */
    static void nonAscii(BoundedText encoded, String text) {
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            append(encoded, b, b >= 0);
        }
    }

    /** The name or value of a form's field; a space becomes {@code +}. */
    static void formValue(BoundedText encoded, String text) {
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            if (b == ' ') {
                encoded.append('+');
            } else {
                append(encoded, b, isAlphanumeric(b) || "*-._".indexOf(b) >= 0);
            }
        }
    }

    /** Encodes only characters that a form-encoded text cannot contain; a space becomes {@code +}. */
    static void forForm(BoundedText encoded, String text) {
        for (byte b : text.replace(' ', '+').getBytes(StandardCharsets.UTF_8)) {
            append(encoded, b, b > 0x20 && b < 0x7F);
        }
    }

    private static boolean isAlphanumeric(byte b) {
        return b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z';
    }

    private static void append(BoundedText encoded, byte b, boolean plain) {
        if (plain) {
            encoded.append((char) b);
        } else {
            encoded.append('%').append(HEX.charAt((b >> 4) & 0xF)).append(HEX.charAt(b & 0xF));
        }
    }
}
