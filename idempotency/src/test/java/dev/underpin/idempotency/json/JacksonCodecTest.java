package dev.underpin.idempotency.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.spi.Codec;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class JacksonCodecTest {
    record Receipt(String id, BigDecimal amount) {}

    /** Cannot be written without its text. */
    record Broken(String text) {
        @Override
        public String text() {
            if (text == null) {
                throw new IllegalStateException("bug");
            }
            return text;
        }
    }

    static Stream<Named<Codec<Receipt>>> codecs() {
        return Stream.of(
                Named.of(
                        "Jackson 2",
                        Jackson2Codec.of(new com.fasterxml.jackson.databind.ObjectMapper(), Receipt.class)),
                Named.of("Jackson 3", Jackson3Codec.of(new tools.jackson.databind.ObjectMapper(), Receipt.class)));
    }

    static Stream<Named<Codec<Broken>>> brokenCodecs() {
        return Stream.of(
                Named.of(
                        "Jackson 2", Jackson2Codec.of(new com.fasterxml.jackson.databind.ObjectMapper(), Broken.class)),
                Named.of("Jackson 3", Jackson3Codec.of(new tools.jackson.databind.ObjectMapper(), Broken.class)));
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void decode_encoded_isTheSame(Codec<Receipt> codec) throws IOException {
        Receipt receipt = new Receipt("r-\u20ac", new BigDecimal("12.50"));

        assertThat(codec.decode(codec.encode(receipt))).isEqualTo(receipt);
        assertThat(new String(codec.encode(receipt), UTF_8)).isEqualTo("{\"id\":\"r-\u20ac\",\"amount\":12.50}");
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void decode_otherBytes_failsWithAnIoException(Codec<Receipt> codec) {
        for (String other :
                new String[] {"", "null", "[1]", "{\"id\":", "{\"amount\":\"x\"}", "{} {}", "{\"id\":\"a\"}x"}) {
            assertThatThrownBy(() -> codec.decode(other.getBytes(UTF_8)))
                    .as(other)
                    .isInstanceOf(IOException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("brokenCodecs")
    void encode_valueFails_failsWithAnIoException(Codec<Broken> codec) {
        assertThatThrownBy(() -> codec.encode(new Broken(null)))
                .isInstanceOf(IOException.class)
                .hasMessage("The value cannot be written: Broken");
    }
}
