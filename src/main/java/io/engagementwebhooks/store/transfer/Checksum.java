package io.engagementwebhooks.store.transfer;

import io.engagementwebhooks.event.Sha256;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/** The number of rows and the sum of their SHA-256 hashes, independent of order. Not thread-safe. */
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

    /** The number of rows and the start of the checksum. */
    @Override
    public String toString() {
        return rows + " rows, checksum " + HexFormat.of().toHexDigits(sum[0]);
    }
}
