package dev.underpin.caching;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.TreeSet;

/**
 * An entry at a remote level: how long it lives and how long the load took, a hash of the tags, which tells an entry that
 * was tagged by other code, and the bytes of the codec. The format is in {@code docs/formats/cache.md}.
 */
record RemoteEntry(long ttlNanos, long loadNanos, long tags, ByteBuffer value) {
    private static final byte VERSION = 1;
    private static final int HEADER = 1 + 3 * Long.BYTES;

    static byte[] encode(long ttlNanos, long loadNanos, Collection<String> tags, byte[] value) {
        return ByteBuffer.allocate(HEADER + value.length)
                .put(VERSION)
                .putLong(ttlNanos)
                .putLong(loadNanos)
                .putLong(hash(tags))
                .put(value)
                .array();
    }

    static RemoteEntry decode(byte[] bytes) throws IOException {
        if (bytes.length < HEADER || bytes[0] != VERSION) {
            throw new IOException("not an entry of version " + VERSION + ": " + bytes.length + " bytes");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes, 1, bytes.length - 1);
        long ttlNanos = in.getLong();
        long loadNanos = in.getLong();
        if (ttlNanos <= 0 || ttlNanos > Clock.NEVER || loadNanos < 0) {
            throw new IOException("ttl and load time must be of an entry: " + ttlNanos + ", " + loadNanos);
        }
        return new RemoteEntry(ttlNanos, loadNanos, in.getLong(), in.slice());
    }

    byte[] valueBytes() {
        byte[] bytes = new byte[value.remaining()];
        value.duplicate().get(bytes);
        return bytes;
    }

    static long hash(Collection<String> tags) {
        long hash = 1;
        for (String tag : new TreeSet<>(tags)) {
            for (int i = 0; i < tag.length(); i++) {
                hash = 1_099_511_628_211L * (hash ^ tag.charAt(i));
            }
            hash = 1_099_511_628_211L * (hash ^ 0x10000); // no char, so tags do not run into each other
        }
        return hash;
    }
}
