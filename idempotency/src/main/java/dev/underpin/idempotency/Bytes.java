package dev.underpin.idempotency;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Bytes that are stored or hashed: strict UTF-8, each text with its length before it. */
final class Bytes {
    private static final char REPLACEMENT = '\uFFFD';

    private Bytes() {}

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    /** Adds a text with its length, so that no two sequences of texts have the same bytes. */
    static void update(MessageDigest digest, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int shift = Integer.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
            digest.update((byte) (bytes.length >>> shift));
        }
        digest.update(bytes);
    }

    /** {@return the text of bytes, or null if they are no UTF-8} */
    static @Nullable String text(byte[] utf8) {
        String lenient = new String(utf8, StandardCharsets.UTF_8);
        if (lenient.indexOf(REPLACEMENT) < 0) {
            return lenient; // what is no UTF-8 would have been replaced
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** Refuses a text with half of a surrogate pair, which would be encoded like another. */
    static void requireUnicode(String name, String text) {
        Objects.requireNonNull(text, name);
        int point;
        for (int i = 0; i < text.length(); i += Character.charCount(point)) {
            point = text.codePointAt(i);
            if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
                throw new IllegalArgumentException(
                        name + " must be a text of Unicode: it has half of a surrogate pair");
            }
        }
    }

    /** {@return the bytes that follow their length} */
    static byte[] block(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) { // of bytes in memory, which know what is left
            throw new EOFException("A length of " + length + " where " + in.available() + " bytes are left");
        }
        return in.readNBytes(length);
    }
}
