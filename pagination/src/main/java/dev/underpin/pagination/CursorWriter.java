package dev.underpin.pagination;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Writes the bytes of a cursor. Integers are varints, seven bits a byte, low ones first. Confined to one thread. */
final class CursorWriter {
    /** Eight bytes of an array as one number, high ones first. */
    static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private static final byte[] DIGITS =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".getBytes(US_ASCII);

    /** Enough for most cursors and, behind them, for their text. */
    private byte[] bytes = new byte[160];

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

    /**
     * {@return what was written as Base64, with the alphabet for URLs and without padding} The JDK's encoder wants an array
     * of its own for what it reads, and makes two: more than all the rest of a cursor.
     */
    String toBase64() {
        int chars = (length * 4 + 2) / 3;
        room(chars);
        int to = length;
        int whole = length - length % 3;
        for (int from = 0; from < whole; from += 3) {
            int bits = (bytes[from] & 0xff) << 16 | (bytes[from + 1] & 0xff) << 8 | (bytes[from + 2] & 0xff);
            bytes[to] = DIGITS[bits >>> 18];
            bytes[to + 1] = DIGITS[bits >>> 12 & 0x3f];
            bytes[to + 2] = DIGITS[bits >>> 6 & 0x3f];
            bytes[to + 3] = DIGITS[bits & 0x3f];
            to += 4;
        }
        if (whole < length) {
            boolean two = length - whole == 2;
            int bits = (bytes[whole] & 0xff) << 16 | (two ? (bytes[whole + 1] & 0xff) << 8 : 0);
            bytes[to] = DIGITS[bits >>> 18];
            bytes[to + 1] = DIGITS[bits >>> 12 & 0x3f];
            if (two) {
                bytes[to + 2] = DIGITS[bits >>> 6 & 0x3f];
            }
        }
        return new String(bytes, length, chars, US_ASCII);
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
        room(Long.BYTES);
        LONG.set(bytes, length, value);
        length += Long.BYTES;
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

    /** {@return the array written to, with room for some more bytes behind what was written} */
    byte[] arrayWithRoom(int more) {
        room(more);
        return bytes;
    }

    /** Counts bytes as written that are in the array already. */
    void written(int count) {
        length += count;
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
