package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.event.Sha256;
import java.util.Arrays;

/** Short stand-ins for texts that may be too long for an index. */
public final class Hashes {

    private static final int ID = 8;
    private static final int WHOLE = 16;

    private Hashes() {}

    /** Of an event: a hash of its id, by which all of that id are found, then one of both. */
    public static byte[] identity(String source, String id) {
        byte[] identity = Arrays.copyOf(ofId(id), ID + WHOLE);
        // the length keeps two pairs from looking alike
        System.arraycopy(Sha256.of(id.length() + ":" + id + source), 0, identity, ID, WHOLE);
        return identity;
    }

    /** What the identities of all events of an id begin with. */
    static byte[] ofId(String id) {
        return Arrays.copyOf(Sha256.of(id), ID);
    }

    /** After every identity that begins with a hash of an id. */
    static byte[] after(byte[] ofId) {
        byte[] end = Arrays.copyOf(ofId, ID + WHOLE + 1);
        Arrays.fill(end, ID, end.length, (byte) 0xff);
        return end;
    }

    static byte[] of(String text) {
        return text == null ? null : Arrays.copyOf(Sha256.of(text), WHOLE);
    }

    /** A number for an advisory lock. */
    static long lock(String... parts) {
        byte[] hash = Sha256.of(String.join("\0", parts));
        long number = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            number = number << 8 | hash[i] & 0xff;
        }
        return number;
    }
}
