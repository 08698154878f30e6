package io.engagementwebhooks.store.transfer;

import io.engagementwebhooks.event.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/** The number of rows and the sum of their SHA-256 hashes, independent of order. Not thread-safe. */
final class Checksum {

    private static final byte[] NULL =
            ByteBuffer.allocate(Integer.BYTES).putInt(-1).array();

    private final MessageDigest digest = Sha256.inParts();
    private final long[] sum = new long[4];
    private long rows;

    /** @param values numbers, texts, booleans, bytes and null */
    void add(Object... values) {
        for (Object value : values) {
            if (value == null) {
                digest.update(NULL);
                continue;
            }
            byte[] bytes =
                    value instanceof byte[] binary ? binary : value.toString().getBytes(StandardCharsets.UTF_8);
            digest.update(
                    ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
            digest.update(bytes);
        }
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
