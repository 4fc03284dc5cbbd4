package dev.underpin.result.spi;

import java.io.IOException;

/**
 * Turns a value into bytes and back. The codec owns the schema of its bytes, including any version in them: stored bytes
 * outlive the code that wrote them. Where decoding fails, a cache counts a miss and a replay reports an error.
 *
 * @param <T> the type of the value
 */
public interface Codec<T> {
    /**
     * {@return the bytes of a value}
     *
     * @param value the value
     * @throws IOException if the value cannot be encoded
     */
    byte[] encode(T value) throws IOException;

    /**
     * {@return the value of the bytes}
     *
     * @param bytes what {@link #encode} once returned, or anything else
     * @throws IOException if the bytes are not of this codec
     */
    T decode(byte[] bytes) throws IOException;
}
