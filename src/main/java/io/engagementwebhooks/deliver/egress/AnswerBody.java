package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.deliver.judge.Answer;
import io.engagementwebhooks.ledger.SharedBudget;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpResponse;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/**
 * Collects a response body, at most the call's limit, and after decoding at most {@link Answer#READ_BYTES}. A body that is
 * too long, truncated, reset or late does not fail the delivery: the received part is kept, with a note. Not thread-safe.
 */
final class AnswerBody {

    private static final String NO_MEMORY = "answer cut for want of memory";

    /** The bytes of a response that are not reserved, about those of a typical one. */
    private static final int UNCOUNTED_BYTES = 4 * 1024;

    private static final int BUFFER = 8192;

    private final SharedBudget.Share memory;
    private final ByteArrayOutputStream raw = new ByteArrayOutputStream(256);
    private final int mostBytes;
    private int reserved;

    /** @param memory that the account's responses have */
    AnswerBody(SharedBudget.Share memory, int mostBytes) {
        this.memory = memory;
        this.mostBytes = mostBytes;
    }

    int mostBytes() {
        return mostBytes;
    }

    /** @return why no more is read, for the note; empty: more may come */
    String add(ByteBuf part) {
        if (!reserve(raw.size() + part.readableBytes())) {
            return NO_MEMORY;
        }
        int space = mostBytes - raw.size();
        byte[] bytes = ByteBufUtil.getBytes(part);
        raw.write(bytes, 0, Math.min(space, bytes.length));
        return bytes.length <= space ? "" : Answer.CUT;
    }

    /** Reserves the memory of a response of this size. @return false if the account has none left */
    boolean reserve(int bytes) {
        int more = Math.min(bytes, mostBytes) - reserved;
        if (bytes <= UNCOUNTED_BYTES || more <= 0) {
            return true;
        }
        boolean isReserved = memory.tryAcquire(more);
        reserved += isReserved ? more : 0;
        return isReserved;
    }

    void release() {
        memory.release(reserved);
        reserved = 0;
    }

    /**
     * The response with the body received so far.
     *
     * @param note why the body is incomplete, or empty; see {@link Answer#CUT}
     */
    Answer answer(HttpResponse head, String note) {
        Decoded decoded = decoded(head.headers().get("Content-Encoding", ""), raw.toByteArray(), note);
        return new Answer(head.status().code(), AnswerHeaders.of(head.headers()), decoded.bytes(), decoded.note());
    }

    private record Decoded(byte[] bytes, String note) {}

    /** Decodes gzip and deflate; keeps other codings. */
    private static Decoded decoded(String coding, byte[] bytes, String note) {
        return switch (coding.strip().toLowerCase(Locale.ROOT)) {
            case "", "identity" -> new Decoded(bytes, note);
            case "gzip", "x-gzip" -> decoded(GZIPInputStream::new, bytes, note);
            case "deflate" -> inflated(bytes, note);
            default -> new Decoded(bytes, bytes.length == 0 ? note : or(note, "answer kept in its coding"));
        };
    }

    private static Decoded inflated(byte[] bytes, String note) {
        Inflater inflater = new Inflater(isRaw(bytes));
        try {
            return decoded(in -> new InflaterInputStream(in, inflater), bytes, note);
        } finally {
            inflater.end();
        }
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
            return new Decoded(plain.toByteArray(), isWhole ? note : Answer.CUT);
        } catch (IOException e) {
            return new Decoded(plain.toByteArray(), or(note, "answer could not be decoded"));
        }
    }

    /** Many servers send deflate without the zlib header that RFC 9110 section 8.4.1.2 requires. */
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
