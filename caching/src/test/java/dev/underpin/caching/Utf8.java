package dev.underpin.caching;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.underpin.result.spi.Codec;

/** Texts as bytes. */
final class Utf8 implements Codec<String> {
    @Override
    public byte[] encode(String value) {
        return value.getBytes(UTF_8);
    }

    @Override
    public String decode(byte[] bytes) {
        return new String(bytes, UTF_8);
    }
}
