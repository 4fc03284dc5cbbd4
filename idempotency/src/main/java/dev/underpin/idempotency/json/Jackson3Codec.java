package dev.underpin.idempotency.json;

import dev.underpin.result.spi.Codec;
import java.io.IOException;
import java.util.Objects;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;

/**
 * Values as a mapper of Jackson 3 writes them. The bytes outlive the code that wrote them: a type changes by what its
 * mapper still reads. Thread-safe.
 *
 * @param <T> the type of the values
 */
public final class Jackson3Codec<T> implements Codec<T> {
    private final Class<T> type;
    private final ObjectWriter writer;
    private final ObjectReader reader;

    private Jackson3Codec(ObjectMapper mapper, Class<T> type) {
        this.type = type;
        writer = mapper.writerFor(type);
        reader = mapper.readerFor(type).with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    }

    /**
     * {@return a codec}
     *
     * @param mapper the mapper of the service
     * @param type the type of the values
     * @param <T> the type of the values
     */
    @SuppressWarnings("exports") // optional: see module-info
    public static <T> Jackson3Codec<T> of(ObjectMapper mapper, Class<T> type) {
        return new Jackson3Codec<>(Objects.requireNonNull(mapper, "mapper"), Objects.requireNonNull(type, "type"));
    }

    @Override
    public byte[] encode(T value) throws IOException {
        try {
            return writer.writeValueAsBytes(Objects.requireNonNull(value, "value"));
        } catch (RuntimeException e) {
            throw new IOException("The value cannot be written: " + type.getSimpleName(), e);
        }
    }

    @Override
    public T decode(byte[] bytes) throws IOException {
        T value;
        try {
            value = reader.readValue(Objects.requireNonNull(bytes, "bytes"));
        } catch (RuntimeException e) {
            throw new IOException("The bytes are not those of a " + type.getSimpleName(), e);
        }
        if (value == null) {
            throw new IOException("The bytes hold no " + type.getSimpleName());
        }
        return value;
    }
}
