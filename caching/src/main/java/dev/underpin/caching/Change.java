package dev.underpin.caching;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What is no longer valid, and the message that says so to other nodes.
 *
 * <p>The bytes are described in {@code docs/formats/cache.md}. What cannot be read may have said that anything is no longer
 * valid, so it is as good as a lost message.
 *
 * @param removed whether nothing is left to fall back to
 */
record Change(List<String> keys, List<String> tags, boolean all, boolean removed) {
    private static final int VERSION = 1;
    private static final int ALL = 1;
    private static final int REMOVED = 2;

    static Change key(String key, boolean removed) {
        return new Change(List.of(key), List.of(), /* all= */ false, removed);
    }

    static Change tag(String tag, boolean removed) {
        return new Change(List.of(), List.of(tag), /* all= */ false, removed);
    }

    static Change everything() {
        return new Change(List.of(), List.of(), /* all= */ true, /* removed= */ true);
    }

    byte[] message(UUID origin, String cache) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeLong(origin.getMostSignificantBits());
            out.writeLong(origin.getLeastSignificantBits());
            write(out, cache);
            out.writeByte((all ? ALL : 0) | (removed ? REMOVED : 0));
            write(out, keys);
            write(out, tags);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // an array takes everything
        }
        return bytes.toByteArray();
    }

    /**
     * {@return the change, if the message is one for this cache from another node}
     *
     * @throws IOException if it cannot be read
     */
    static Optional<Change> parse(byte[] message, UUID self, String cache) throws IOException {
        try (var in = new DataInputStream(new ByteArrayInputStream(message))) {
            int version = in.readByte();
            if (version != VERSION) {
                throw new IOException("version must be " + VERSION + ": " + version);
            }
            var origin = new UUID(in.readLong(), in.readLong());
            if (origin.equals(self) || !read(in).equals(cache)) {
                return Optional.empty();
            }
            int flags = in.readByte();
            var change = new Change(readAll(in), readAll(in), (flags & ALL) != 0, (flags & REMOVED) != 0);
            if ((flags & ~(ALL | REMOVED)) != 0 || in.available() > 0) {
                throw new IOException("unknown flags " + flags + ", or " + in.available() + " bytes too many");
            }
            return Optional.of(change);
        }
    }

    private static void write(DataOutputStream out, List<String> values) throws IOException {
        out.writeInt(values.size());
        for (String value : values) {
            write(out, value);
        }
    }

    private static void write(DataOutputStream out, String value) throws IOException {
        out.writeInt(value.length());
        out.writeChars(value); // any string: UTF-8 would make half a surrogate pair a question mark, and so another key
    }

    private static List<String> readAll(DataInputStream in) throws IOException {
        int count = in.readInt();
        if (count < 0 || count > in.available() / Integer.BYTES) {
            throw new IOException("a count of " + count);
        }
        List<String> values = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            values.add(read(in));
        }
        return values;
    }

    private static String read(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available() / Character.BYTES) {
            throw new IOException("a length of " + length);
        }
        return ByteBuffer.wrap(in.readNBytes(length * Character.BYTES))
                .asCharBuffer()
                .toString();
    }
}
