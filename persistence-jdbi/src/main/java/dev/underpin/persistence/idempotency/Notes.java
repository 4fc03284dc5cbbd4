package dev.underpin.persistence.idempotency;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of steps, as the column has it: notes one after the other, of which a later one of a step replaces an earlier
 * one, so that a note is written without reading. {@code docs/formats/idempotency.md}.
 */
final class Notes {
    private static final byte VERSION = 1;

    private Notes() {}

    /** {@return the bytes of one note} */
    static byte[] note(String step, byte[] data) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            byte[] name = step.getBytes(StandardCharsets.UTF_8);
            out.writeByte(VERSION);
            out.writeInt(name.length);
            out.write(name);
            out.writeInt(data.length);
            out.write(data);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /**
     * {@return what the notes say of each step}
     *
     * @throws UncheckedIOException if they cannot be read: then nobody knows what was done
     */
    static Map<String, byte[]> read(byte[] notes) {
        Map<String, byte[]> steps = new LinkedHashMap<>();
        try (var in = new DataInputStream(new ByteArrayInputStream(notes))) {
            while (in.available() > 0) {
                byte version = in.readByte();
                if (version != VERSION) {
                    throw new IOException("The version of a note is not " + VERSION + ": " + version);
                }
                String name = new String(block(in), StandardCharsets.UTF_8);
                steps.put(name, block(in));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The notes of steps of a key cannot be read", e);
        }
        return steps;
    }

    private static byte[] block(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new EOFException("A length of " + length + " where " + in.available() + " bytes are left");
        }
        return in.readNBytes(length);
    }

    /** {@return the notes of those steps whose end is known; null if there are none} */
    static byte @Nullable [] withoutBegun(Map<String, byte[]> steps) {
        var bytes = new ByteArrayOutputStream();
        steps.forEach((step, data) -> {
            if (data.length > 0) {
                bytes.writeBytes(note(step, data));
            }
        });
        return bytes.size() == 0 ? null : bytes.toByteArray();
    }
}
