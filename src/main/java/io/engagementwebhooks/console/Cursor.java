package io.engagementwebhooks.console;

import io.engagementwebhooks.event.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;

/**
 * Where a list goes on, as callers carry it: a position and a check sum over the position and the list it belongs to. It
 * outlives a restart. The check sum is no secret and need not be: a cursor gives access to nothing; it finds a cursor that
 * was cut, changed or taken from another list.
 */
final class Cursor {

    private static final int CHECK_BYTES = 9;

    private Cursor() {}

    /**
     * @param scope account, kind and filters of the list
     * @param position the last thing that was given out
     */
    static String of(String scope, String position) {
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
                "parameter 'cursor' is not one that this list gave; take 'next' of its last answer as it is,"
                        + " with the same filters, or leave it out to start anew");
    }

    private static byte[] check(String scope, byte[] position) {
        MessageDigest sha = Sha256.inParts();
        sha.update(scope.getBytes(StandardCharsets.UTF_8));
        sha.update((byte) 0);
        return Arrays.copyOf(sha.digest(position), CHECK_BYTES);
    }
}
