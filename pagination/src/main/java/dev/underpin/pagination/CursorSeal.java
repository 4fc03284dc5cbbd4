package dev.underpin.pagination;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.Result;
import dev.underpin.result.spi.TimeSource;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import javax.crypto.AEADBadTagException;
import org.jspecify.annotations.Nullable;

/**
 * Turns positions into cursors and back, format 1; {@code docs/formats/cursor.md} describes it byte by byte. Thread-safe.
 *
 * <p>No value is read before the signature has been checked; only the length, the checksum, the version, the key that is
 * named, the flags and the expiry are, which decide how it is checked.
 */
final class CursorSeal {
    static final int SCOPE_BYTES = 32;

    private static final int VERSION = 1;
    private static final int BACKWARD = 1;
    private static final int EXPIRES = 2;
    private static final int ENCRYPTED = 4;
    private static final int INCLUSIVE = 8;
    private static final int HEADER_BYTES = 5;
    private static final int CHECK_BYTES = 2;
    private static final int MAX_CHARS = 1024;
    private static final int MIN_BYTES = HEADER_BYTES + CursorKey.TAG_BYTES + CHECK_BYTES;

    private final Supplier<CursorKeys> keys;
    private final boolean encrypted;
    private final @Nullable Duration ttl;
    private final TimeSource time;

    CursorSeal(Supplier<CursorKeys> keys, boolean encrypted, @Nullable Duration ttl, TimeSource time) {
        this.keys = keys;
        this.encrypted = encrypted;
        this.ttl = ttl;
        this.time = time;
    }

    /** Where a page begins: after, or before, the row with these values, or with that row. */
    record Position(boolean backward, boolean inclusive, CursorReader values) {}

    /** {@return whether nobody can read the values} */
    boolean encrypts() {
        return encrypted;
    }

    /**
     * {@return the cursor}
     *
     * @param values writes the values
     * @throws IllegalStateException if they are too long for a cursor
     */
    String seal(boolean backward, boolean inclusive, byte[] scope, ValueWriter values) {
        CursorKey key = keys.get().signing();
        var out = new CursorWriter();
        out.octet(VERSION);
        out.octet(key.id());
        out.octet((backward ? BACKWARD : 0)
                | (ttl == null ? 0 : EXPIRES)
                | (encrypted ? ENCRYPTED : 0)
                | (inclusive ? INCLUSIVE : 0));
        out.octet(scope[0]);
        out.octet(scope[1]);
        if (ttl != null) {
            out.unsigned(minuteAfter(ttl));
        }
        if (encrypted) {
            var plain = new CursorWriter();
            values.writeTo(plain);
            out.octets(key.encrypt(out.array(), out.length(), scope, plain.toByteArray()));
        } else {
            values.writeTo(out);
            byte[] bytes = out.arrayWithRoom(CursorKey.SIGNATURE_BYTES);
            key.sign(bytes, out.length(), scope, bytes, out.length());
            out.written(CursorKey.TAG_BYTES);
        }
        out.fixed16(check(out.array(), out.length()));
        String cursor = out.toBase64();
        if (cursor.length() > MAX_CHARS) {
            throw new IllegalStateException("The values of the sort columns are too long for a cursor: "
                    + cursor.length() + " characters of at most " + MAX_CHARS + ". Sort by a shorter expression");
        }
        return cursor;
    }

    /** Writes the values of a position. */
    interface ValueWriter {
        void writeTo(CursorWriter out);
    }

    private long minuteAfter(Duration ttl) {
        // Rounded up: a cursor lives at least as long as promised, and less than a minute longer.
        return Math.floorDiv(time.instant().plus(ttl).toEpochMilli() + 59_999, 60_000L);
    }

    /** {@return the position, or why there is none} */
    Result<Position, DomainError> open(String cursor, byte[] scope) {
        byte[] bytes = bytes(cursor);
        if (bytes == null || bytes[0] != VERSION) {
            return refused(PaginationErrors.CURSOR_INVALID);
        }
        int keyId = bytes[1] & 0xff;
        CursorKeys ring = keys.get();
        CursorKey key = ring.find(keyId);
        boolean intact = check(bytes, bytes.length - CHECK_BYTES)
                == ((bytes[bytes.length - 2] & 0xff) << 8 | (bytes[bytes.length - 1] & 0xff));
        if (key == null) {
            return refused(
                    intact && ring.knows(keyId) ? PaginationErrors.CURSOR_EXPIRED : PaginationErrors.CURSOR_INVALID);
        }
        if (!intact) {
            return refused(PaginationErrors.CURSOR_INVALID);
        }
        try {
            return opened(bytes, key, scope);
        } catch (MalformedCursorException e) {
            return refused(PaginationErrors.CURSOR_INVALID);
        }
    }

