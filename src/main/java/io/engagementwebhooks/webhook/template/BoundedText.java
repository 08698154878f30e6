package io.engagementwebhooks.webhook.template;

import io.engagementwebhooks.ledger.Evaluation;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A UTF-8 text builder with a size limit, checked before memory is allocated. Counts as memory of this thread's
 * {@link Evaluation}. Not thread-safe.
 */
public final class BoundedText {

    /** Largest body and largest field of a record, in bytes: the same as for results of jq programs. */
    static final int BODY = 1 << 20;

    /** Largest value of one header, in bytes: the default of nginx and Apache. */
    static final int HEADER = 8 << 10;

    private static final byte UNKNOWN = '?';

    private static final String BODY_BREACH = breach("the body", BODY);

    private final String breach;
    private final int limit;
    private byte[] bytes;
    private int size;

    /** A high surrogate that waits for its low surrogate, or 0. */
    private char high;

    /**
     * @param breach the message if it exceeds the limit
     * @param limit in bytes
     */
    public BoundedText(String breach, int limit) {
        this.breach = breach;
        this.limit = limit;
        this.bytes = new byte[Math.min(limit, 256)];
    }

    /** A request's body. */
    public static BoundedText body() {
        return new BoundedText(BODY_BREACH, BODY);
    }

    /** For text whose size is bounded by its input. */
    public static BoundedText withoutLimit() {
        return new BoundedText("", Integer.MAX_VALUE);
    }

    /** The message for text above the limit. */
    public static String breach(String what, int limit) {
        return what + " exceeds the limit of " + size(limit);
    }

    /** Such as 64 KiB or 1 MiB. */
    public static String size(int bytes) {
        return bytes >= 1 << 20 ? (bytes >> 20) + " MiB" : (bytes >> 10) + " KiB";
    }

    /** @throws BodyFault if it exceeds the limit; half of a surrogate pair becomes a question mark */
    public BoundedText append(char c) {
        if (Character.isHighSurrogate(c)) {
            endPair();
            high = c;
        } else if (Character.isLowSurrogate(c)) {
            appendLow(c);
        } else {
            endPair();
            appendPoint(c);
        }
        return this;
    }

    /** As {@link #append(char)}. */
    public BoundedText append(String text) {
        reserve(text.length());
        for (int i = 0; i < text.length(); i++) {
            append(text.charAt(i));
        }
        return this;
    }

    /** Adds the name or value of a form's field. */
    public BoundedText appendFormValue(String text) {
        PercentCode.formValue(this, Utf8Text.text(text));
        return this;
    }

    /** Adds a text, percent-encoded except for letters, digits and {@code -_.~}. */
    public BoundedText appendUnreserved(String text) {
        PercentCode.unreserved(this, text);
        return this;
    }

    private void appendLow(char low) {
        if (high == 0) {
            appendByte(UNKNOWN);
            return;
        }
        int point = Character.toCodePoint(high, low);
        high = 0;
        reserve(4);
        put(0xF0 | point >> 18);
        put(0x80 | point >> 12 & 0x3F);
        put(0x80 | point >> 6 & 0x3F);
        put(0x80 | point & 0x3F);
    }

    private void endPair() {
        if (high != 0) {
            high = 0;
            appendByte(UNKNOWN);
        }
    }

    private void appendPoint(char c) {
        if (c < 0x80) {
            appendByte((byte) c);
        } else if (c < 0x800) {
            reserve(2);
            put(0xC0 | c >> 6);
            put(0x80 | c & 0x3F);
        } else {
            reserve(3);
            put(0xE0 | c >> 12);
            put(0x80 | c >> 6 & 0x3F);
            put(0x80 | c & 0x3F);
        }
    }

    private void appendByte(byte b) {
        reserve(1);
        bytes[size++] = b;
    }

    private void put(int b) {
        bytes[size++] = (byte) b;
    }

    private void reserve(int more) {
        if (more > limit - size) {
            throw new BodyFault(breach);
        }
        if (more > bytes.length - size) {
            int capacity = (int) Math.min(limit, Math.max(size + (long) more, 2L * bytes.length));
            Evaluation.use(capacity);
            bytes = Arrays.copyOf(bytes, capacity);
        }
    }

    /** Bytes so far. */
    public int size() {
        return size;
    }

    /** The text in UTF-8; nothing is appended after it. */
    public byte[] toBytes() {
        endPair();
        if (size == bytes.length) {
            return bytes;
        }
        Evaluation.use(size);
        return Arrays.copyOf(bytes, size);
    }

    @Override
    public String toString() {
        endPair();
        // a character takes up to two bytes
        Evaluation.use(2L * size);
        return new String(bytes, 0, size, StandardCharsets.UTF_8);
    }
}
