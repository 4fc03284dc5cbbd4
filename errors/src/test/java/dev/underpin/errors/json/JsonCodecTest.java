package dev.underpin.errors.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.spi.Codec;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class JsonCodecTest {
    record View(String id, List<Integer> sizes) {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
    @JsonSubTypes({@JsonSubTypes.Type(value = Circle.class, name = "circle")})
    sealed interface Shape permits Circle {}

    record Circle(double radius) implements Shape {}

    record Strict(int size) {
        Strict {
            if (size < 0) {
                throw new IllegalArgumentException("secret");
            }
        }
    }

    record Holder(Object value) {}

    @ParameterizedTest
    @EnumSource
    void codec_value_comesBackEqual(Jacksons jackson) throws IOException {
        Codec<View> codec = jackson.standard().codec(View.class);
        View view = new View("o-1 \ud83d\ude00", List.of(1, 2));

        assertThat(codec.decode(codec.encode(view))).isEqualTo(view);
    }

    @ParameterizedTest
    @EnumSource
    void codec_valueOfTheOtherJackson_comesBackEqual(Jacksons jackson) throws IOException {
        View view = new View("o-1 \ud83d\ude00 /", List.of());

        for (Jacksons other : Jacksons.values()) {
            byte[] stored = other.standard().codec(View.class).encode(view);

            assertThat(jackson.standard().codec(View.class).decode(stored)).isEqualTo(view);
        }
    }

    @ParameterizedTest
    @EnumSource
    void codec_valueOfASealedType_keepsWhichItIs(Jacksons jackson) throws IOException {
        Codec<Shape> codec = jackson.standard().codec(Shape.class);

        assertThat(codec.decode(codec.encode(new Circle(2)))).isEqualTo(new Circle(2));
    }

    @ParameterizedTest
    @EnumSource
    void decode_anythingElse_isAnIOException(Jacksons jackson) {
        Codec<Strict> codec = jackson.standard().codec(Strict.class);

        for (String stored :
                List.of("", "null", "{", "[]", "{\"size\":\"x\"}", "{\"size\":-1}", "{\"size\":1} {}", "\u0000")) {
            assertThatThrownBy(() -> codec.decode(stored.getBytes(UTF_8)))
                    .as(stored)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("Strict")
                    .hasMessageNotContaining("secret");
        }
        assertThatThrownBy(() -> codec.decode(null)).isInstanceOf(Exception.class);
    }

    @ParameterizedTest
    @EnumSource
    void encode_whatCannotBeWritten_isAnIOException(Jacksons jackson) {
        Codec<Holder> codec = jackson.standard().codec(Holder.class);

        for (Object value :
                List.of(Result.ok(1), ErrorKind.NOT_FOUND.code().error(), new Object(), new IllegalStateException())) {
            assertThatThrownBy(() -> codec.encode(new Holder(value))).isInstanceOf(IOException.class);
        }
        assertThatThrownBy(() -> codec.encode(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("value");
    }
}
