package dev.underpin.benchmarks.errors;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.underpin.errors.json.Jackson2Json;
import dev.underpin.errors.json.Jackson3Json;
import dev.underpin.errors.json.Json;

/** Which Jackson writes. */
public enum Jackson {
    /** com.fasterxml.jackson. */
    JACKSON_2 {
        private final com.fasterxml.jackson.databind.ObjectMapper mapper =
                com.fasterxml.jackson.databind.json.JsonMapper.builder().build();

        @Override
        Json json() {
            return Jackson2Json.of(mapper);
        }

        @Override
        Writer writerOf(Class<?> type) {
            com.fasterxml.jackson.databind.ObjectWriter writer = mapper.writerFor(type);
            return value -> {
                try {
                    return writer.writeValueAsBytes(value);
                } catch (JsonProcessingException e) {
                    throw new IllegalStateException(e);
                }
            };
        }
    },

    /** tools.jackson. */
    JACKSON_3 {
        private final tools.jackson.databind.ObjectMapper mapper =
                tools.jackson.databind.json.JsonMapper.builder().build();

        @Override
        Json json() {
            return Jackson3Json.of(mapper);
        }

        @Override
        Writer writerOf(Class<?> type) {
            return mapper.writerFor(type)::writeValueAsBytes;
        }
    };

    /** {@return what our renderer writes with} */
    abstract Json json();

    /** {@return a plain writer of one type} */
    abstract Writer writerOf(Class<?> type);

    /** Writes a value as bytes. */
    interface Writer {
        byte[] write(Object value);
    }
}