    private Result<Position, DomainError> opened(byte[] bytes, CursorKey key, byte[] scope)
            throws MalformedCursorException {
        int end = bytes.length - CHECK_BYTES;
        int flags = bytes[2];
        if ((flags & ~(BACKWARD | EXPIRES | ENCRYPTED | INCLUSIVE)) != 0 || ((flags & ENCRYPTED) != 0) != encrypted) {
            return refused(PaginationErrors.CURSOR_INVALID);
        }
        var header = new CursorReader(bytes, HEADER_BYTES, end);
        long minute = (flags & EXPIRES) == 0 ? Long.MAX_VALUE : header.unsigned();
        CursorReader values = encrypted
                ? decrypted(bytes, header.position(), end, key, scope)
                : signed(bytes, header.position(), end, key, scope);
        if (values == null) {
            // Whole, and yet not signed for this: most likely for something else. Whoever wants this answer can have
            // it, since the check is no secret; it is as useless as the other.
            boolean other = bytes[3] != scope[0] || bytes[4] != scope[1];
            return refused(other ? PaginationErrors.CURSOR_MISMATCH : PaginationErrors.CURSOR_INVALID);
        }
        if (minute != Long.MAX_VALUE && time.instant().toEpochMilli() >= 60_000L * minute) {
            return refused(PaginationErrors.CURSOR_EXPIRED);
        }
        return Result.ok(new Position((flags & BACKWARD) != 0, (flags & INCLUSIVE) != 0, values));
    }

    private static @Nullable CursorReader signed(byte[] bytes, int from, int end, CursorKey key, byte[] scope) {
        int to = end - CursorKey.TAG_BYTES;
        if (from > to) {
            return null;
        }
        byte[] signature = new byte[CursorKey.SIGNATURE_BYTES];
        key.sign(bytes, to, scope, signature, 0);
        byte[] expected = Arrays.copyOf(signature, CursorKey.TAG_BYTES);
        byte[] tag = Arrays.copyOfRange(bytes, to, end);
        return MessageDigest.isEqual(expected, tag) ? new CursorReader(bytes, from, to) : null;
    }

    private static @Nullable CursorReader decrypted(byte[] bytes, int from, int end, CursorKey key, byte[] scope) {
        if (end - from < CursorKey.NONCE_BYTES + CursorKey.TAG_BYTES) {
            return null;
        }
        try {
            byte[] values = key.decrypt(bytes, from, end, scope);
            return new CursorReader(values, 0, values.length);
        } catch (AEADBadTagException e) {
            return null;
        }
    }

    /** {@return the bytes of a token in its one spelling; null if it is none} */
    private static byte @Nullable [] bytes(String cursor) {
        if (cursor.length() > MAX_CHARS || cursor.indexOf('=') >= 0) {
            return null;
        }
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(cursor);
        } catch (IllegalArgumentException e) {
            return null;
        }
        return bytes.length >= MIN_BYTES && hasOneSpelling(cursor, bytes.length) ? bytes : null;
    }

    /** {@return whether the bits of the last character that stand for nothing are zero, which the decoder ignores} */
    private static boolean hasOneSpelling(String cursor, int bytes) {
        int unused = 6 * cursor.length() - 8 * bytes;
        char last = cursor.charAt(cursor.length() - 1);
        int digit = last >= 'a'
                ? last - 'a' + 26
                : last == '_' ? 63 : last >= 'A' ? last - 'A' : last == '-' ? 62 : last - '0' + 52;
        return (digit & ((1 << unused) - 1)) == 0;
    }

    /** {@return 16 bits that tell a cursor of something else from one that was damaged; no part of the security} */
    static int check(byte[] bytes, int length) {
        var crc = new CRC32C();
        crc.update(bytes, 0, length);
        int value = (int) crc.getValue();
        return (value ^ (value >>> 16)) & 0xffff;
    }

    private static Result<Position, DomainError> refused(ErrorCode code) {
        return Result.err(code.error());
    }
}
