package io.engagementwebhooks.api;

import io.engagementwebhooks.event.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;

/**
 * The position in a list, as callers pass it: a position with a checksum over position and list. It is valid after a
 * restart. The checksum protects nothing secret: it finds cursors that were truncated, changed or taken from another
 * list.
 */
public final class Cursor {

    private static final int CHECK_BYTES = 9;

    private Cursor() {}

    /**
     * @param scope account, kind and filters of the list
     * @param position of the last item of the page
     */
    public static String of(String scope, String position) {
        byte[] text = position.getBytes(StandardCharsets.UTF_8);
        byte[] cursor = Arrays.copyOf(check(scope, text), CHECK_BYTES + text.length);
        System.arraycopy(text, 0, cursor, CHECK_BYTES, text.length);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(cursor);
    }

    /** @return the position, never null */
    static String position(String scope, String cursor) {
        byte[] bytes = decoded(cursor);
        byte[] text = Arrays.copyOfRange(bytes, Math.min(CHECK_BYTES, bytes.length), bytes.length);
        String position = new String(text, StandardCharsets.UTF_8);
        if (!of(scope, position).equals(cursor)) {
            throw refused();
        }
        return position;
    }

    private static byte[] decoded(String cursor) {
        try {
            return Base64.getUrlDecoder().decode(cursor);
        } catch (IllegalArgumentException e) {
            throw refused();
        }
    }

    private static RuntimeException refused() {
        return Parameters.bad(
                "parameter 'cursor' is not a cursor of this list; send 'next' of its last response unchanged,"
                        + " with the same filters, or leave it out to start at the beginning");
    }

    private static byte[] check(String scope, byte[] position) {
        MessageDigest sha = Sha256.inParts();
        sha.update(scope.getBytes(StandardCharsets.UTF_8));
        sha.update((byte) 0);
        return Arrays.copyOf(sha.digest(position), CHECK_BYTES);
    }
}
