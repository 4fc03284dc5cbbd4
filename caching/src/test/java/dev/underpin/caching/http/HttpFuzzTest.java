package dev.underpin.caching.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import java.nio.charset.Charset;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any text as {@code Cache-Control}, {@code If-Match} and {@code If-None-Match}. Fuzzed by the profile {@code fuzz}; other
 * builds repeat the seeds.
 */
class HttpFuzzTest {
    static Stream<Arguments> fields() {
        return Stream.of(
                        "public, max-age=31536000, immutable",
                        "private=\"a, b\", no-cache, no-store, must-understand, s-maxage=1",
                        "max-age=\"60\", stale-while-revalidate=99999999999, stale-if-error=-1, must-revalidate",
                        "x=\"\\\", no-store, proxy-revalidate, no-transform",
                        "W/\"a,b\", \"c\", \"\"",
                        "*",
                        "",
                        "\"".repeat(1_000),
                        "x=\"\\".repeat(1_000),
                        "W/\",".repeat(1_000))
                .map(field -> Arguments.of((Object) field.getBytes(ISO_8859_1)));
    }

    /** Nothing is thrown, what is read is printed and read again as the same, and a tag is found where it is the list. */
    @MethodSource("fields")
    @FuzzTest
    void fields_anyText_areReadOrIgnored(byte @NotNull [] bytes) {
        for (Charset charset : List.of(ISO_8859_1, UTF_8)) {
            String text = new String(bytes, charset);
            var read = CacheControl.parse(text);
            assertThat(CacheControl.parse(read.toString())).isEqualTo(read);
            assertThat(Directive.contradictions(Directive.read(read.toString()).keySet()))
                    .isEmpty();

            var strong = new ETag(tagCharacters(text), false);
            var weak = new ETag(strong.value(), true);
            assertThat(strong.matchesIfMatch(strong + "," + weak)).isTrue();
            assertThat(weak.matchesIfNoneMatch(strong.toString())).isTrue();
            assertThat(weak.matchesIfMatch(weak.toString())).isFalse();
            // Strong implies weak.
            assertThat(strong.matchesIfMatch(text)).isIn(false, strong.matchesIfNoneMatch(text));
            assertThat(weak.matchesIfNoneMatch(text)).isEqualTo(strong.matchesIfNoneMatch(text));
        }
    }

    private static String tagCharacters(String text) {
        return text.replaceAll("[^\\x21\\x23-\\x7e\\x80-\\xff]", "");
    }
}
