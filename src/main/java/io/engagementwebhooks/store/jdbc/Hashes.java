package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.event.Sha256;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Hashes of texts that may be too long for an index. */
public final class Hashes {

    private static final int ID_BYTES = 8;
    private static final int IDENTITY_BYTES = 16;

    private Hashes() {}

    /** Hashes an event identity: first the id, as a prefix for all events of that id, then both. */
    public static byte[] identity(String source, String id) {
        byte[] identity = Arrays.copyOf(idPrefix(id), ID_BYTES + IDENTITY_BYTES);
        // length-prefixed, so that different pairs have different hashes
        System.arraycopy(Sha256.of(id.length() + ":" + id + source), 0, identity, ID_BYTES, IDENTITY_BYTES);
        return identity;
    }

    /** The common prefix of the identities of all events with an id. */
    public static byte[] idPrefix(String id) {
        return Arrays.copyOf(Sha256.of(id), ID_BYTES);
    }

    /** An upper bound of the identities with a prefix. */
    public static byte[] upperBound(byte[] ofId) {
        byte[] end = Arrays.copyOf(ofId, ID_BYTES + IDENTITY_BYTES + 1);
        Arrays.fill(end, ID_BYTES, end.length, (byte) 0xff);
        return end;
    }

    public static byte[] of(String text) {
        return text == null ? null : Arrays.copyOf(Sha256.of(text), IDENTITY_BYTES);
    }

    /** The key of an advisory lock. */
    public static long lock(String... parts) {
        return ByteBuffer.wrap(Sha256.of(String.join("\0", parts))).getLong();
    }
}
