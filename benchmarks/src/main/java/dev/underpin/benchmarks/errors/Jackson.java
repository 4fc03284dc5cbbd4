package dev.underpin.benchmarks.errors;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.underpin.errors.json.Jackson2Json;
import dev.underpin.errors.json.Jackson3Json;
import dev.underpin.errors.json.Json;

/** Which Jackson writes. Nothing is made before it is asked for: one Jackson leaves the JVM of the other alone. */
public enum Jackson {
    /** com.fasterxml.jackson. */
    JACKSON_2 {
        @Override
        Json json() {
            return Jackson2Json.of(
                    com.fasterxml.jackson.databind.json.JsonMapper.builder().build());
        }

        @Override
        Writer writerOf(Class<?> type) {
            com.fasterxml.jackson.databind.ObjectWriter writer =
                    com.fasterxml.jackson.databind.json.JsonMapper.builder()
                            .build()
                            .writerFor(type);
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
        @Override
        Json json() {
            return Jackson3Json.of(
                    tools.jackson.databind.json.JsonMapper.builder().build());
        }

        @Override
        Writer writerOf(Class<?> type) {
            return tools.jackson.databind.json.JsonMapper.builder().build().writerFor(type)::writeValueAsBytes;
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
