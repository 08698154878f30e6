package io.engagementwebhooks.store.transfer;

import java.util.Arrays;

/** A growing array of bytes, numbers big-endian. Not thread-safe. */
final class Bytes {

    private byte[] bytes;
    private int size;

    Bytes(int capacity) {
        this.bytes = new byte[capacity];
    }

    int size() {
        return size;
    }

    byte[] array() {
        return bytes;
    }

    byte[] toArray() {
        return Arrays.copyOf(bytes, size);
    }

    Bytes addByte(int value) {
        ensureCapacity(1);
        bytes[size++] = (byte) value;
        return this;
    }

    Bytes addShort(int value) {
        return addByte(value >> 8).addByte(value);
    }

    Bytes addInt(int value) {
        return addShort(value >> 16).addShort(value);
    }

    Bytes addLong(long value) {
        return addInt((int) (value >> 32)).addInt((int) value);
    }

    /** Adds the length and then the value. */
    Bytes addField(byte[] value) {
        return addInt(value.length).add(value, 0, value.length);
    }

    Bytes add(byte[] from, int start, int length) {
        ensureCapacity(length);
        System.arraycopy(from, start, bytes, size, length);
        size += length;
        return this;
    }

    private void ensureCapacity(int more) {
        if (size + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(size + more, 2 * bytes.length));
        }
    }
}
