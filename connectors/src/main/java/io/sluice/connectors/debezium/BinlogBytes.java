package io.sluice.connectors.debezium;

import java.util.Arrays;

/** Reads the bytes of one event in order. Numbers are unsigned. Used by one thread. */
final class BinlogBytes {

    private final byte[] bytes;
    private int position;

    BinlogBytes(byte[] bytes) {
        this.bytes = bytes;
    }

    boolean hasMore() {
        return position < bytes.length;
    }

    int oneByte() {
        return bytes[position++] & 0xFF;
    }

    /** The least significant byte comes first. */
    long littleEndian(int length) {
        long number = 0;
        for (int i = 0; i < length; i++) {
            number |= (long) oneByte() << (8 * i);
        }
        return number;
    }

    /** The most significant byte comes first. */
    long bigEndian(int length) {
        long number = 0;
        for (int i = 0; i < length; i++) {
            number = number << 8 | oneByte();
        }
        return number;
    }

    byte[] take(int length) {
        if (length < 0 || length > bytes.length - position) {
            throw new IllegalStateException("an event ends in the middle of a value");
        }
        position += length;
        return Arrays.copyOfRange(bytes, position - length, position);
    }

    void skip(int length) {
        position += length;
    }

    /** MySQL's number of one, three, four or nine bytes. */
    int packed() {
        int first = oneByte();
        return switch (first) {
            case 0xFC -> (int) littleEndian(2);
            case 0xFD -> (int) littleEndian(3);
            case 0xFE -> Math.toIntExact(littleEndian(8));
            default -> first;
        };
    }

    /** As many bits as asked for, each byte's lowest first, in whole bytes. */
    boolean[] bits(int count) {
        boolean[] bits = new boolean[count];
        int current = 0;
        for (int i = 0; i < count; i++) {
            if (i % 8 == 0) {
                current = oneByte();
            }
            bits[i] = (current >> (i % 8) & 1) == 1;
        }
        return bits;
    }
}
