package io.engagementwebhooks.store.transfer;

import io.engagementwebhooks.event.Sha256;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/** Count and sum of the SHA-256 of rows: the same whatever their order, and another if a bit differs. Not thread-safe. */
final class Checksum {

    private final MessageDigest digest = Sha256.inParts();
    private final long[] sum = new long[4];
    private long rows;

    void add(byte[] from, int start, int end) {
        digest.update(from, start, end - start);
        ByteBuffer hash = ByteBuffer.wrap(digest.digest());
        for (int i = 0; i < sum.length; i++) {
            sum[i] += hash.getLong();
        }
        rows++;
    }

    long rows() {
        return rows;
    }

    boolean isSame(Checksum other) {
        return rows == other.rows && Arrays.equals(sum, other.sum);
    }

    /** The start of it, for people. */
    @Override
    public String toString() {
        return rows + " rows, checksum " + HexFormat.of().toHexDigits(sum[0]);
    }
}
