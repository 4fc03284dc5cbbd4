package dev.underpin.errors.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FieldPathTest {
    private final FieldPath path = new FieldPath();

    @Test
    void toString_nothingAppended_isTheWhole() {
        assertThat(path).hasToString("$");
        assertThat(path.isEmpty()).isTrue();
    }

    @Test
    void append_namesAndPositions_readsAsTheClientWroteIt() {
        path.name("items").index(2).name("prices").key("EUR").element().name("cents");

        assertThat(path).hasToString("items[2].prices[EUR][].cents");
        assertThat(path.isEmpty()).isFalse();
    }

    @Test
    void append_positionFirst_hasNoDot() {
        assertThat(path.index(0).name("sku")).hasToString("[0].sku");
    }

    @Test
    void clear_afterUse_startsAgain() {
        path.name("a".repeat(100)).name("b");

        assertThat(path.clear().name("c")).hasToString("c");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "line_items", "amount-cents", "$ref", "@type", "größe", "名前", "x1"})
    void name_word_isKept(String name) {
        assertThat(path.name("a").name(name)).hasToString("a." + name);
    }

    @ParameterizedTest
    @CsvSource({"a.b,a[\"a.b\"]", "a b,a[\"a b\"]", "$,a[\"$\"]", "a[0],a[\"a[0]\"]", "'',a[\"\"]"})
    void name_noWord_isQuoted(String name, String expected) {
        assertThat(path.name("a").name(name)).hasToString(expected);
    }

    @Test
    void name_ofALengthNoServiceChose_isCutAsAKey() {
        assertThat(path.name("n".repeat(129))).hasToString("[\"" + "n".repeat(64) + "\"]");
        assertThat(path.clear().name("n".repeat(128))).hasToString("n".repeat(128));
    }

    @Test
    void key_hostile_isOneQuotedPrintableLine() {
        assertThat(path.name("qty").key("a.b[c]\r\n\u202e\"")).hasToString("qty[\"a.b[c]\\u000d\\u000a\\u202e\\\"\"]");
    }

    @Test
    void key_everyCharacter_leavesNothingInvisible() {
        for (int c = 0; c <= 0xffff; c++) {
            String text = path.clear().key("" + (char) c).toString();

            assertThat(text.chars())
                    .as("U+%04X", c)
                    .allMatch(each -> each >= ' '
                            && Character.getType(each) != Character.CONTROL
                            && Character.getType(each) != Character.FORMAT
                            && Character.getType(each) != Character.LINE_SEPARATOR
                            && Character.getType(each) != Character.PARAGRAPH_SEPARATOR
                            && Character.getType(each) != Character.SURROGATE);
        }
    }

    @Test
    void key_pairAndHalves_keepsPairsAndEscapesHalves() {
        assertThat(path.key("\ud83d\ude00 \ude00\ud83d")).hasToString("[\"\ud83d\ude00 \\ude00\\ud83d\"]");
    }

    @Test
    void key_quotesAndBackslashes_areEscaped() {
        assertThat(path.key("\\\"")).hasToString("[\"\\\\\\\"\"]");
    }

    @Test
    void key_long_isCutAt64() {
        assertThat(path.key("k".repeat(64))).hasToString("[" + "k".repeat(64) + "]");
        assertThat(path.clear().key("k".repeat(65))).hasToString("[\"" + "k".repeat(64) + "\"]");
    }

    @Test
    void key_pairAtTheCut_isLeftOut() {
        assertThat(path.key("k".repeat(63) + "\ud83d\ude00")).hasToString("[\"" + "k".repeat(63) + "\"]");
    }

    @Test
    void key_empty_isVisible() {
        assertThat(path.name("qty").key("")).hasToString("qty[\"\"]");
    }

    @Test
    void key_scalars_arePrinted() {
        assertThat(path.key(7)).hasToString("[7]");
        assertThat(path.clear().key(-7L)).hasToString("[-7]");
        assertThat(path.clear().key(1.5)).hasToString("[\"1.5\"]");
        assertThat(path.clear().key(new BigDecimal("12.30"))).hasToString("[\"12.30\"]");
        assertThat(path.clear().key(BigInteger.TEN)).hasToString("[10]");
        assertThat(path.clear().key(new AtomicInteger(3))).hasToString("[3]");
        assertThat(path.clear().key(true)).hasToString("[true]");
        assertThat(path.clear().key('x')).hasToString("[x]");
        assertThat(path.clear().key(DayOfWeek.MONDAY)).hasToString("[MONDAY]");
        assertThat(path.clear().key(LocalDate.of(2026, 11, 21))).hasToString("[2026-11-21]");
        assertThat(path.clear().key(new UUID(1, 2))).hasToString("[00000000-0000-0001-0000-000000000002]");
    }

    @Test
    void key_anythingElse_isNotAskedForItsText() {
        Object hostile = new Object() {
            @Override
            public String toString() {
                throw new IllegalStateException("must not be called");
            }
        };
        Number number = new Number() {
            @Override
            public int intValue() {
                return 0;
            }

            @Override
            public long longValue() {
                return 0;
            }

            @Override
            public float floatValue() {
                return 0;
            }

            @Override
            public double doubleValue() {
                return 0;
            }

            @Override
            public String toString() {
                throw new IllegalStateException("must not be called");
            }
        };

        assertThat(path.key(hostile)).hasToString("[?]");
        assertThat(path.clear().key(number)).hasToString("[?]");
        assertThat(path.clear().key(null)).hasToString("[?]");
        assertThat(path.clear().key(new int[0])).hasToString("[?]");
    }

    @Test
    void key_numberOfAThousandDigits_isNotPrinted() {
        assertThat(path.key(BigInteger.ONE.shiftLeft(1 << 20))).hasToString("[?]");
        assertThat(path.clear().key(new BigDecimal(BigInteger.ONE.shiftLeft(1 << 20))))
                .hasToString("[?]");
        assertThat(path.clear().key(new BigDecimal("1e999999999"))).hasToString("[\"1E+999999999\"]");
    }

    @Test
    void append_beyondAThousandCharacters_isCutAndSaysSo() {
        for (int i = 0; i < 1_000; i++) {
            path.name("child").index(i).key("k").element();
        }

        assertThat(path.toString()).hasSizeBetween(1_024, 1_100).endsWith("\u2026");
        assertThat(path.clear().name("a")).hasToString("a");
    }

    @Test
    void toString_knownPath_isTheSameString() {
        String[] known = new String[2];
        String first = path.name("items").index(2).toString(known);

        assertThat(path.clear().name("items").index(2).toString(known)).isSameAs(first);
        assertThat(path.clear().name("items").index(3).toString(known)).isEqualTo("items[3]");
        assertThat(path.clear().name("tags").element().toString(known)).isEqualTo("tags[]");
        assertThat(path.clear().name("items").index(2).toString(known)).isEqualTo("items[2]");
        assertThat(path.clear().name("alone").toString(known)).isEqualTo("alone");
        assertThat(path.clear().toString(known)).isEqualTo("$");
    }

    @Test
    void toString_pathWithTheClientsKey_isNotRemembered() {
        String[] known = new String[1];

        assertThat(path.name("qty").key("k").name("a").toString(known)).isEqualTo("qty[k].a");
        assertThat(known).containsOnlyNulls();
    }
}
