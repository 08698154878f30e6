package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.deliver.Answer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/**
 * Reads the body of an answer, never more than {@link Answer#READ_BYTES} of it, before and after decoding. A body that
 * is too long, cut, reset or late is no fault of the delivery: what came is kept, with a note.
 *
 * @param bytes what was read and decoded
 * @param note what happened to the rest, or empty
 * @param complete whether the connection is left at the end of the body, fit for another request
 */
record BodyReading(byte[] bytes, String note, boolean complete) {

    private static final String CUT = "answer cut after " + Answer.READ_BYTES / 1024 + " KiB";
    private static final int BUFFER = 8192;
    private static final byte[] NOTHING = {};

    static final BodyReading EMPTY = new BodyReading(NOTHING, "", true);

    /** Reads a body as it is sent. */
    static BodyReading of(InputStream in, long length) {
        int capacity = length >= 0 ? (int) Math.min(length, Answer.READ_BYTES) : 1024;
        ByteArrayOutputStream read = new ByteArrayOutputStream(capacity);
        try {
            boolean ended = copy(in, read, length >= 0 ? (int) Math.min(length, BUFFER - 1) + 1 : BUFFER);
            return new BodyReading(read.toByteArray(), ended ? "" : CUT, ended);
        } catch (IOException e) {
            return new BodyReading(read.toByteArray(), "answer ended before its body was complete", false);
        }
    }

    /** Undoes gzip and deflate; other codings are left as they are. */
    BodyReading decoded(String coding) {
        return switch (coding.strip().toLowerCase(Locale.ROOT)) {
            case "", "identity" -> this;
            case "gzip", "x-gzip" -> decoded(GZIPInputStream::new);
            case "deflate" -> decoded(in -> new InflaterInputStream(in, new Inflater(rawDeflate())));
            default -> noted("answer kept in its coding");
        };
    }

    BodyReading noted(String other) {
        return new BodyReading(bytes, note.isEmpty() ? other : note, complete);
    }

    private BodyReading decoded(Decoder decoder) {
        if (bytes.length == 0) {
            return this;
        }
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        try (InputStream in = decoder.over(new ByteArrayInputStream(bytes))) {
            boolean ended = copy(in, plain, BUFFER);
            return new BodyReading(plain.toByteArray(), ended ? note : CUT, complete);
        } catch (IOException e) {
            return new BodyReading(plain.toByteArray(), note, complete).noted("answer could not be decoded");
        }
    }

    /** Many servers send deflate without the zlib header that RFC 9110 section 8.4.1.2 asks for. */
    private boolean rawDeflate() {
        boolean zlib =
                bytes.length >= 2 && (bytes[0] & 0x0F) == 8 && (((bytes[0] & 0xFF) << 8) + (bytes[1] & 0xFF)) % 31 == 0;
        return !zlib;
    }

    /** Whether the end was reached within the limit. @param atOnce so many bytes are asked for: most answers are short */
    private static boolean copy(InputStream in, ByteArrayOutputStream to, int atOnce) throws IOException {
        byte[] buffer = new byte[atOnce];
        while (to.size() < Answer.READ_BYTES) {
            int n = in.read(buffer, 0, Math.min(buffer.length, Answer.READ_BYTES - to.size()));
            if (n < 0) {
                return true;
            }
            to.write(buffer, 0, n);
        }
        return in.read() < 0;
    }

    @FunctionalInterface
    private interface Decoder {
        InputStream over(InputStream in) throws IOException;
    }
}
