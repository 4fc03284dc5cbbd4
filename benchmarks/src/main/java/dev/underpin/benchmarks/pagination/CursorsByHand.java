package dev.underpin.benchmarks.pagination;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.underpin.benchmarks.pagination.Keys.Row;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.UUID;
import java.util.zip.CRC32C;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The same cursors, byte for byte, as a careful person writes them for this one listing: nothing is looked up, and all
 * that can be reused is. Confined to one thread.
 */
final class CursorsByHand {
    private static final String HMAC = "HmacSHA256";
    private static final int HEADER = 5;
    private static final int TAG = 16;
    private static final int CHECK = 2;
    private static final byte LONGEST_TEXT = 64;

    private final Keys keys;
    private final byte[] scope;
    private final Mac mac;
    private final byte[] context = "pgn1".getBytes(US_ASCII);
    private final byte[] signature = new byte[32];
    private final ByteBuffer buffer = ByteBuffer.allocate(160);
    private final CRC32C crc = new CRC32C();
    private final Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();

    CursorsByHand(Keys keys, byte[] scope) {
        this.keys = keys;
        this.scope = scope.clone();
        try {
            mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(OurCursors.SECRET, HMAC));
            mac.init(new SecretKeySpec(mac.doFinal("pgn1 sign".getBytes(US_ASCII)), HMAC));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    String encode(Row row) {
        return encode(row, (byte) 0);
    }

    String encodeBackward(Row row) {
        return encode(row, (byte) 1);
    }

    private String encode(Row row, byte flags) {
        ByteBuffer out = buffer.clear();
        out.put((byte) 1).put((byte) OurCursors.KEY_ID).put(flags).put(scope, 0, 2);
        if (keys != Keys.ONE) {
            Instant time = row.createdAt();
            signed(out.put((byte) 8), time.getEpochSecond() * 1_000_000 + time.getNano() / 1000);
        }
        if (keys == Keys.THREE) {
            byte[] utf8 = row.name().getBytes(UTF_8);
            out.put((byte) 6).put((byte) utf8.length).put(utf8);
        }
        out.put((byte) 7)
                .putLong(row.id().getMostSignificantBits())
                .putLong(row.id().getLeastSignificantBits());
        sign(out.array(), out.position());
        out.put(signature, 0, TAG);
        out.putShort(check(out.array(), out.position()));
        return encoder.encodeToString(Arrays.copyOf(out.array(), out.position()));
    }

    /** {@return the position; null if the cursor is none of ours} */
    Row decode(String cursor) {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(cursor);
        } catch (IllegalArgumentException e) {
            return null;
        }
        int end = bytes.length - CHECK - TAG;
        ByteBuffer in = ByteBuffer.wrap(bytes);
        boolean plausible = end > HEADER
                && bytes[0] == 1
                && bytes[1] == OurCursors.KEY_ID
                && bytes[2] == 0
                && in.getShort(end + TAG) == check(bytes, end + TAG);
        if (!plausible || !isSigned(bytes, end) || encoder.encodeToString(bytes).length() != cursor.length()) {
            return null;
        }
        in.position(HEADER);
        Instant time = null;
        if (keys != Keys.ONE) {
            if (in.get() != 8) {
                return null;
            }
            long micros = signed(in);
            time = Instant.ofEpochSecond(Math.floorDiv(micros, 1_000_000L), 1000L * Math.floorMod(micros, 1_000_000L));
        }
        String name = null;
        if (keys == Keys.THREE) {
            int length = in.get() == 6 ? in.get() : -1;
            if (length < 0 || length > LONGEST_TEXT || length > end - in.position()) {
                return null;
            }
            name = new String(bytes, in.position(), length, UTF_8);
            in.position(in.position() + length);
        }
        if (end - in.position() != 17 || in.get() != 7) {
            return null;
        }
        return new Row(new UUID(in.getLong(), in.getLong()), time, name);
    }

    /** The bytes that a cursor signs, signed and no more. */
    byte[] sign(byte[] bytes, int length) {
        mac.update(context);
        mac.update(bytes, 0, length);
        mac.update(scope);
        try {
            mac.doFinal(signature, 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        return signature;
    }

    private boolean isSigned(byte[] bytes, int end) {
        sign(bytes, end);
        return MessageDigest.isEqual(Arrays.copyOf(signature, TAG), Arrays.copyOfRange(bytes, end, end + TAG));
    }

    private short check(byte[] bytes, int length) {
        crc.reset();
        crc.update(bytes, 0, length);
        int value = (int) crc.getValue();
        return (short) (value ^ (value >>> 16));
    }

    private static void signed(ByteBuffer out, long value) {
        long rest = (value << 1) ^ (value >> 63);
        while ((rest & ~0x7fL) != 0) {
            out.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }

    private static long signed(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte octet = in.get();
            value |= (octet & 0x7fL) << shift;
            if (octet >= 0) {
                break;
            }
        }
        return (value >>> 1) ^ -(value & 1);
    }
}
