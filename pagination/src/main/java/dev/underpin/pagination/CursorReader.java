package dev.underpin.pagination;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
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
        if (Long.BYTES > end - next) {
            throw new MalformedCursorException();
        }
        long value = (long) CursorWriter.LONG.get(bytes, next);
        next += Long.BYTES;
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

    /** Reads UTF-8 and nothing else. */
    String text(int count) throws MalformedCursorException {
        if (count > end - next) {
            throw new MalformedCursorException();
        }
        int from = next;
        next += count;
        int bits = 0;
        for (int i = from; i < next; i++) {
            bits |= bytes[i];
        }
        if (bits >= 0) {
            return new String(bytes, from, count, StandardCharsets.US_ASCII);
        }
        try {
            // A new decoder reports what is malformed; the constructor of String would replace it.
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, from, count))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedCursorException();
        }
    }
}
