package dev.underpin.pagination;

import java.util.Arrays;

/** Writes the bytes of a cursor. Integers are varints, seven bits a byte, low ones first. Confined to one thread. */
final class CursorWriter {
    private byte[] bytes = new byte[96];
    private int length;

    int length() {
        return length;
    }

    byte[] toByteArray() {
        return Arrays.copyOf(bytes, length);
    }

    /** {@return the array written to, which may be longer than what was written} */
    byte[] array() {
        return bytes;
    }

    void octet(int value) {
        room(1);
        bytes[length++] = (byte) value;
    }

    void fixed16(int value) {
        octet(value >>> 8);
        octet(value);
    }

    void fixed64(long value) {
        room(8);
        for (int shift = 56; shift >= 0; shift -= 8) {
            bytes[length++] = (byte) (value >>> shift);
        }
    }

    void unsigned(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            octet((int) (rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        octet((int) rest);
    }

    /** Writes small numbers in few bytes, whatever their sign. */
    void signed(long value) {
        unsigned((value << 1) ^ (value >> 63));
    }

    void octets(byte[] value) {
        octets(value, 0, value.length);
    }

    void octets(byte[] value, int offset, int count) {
        room(count);
        System.arraycopy(value, offset, bytes, length, count);
        length += count;
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
        }
    }
}
