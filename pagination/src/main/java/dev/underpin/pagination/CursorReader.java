package dev.underpin.pagination;

import java.util.Arrays;

/** Reads what a {@link CursorWriter} wrote, and trusts none of it. Confined to one thread. */
final class CursorReader {
    private static final int MAX_VARINT_BYTES = 10;

    private final byte[] bytes;
    private final int end;
    private int next;

    CursorReader(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.next = from;
        this.end = end;
    }

    int position() {
        return next;
    }

    boolean atEnd() {
        return next == end;
    }

    /** {@return what has not been read yet} */
    byte[] rest() {
        return Arrays.copyOfRange(bytes, next, end);
    }

    int octet() throws MalformedCursorException {
        if (next == end) {
            throw new MalformedCursorException();
        }
        return bytes[next++] & 0xff;
    }

    long fixed64() throws MalformedCursorException {
        long value = 0;
        for (int i = 0; i < 8; i++) {
            value = (value << 8) | octet();
        }
        return value;
    }

    long unsigned() throws MalformedCursorException {
        long value = 0;
        for (int i = 0; i < MAX_VARINT_BYTES; i++) {
            int octet = octet();
            value |= (long) (octet & 0x7f) << (7 * i);
            if (octet < 0x80) {
                return value;
            }
        }
        throw new MalformedCursorException();
    }

    long signed() throws MalformedCursorException {
        long value = unsigned();
        return (value >>> 1) ^ -(value & 1);
    }

    /** Reads how many octets follow; no more than there are. */
    int count() throws MalformedCursorException {
        long value = unsigned();
        if (value < 0 || value > end - next) {
            throw new MalformedCursorException();
        }
        return (int) value;
    }

    byte[] octets(int count) throws MalformedCursorException {
        if (count > end - next) {
            throw new MalformedCursorException();
        }
        byte[] octets = Arrays.copyOfRange(bytes, next, next + count);
        next += count;
        return octets;
    }
}
