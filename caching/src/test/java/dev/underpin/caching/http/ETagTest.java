package dev.underpin.caching.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ETagTest {
    private static final long SEED = 48;
    private static final int CASES = 1_000;
    private static final ETag STRONG = new ETag("a", false);
    private static final ETag WEAK = new ETag("a", true);

    @Nested
    class Value {
        @Test
        void headers_strong_isQuoted() {
            assertThat(STRONG.headers()).isEqualTo(Map.of("ETag", "\"a\""));
        }

        @Test
        void headers_weak_saysSo() {
            assertThat(WEAK.headers()).isEqualTo(Map.of("ETag", "W/\"a\""));
        }

        /** FIPS 180-4's "abc": ba7816bf 8f01cfea 414140de 5dae2223. */
        @Test
        void of_content_isThe16FirstBytesOfSha256() {
            assertThat(ETag.of("abc".getBytes(US_ASCII))).isEqualTo(new ETag("ungWv48Bz-pBQUDeXa4iIw", false));
        }

        @Test
        void of_nothing_isATagToo() {
            assertThat(ETag.of(new byte[0])).hasToString("\"47DEQpj8HBSa-_TImW-5JA\"");
        }

        @Test
        void value_everyCharacterOfATag_isTaken() {
            for (char c = 0; c < 0x120; c++) {
                boolean allowed = c == 0x21 || (c >= 0x23 && c <= 0x7E) || (c >= 0x80 && c <= 0xFF);
                assertThat(isTag("a" + c)).as("U+%04X", (int) c).isEqualTo(allowed);
            }
        }

        private static boolean isTag(String value) {
            try {
                return new ETag(value, false).value().equals(value);
            } catch (IllegalArgumentException e) {
                return false;
            }
        }

        @Test
        void value_quote_isRejectedWithoutBeingShown() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new ETag("secret\"", false))
                    .withMessage("value must be visible characters of ISO 8859-1 without quotes: U+0022 at 6");
        }

        @Test
        void value_null_isRejected() {
            assertThatNullPointerException()
                    .isThrownBy(() -> new ETag(null, false))
                    .withMessage("value");
        }
    }

    @Nested
    class Comparing {
        /** RFC 9110, 8.8.3.2. */
        @ParameterizedTest
        @CsvSource(
                quoteCharacter = '`',
                value = {
                    "W/\"1\", W/\"1\", false, true",
                    "W/\"1\", W/\"2\", false, false",
                    "W/\"1\", \"1\", false, true",
                    "\"1\", W/\"1\", false, true",
                    "\"1\", \"1\", true, true"
                })
        void matches_tableOfTheRfc_isKept(String ours, String theirs, boolean strong, boolean weak) {
            var tag = new ETag(ours.replaceAll("W/|\"", ""), ours.startsWith("W/"));

            assertThat(tag.matchesIfMatch(theirs)).isEqualTo(strong);
            assertThat(tag.matchesIfNoneMatch(theirs)).isEqualTo(weak);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "\"a\"",
                    "\"x\", \"a\"",
                    "\"a\",\"x\"",
                    "\"x\",\"a\",\"y\"",
                    "\"x\"\t ,\t \"a\" \t, W/\"a\"",
                    ",, \"a\" ,,",
                    " \"a\" ",
                    "\"x,y\", \"a\"",
                    "\",\", \"a\"",
                    "\"x\\\", \"a\"",
                    "\"\", \"a\"",
                    "W/\"a,\", \"a\"",
                    "*",
                    " * "
                })
        void matches_listWithTheTag_isAMatch(String list) {
            assertThat(STRONG.matchesIfNoneMatch(list)).isTrue();
            assertThat(STRONG.matchesIfMatch(list)).isTrue();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "\"x\"",
                    "\"A\"",
                    "\"aa\"",
                    "\"\"",
                    "\"x,a\"",
                    "\"x, a, y\"",
                    "\"x,\\\"a\\\"\"",
                    "\"*\"",
                    // No lists of tags
                    "",
                    " ",
                    ",",
                    "a",
                    "'a'",
                    "\"a",
                    "a\"",
                    "\"",
                    "W/",
                    "W/a",
                    "W/\"a",
                    "w/\"a\"",
                    "W /\"a\"",
                    "W/ \"a\"",
                    "\"a\" \"a\"",
                    "\"a\"\"a\"",
                    "\"a\";q=1",
                    "\"a\", x",
                    "x, \"a\"",
                    "\"a\", *",
                    "*, \"a\"",
                    "**",
                    "\"a\", \"x",
                    "\"a\", \"x y\"",
                    "\"a\", W/",
                    "\"a\", \"\u0100\"",
                    "\"a\"\n, \"x\"",
                    "\"a\", \"x\u007F\""
                })
        void matches_anythingElse_isNone(String list) {
            assertThat(STRONG.matchesIfNoneMatch(list)).isFalse();
            assertThat(STRONG.matchesIfMatch(list)).isFalse();
        }

        @Test
        void matches_absentHeader_leavesTheRequestAsItIs() {
            assertThat(STRONG.matchesIfNoneMatch(null)).isFalse();
            assertThat(STRONG.matchesIfMatch(null)).isTrue();
        }

        @Test
        void matches_star_isAnyState() {
            assertThat(WEAK.matchesIfNoneMatch("*")).isTrue();
            assertThat(WEAK.matchesIfMatch("*")).isTrue();
        }

        @Test
        void matches_tagWithComma_isNotSplit() {
            var tag = new ETag("x,y", false);

            assertThat(tag.matchesIfMatch("\"a\", \"x,y\"")).isTrue();
            assertThat(tag.matchesIfMatch("\"x\",\"y\"")).isFalse();
        }

        @Test
        void matches_emptyTag_isOneToo() {
            assertThat(new ETag("", false).matchesIfMatch("\"\"")).isTrue();
            assertThat(new ETag("", false).matchesIfMatch("")).isFalse();
        }

        /** Goes on until the timeout of tests if characters are looked at once more for each tag. */
        @ParameterizedTest
        @ValueSource(strings = {",", "\"", "\"a", "W/", "W/\"", "\"\",", "\"\" ,", " ", ", "})
        void matches_megabytes_isLinear(String repeated) {
            assertThat(STRONG.matchesIfMatch(repeated.repeat(2_000_000 / repeated.length())))
                    .isFalse();
        }

        /** A weak and a strong tag of one value, of which the strong one counts for If-Match wherever it stands. */
        @Test
        void matchesIfMatch_bothInTheList_isAMatch() {
            assertThat(STRONG.matchesIfMatch("W/\"a\", \"a\"")).isTrue();
            assertThat(STRONG.matchesIfMatch("\"a\", W/\"a\"")).isTrue();
            assertThat(WEAK.matchesIfMatch("\"a\", W/\"a\"")).isFalse();
        }

        @Test
        void matches_anyTagInAnyList_isFoundThere() {
            var random = new Random(SEED);
            for (int i = 0; i < CASES; i++) {
                var tag = random(random);
                var other = random(random);
                String list = other + "," + tag + " , " + other;

                assertThat(tag.matchesIfNoneMatch(list))
                        .as("seed %d, %s", SEED, list)
                        .isTrue();
                assertThat(tag.matchesIfMatch(list))
                        .as("seed %d, %s in %s", SEED, tag, list)
                        .isEqualTo(!tag.weak());
                assertThat(tag.matchesIfNoneMatch(other.toString()))
                        .as("seed %d, %s and %s", SEED, tag, other)
                        .isEqualTo(tag.value().equals(other.value()));
            }
        }

        private static ETag random(Random random) {
            String characters = "!,\\W/*ab\u0080\u00ff~";
            var value = new StringBuilder();
            while (random.nextInt(4) > 0) {
                value.append(characters.charAt(random.nextInt(characters.length())));
            }
            return new ETag(value.toString(), random.nextBoolean());
        }
    }

    @Nested
    class NotModified {
        /** RFC 9110, 15.4.5. */
        @ParameterizedTest
        @ValueSource(
                strings = {"Cache-Control", "Content-Location", "Date", "ETag", "Expires", "Vary", "CDN-Cache-Control"})
        void notModified_whatIsToBeRepeated_is(String name) {
            for (String written : new String[] {name, name.toLowerCase(Locale.ROOT), name.toUpperCase(Locale.ROOT)}) {
                assertThat(ETag.notModified(Map.of(written, "a"))).isEqualTo(Map.of(written, "a"));
            }
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "Content-Type",
                    "Content-Length",
                    "Content-Encoding",
                    "Content-Language",
                    "Content-Range",
                    "Last-Modified",
                    "Transfer-Encoding",
                    "X-Vary",
                    "Cache-Control-X"
                })
        void notModified_whatIsOfTheContent_isLeftOut(String name) {
            assertThat(ETag.notModified(Map.of(name, "a"))).isEmpty();
        }
    }
}
