package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.deliver.Answer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/**
 * The body of an answer as it comes, never more than {@link Answer#READ_BYTES} of it, before and after decoding. A body that
 * is too long, cut, reset or late is no fault of the delivery: what came is kept, with a note. Not thread-safe.
 */
final class AnswerBody {

    private static final String CUT = "answer cut after " + Answer.READ_BYTES / 1024 + " KiB";
    private static final int BUFFER = 8192;

    private final ByteArrayOutputStream raw = new ByteArrayOutputStream(256);

    int size() {
        return raw.size();
    }

    /** @return false: there is more than is read */
    boolean add(byte[] part) {
        int room = Answer.READ_BYTES - raw.size();
        raw.write(part, 0, Math.min(room, part.length));
        return part.length <= room;
    }

    /**
     * The answer with what has come of its body.
     *
     * @param note what happened to the rest, or empty; see {@link #tooLong}
     */
    Answer answer(int status, Iterable<Map.Entry<String, String>> headers, String coding, String note) {
        Decoded decoded = decoded(coding, raw.toByteArray(), note);
        return new Answer(status, AnswerHeaders.of(headers), decoded.bytes(), decoded.note());
    }

    /** The note on a truncated body. */
    static String tooLong() {
        return CUT;
    }

    private record Decoded(byte[] bytes, String note) {}

    /** Undoes gzip and deflate; other codings are left as they are. */
    private static Decoded decoded(String coding, byte[] bytes, String note) {
        return switch (coding.strip().toLowerCase(Locale.ROOT)) {
            case "", "identity" -> new Decoded(bytes, note);
            case "gzip", "x-gzip" -> decoded(GZIPInputStream::new, bytes, note);
            case "deflate" -> decoded(in -> new InflaterInputStream(in, new Inflater(isRaw(bytes))), bytes, note);
            default -> new Decoded(bytes, or(note, "answer kept in its coding"));
        };
    }

    private static String or(String note, String other) {
        return note.isEmpty() ? other : note;
    }

    private static Decoded decoded(Decoder decoder, byte[] bytes, String note) {
        if (bytes.length == 0) {
            return new Decoded(bytes, note);
        }
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        try (InputStream in = decoder.over(new ByteArrayInputStream(bytes))) {
            boolean isWhole = copy(in, plain);
            return new Decoded(plain.toByteArray(), isWhole ? note : CUT);
        } catch (IOException e) {
            return new Decoded(plain.toByteArray(), or(note, "answer could not be decoded"));
        }
    }

    /** Many servers send deflate without the zlib header that RFC 9110 section 8.4.1.2 asks for. */
    private static boolean isRaw(byte[] bytes) {
        boolean zlib =
                bytes.length >= 2 && (bytes[0] & 0x0F) == 8 && (((bytes[0] & 0xFF) << 8) + (bytes[1] & 0xFF)) % 31 == 0;
        return !zlib;
    }

    /** Whether the end was reached within the limit. */
    private static boolean copy(InputStream in, ByteArrayOutputStream to) throws IOException {
        byte[] buffer = new byte[BUFFER];
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
