package dev.underpin.caching.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.underpin.caching.Cached;
import dev.underpin.caching.Cached.Freshness;
import dev.underpin.result.Detail;
import dev.underpin.result.Result;
import dev.underpin.result.ValidationError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import nl.jqno.equalsverifier.EqualsVerifier;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CacheControlTest {
    private static final long SEED = 48;
    private static final int CASES = 1_000;
    private static final List<Directive> ALL = List.of(Directive.values());
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @Nested
    class Building {
        @Test
        void build_everyDirectiveOfAPublicResponse_isPrintedInOrder() {
            var value = built(CacheControl.builder()
                    .staleIfError(Duration.ofDays(1))
                    .staleWhileRevalidate(Duration.ofSeconds(30))
                    .immutable()
                    .proxyRevalidate()
                    .sMaxAge(Duration.ofHours(1))
                    .maxAge(MINUTE)
                    .noTransform()
                    .cachePublic());

            assertThat(value.headers())
                    .isEqualTo(Map.of(
                            "Cache-Control",
                            "public, no-transform, max-age=60, s-maxage=3600, proxy-revalidate, immutable,"
                                    + " stale-while-revalidate=30, stale-if-error=86400"));
        }

        @Test
        void build_everythingThatRestricts_isNoContradiction() {
            var value = built(CacheControl.builder()
                    .cachePrivate()
                    .noCache()
                    .noStore()
                    .mustUnderstand()
                    .mustRevalidate()
                    .proxyRevalidate()
                    .noTransform());

            assertThat(value)
                    .hasToString("private, no-cache, no-store, must-understand, no-transform, must-revalidate,"
                            + " proxy-revalidate");
        }

        @Test
        void build_nothing_hasNoHeader() {
            assertThat(built(CacheControl.builder()).headers()).isEmpty();
        }

        @Test
        void build_fractionOfASecond_isRoundedDown() {
            assertThat(built(CacheControl.builder().maxAge(Duration.ofMillis(1_999))))
                    .hasToString("max-age=1");
        }

        @Test
        void build_centuries_areTwoToThe31Seconds() {
            assertThat(built(CacheControl.builder()
                            .maxAge(Duration.ofSeconds(Long.MAX_VALUE))
                            .sMaxAge(Duration.ofSeconds(2_147_483_648L))
                            .staleIfError(Duration.ofSeconds(2_147_483_647L))))
                    .hasToString("max-age=2147483648, s-maxage=2147483648, stale-if-error=2147483647");
        }

        @Test
        void build_again_changesNothingThatWasBuilt() {
            var builder = CacheControl.builder().maxAge(MINUTE);
            var first = built(builder);

            assertThat(built(builder.maxAge(Duration.ZERO).noTransform())).hasToString("no-transform, max-age=0");
            assertThat(first).hasToString("max-age=60");
        }

        @ParameterizedTest
        @CsvSource({
            "no-store, public",
            "no-store, max-age",
            "no-store, s-maxage",
            "no-store, stale-while-revalidate",
            "no-store, stale-if-error",
            "no-cache, max-age",
            "no-cache, s-maxage",
            "no-cache, stale-while-revalidate",
            "no-cache, stale-if-error",
            "private, public",
            "private, s-maxage",
            "must-revalidate, stale-while-revalidate",
            "must-revalidate, stale-if-error"
        })
        void build_contradiction_isOneDetail(String strict, String lax) {
            assertThat(faults(add(lax, add(strict, CacheControl.builder()))))
                    .containsExactly(contradiction(lax, lax + " must not stand beside " + strict));
        }

        @Test
        void build_immutableWithoutMaxAge_isAContradiction() {
            assertThat(faults(CacheControl.builder().immutable().sMaxAge(MINUTE)))
                    .containsExactly(
                            contradiction("immutable", "immutable must stand beside max-age, which says for how long"));
        }

        @ParameterizedTest
        @ValueSource(strings = {"no-store", "no-cache"})
        void build_immutableBesideWhatIsNotToBeUsed_isAContradiction(String strict) {
            assertThat(faults(add(strict, CacheControl.builder().immutable().maxAge(MINUTE))))
                    .containsExactly(
                            contradiction("max-age", "max-age must not stand beside " + strict),
                            contradiction("immutable", "immutable must not stand beside " + strict));
        }

        @Test
        void build_severalContradictions_areADetailEach() {
            assertThat(faults(CacheControl.builder()
                            .noStore()
                            .cachePrivate()
                            .cachePublic()
                            .mustRevalidate()
                            .staleIfError(MINUTE)))
                    .extracting(Detail::message)
                    .containsExactly(
                            "public must not stand beside private",
                            "public must not stand beside no-store",
                            "stale-if-error must not stand beside no-store",
                            "stale-if-error must not stand beside must-revalidate");
        }

        /** RFC 9111, 5.2.2.3: who knows must-understand ignores no-store, so the rest is for them. */
        @Test
        void build_noStoreBesideMustUnderstand_mayHaveALifetime() {
            assertThat(built(CacheControl.builder().noStore().mustUnderstand().maxAge(MINUTE)))
                    .hasToString("no-store, must-understand, max-age=60");
        }

        /** Both bind shared caches alone, RFC 9111, 5.2.2.8 and 5.2.2.10. */
        @Test
        void build_staleBesideWhatBindsSharedCaches_isNoContradiction() {
            assertThat(built(CacheControl.builder()
                            .sMaxAge(MINUTE)
                            .proxyRevalidate()
                            .staleWhileRevalidate(MINUTE)))
                    .hasToString("s-maxage=60, proxy-revalidate, stale-while-revalidate=60");
        }

        @ParameterizedTest
        @CsvSource({
            "max-age, maxAge",
            "s-maxage, sMaxAge",
            "stale-while-revalidate, staleWhileRevalidate",
            "stale-if-error, staleIfError"
        })
        void builder_negativeDuration_isRejected(String directive, String name) {
            var setter = TIMED.get(directive);

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> setter.apply(CacheControl.builder(), Duration.ofSeconds(-1)))
                    .withMessage(name + " must not be negative: PT-1S");
            assertThatNullPointerException()
                    .isThrownBy(() -> setter.apply(CacheControl.builder(), null))
                    .withMessage(name);
        }
    }

    @Nested
    class Parsing {
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '`',
                value = {
                    // As other servers write it
                    "max-age=604800 | max-age=604800",
                    "public, max-age=31536000, immutable | public, max-age=31536000, immutable",
                    "max-age=600, stale-while-revalidate=30, stale-if-error=1200 "
                            + "| max-age=600, stale-while-revalidate=30, stale-if-error=1200",
                    "MAX-AGE=1,No-Transform | no-transform, max-age=1",
                    ",, max-age=1 ,\t, | max-age=1",
                    " max-age = 1 | max-age=1",
                    // Both syntaxes of an argument
                    "max-age=\"60\" | max-age=60",
                    "x=\"a, no-store, b\", max-age=1 | max-age=1",
                    "x=\"a\\\", no-store, \\\\\", max-age=1 | max-age=1",
                    // Fields: taken for the whole
                    "no-cache=\"set-cookie, x\", no-transform | no-cache, no-transform",
                    "private=\"set-cookie\", max-age=1 | private, max-age=1",
                    // What is not known, and what requests say
                    "community=\"UCI\", max-age=1, pre-check=0 | max-age=1",
                    "max-stale, min-fresh=5, only-if-cached, max-age=1 | max-age=1",
                    "max-ages=1 | ``",
                    "x max-age=1 | ``",
                    "=1, max-age=1 | max-age=1",
                    "=\"a, no-store, b\", max-age=1 | max-age=1",
                    // Numbers that are none: stale
                    "max-age | max-age=0",
                    "max-age= | max-age=0",
                    "max-age=\"\" | max-age=0",
                    "max-age=\" | max-age=0",
                    "max-age=-1 | max-age=0",
                    "max-age=+1 | max-age=0",
                    "max-age=1.5 | max-age=0",
                    "max-age=1s | max-age=0",
                    "max-age=1/ | max-age=0",
                    "max-age=1: | max-age=0",
                    "max-age='1' | max-age=0",
                    "max-age=1 2 | max-age=0",
                    "max-age=\"1\"2 | max-age=0",
                    "max-age=\"1 | max-age=0",
                    "max-age=1\" | max-age=0",
                    "max-age=\u0661 | max-age=0",
                    "s-maxage=x, stale-if-error=y | s-maxage=0, stale-if-error=0",
                    // Large ones
                    "max-age=007 | max-age=7",
                    "max-age=2147483647 | max-age=2147483647",
                    "max-age=2147483649 | max-age=2147483648",
                    "max-age=99999999999999999999999999 | max-age=2147483648",
                    // The more restrictive of several
                    "max-age=10, max-age=60 | max-age=10",
                    "max-age=60, max-age=10 | max-age=10",
                    "max-age=60, max-age=x | max-age=0",
                    "no-store, no-store=1 | no-store",
                    "max-age=1, no-store, public, immutable, s-maxage=1, stale-if-error=1 | no-store",
                    "no-cache, max-age=1, public | public, no-cache",
                    "public, private, s-maxage=1, max-age=1 | private, max-age=1",
                    "must-revalidate, stale-if-error=1, stale-while-revalidate=1, max-age=1 "
                            + "| max-age=1, must-revalidate",
                    "immutable | ``",
                    "must-understand, no-store, max-age=1 | no-store, must-understand, max-age=1",
                    "private, no-cache, no-store, max-age=0, must-revalidate "
                            + "| private, no-cache, no-store, must-revalidate",
                    // A quote that nothing closes hides nothing
                    "private=\"set-cookie, no-store | private, no-store",
                    "private, x=\"set-cookie, no-store | private, no-store",
                    "x=\"\\\", no-store | no-store",
                    "x=\"a\\ | ``",
                    "x=y\", no-store, z\" | no-store",
                    "\"no-store\", x=1 | ``",
                    "`` | ``"
                })
        void parse_field_keepsWhatCounts(String field, String expected) {
            assertThat(CacheControl.parse(field)).hasToString(expected);
        }

        @Test
        void parse_null_saysNothing() {
            assertThat(CacheControl.parse(null)).isEqualTo(built(CacheControl.builder()));
        }

        /** Goes on until the timeout of tests if characters are looked at once more for each directive. */
        @ParameterizedTest
        @ValueSource(strings = {",", "=", "\"", "x=\"", "x=\"\\", "x=\"\\,", "max-age=\"9", "\\", "no-store,", " "})
        void parse_megabytes_isLinear(String repeated) {
            String field = repeated.repeat(2_000_000 / repeated.length());

            assertThat(CacheControl.parse(field + ",private").isPublic()).isFalse();
        }

        /** Whatever the text, the value is one that a builder makes, so it contradicts nothing and prints what it is. */
        @Test
        void parse_anyListOfDirectives_isAValueThatCanBeBuilt() {
            var random = new Random(SEED);
            for (int i = 0; i < CASES; i++) {
                String field = randomField(random);
                var parsed = CacheControl.parse(field);

                assertThat(built(rebuild(parsed)))
                        .as("seed %d, %s", SEED, field)
                        .isEqualTo(parsed);
                assertThat(CacheControl.parse(parsed.toString()))
                        .as("seed %d, %s", SEED, field)
                        .isEqualTo(parsed);
            }
        }

        /** The order of the directives does not count, nor does saying one twice. */
        @Test
        void parse_reversedAndRepeated_isTheSame() {
            var random = new Random(SEED);
            for (int i = 0; i < CASES; i++) {
                var parts = new ArrayList<>(List.of(randomField(random).split(", ")));
                var parsed = CacheControl.parse(String.join(",", parts));
                parts.add(parts.get(0));
                Collections.reverse(parts);

                assertThat(CacheControl.parse(String.join(" , ", parts)))
                        .as("seed %d, %s", SEED, parts)
                        .isEqualTo(parsed);
            }
        }

        @Test
        void parse_whatWasBuilt_isThat() {
            var random = new Random(SEED);
            int contradictions = 0;
            for (int i = 0; i < CASES; i++) {
                var result = randomBuilder(random).build();
                contradictions += result.isOk() ? 0 : 1;
                result.onOk(
                        value -> assertThat(CacheControl.parse(value.headers().getOrDefault("Cache-Control", "")))
                                .as("seed %d", SEED)
                                .isEqualTo(value));
            }
            assertThat(contradictions).isBetween(CASES / 10, CASES * 9 / 10);
        }

        private static String randomField(Random random) {
            String[] numbers = {"=0", "=60", "=\"5\"", "=x", "", "=99999999999"};
            var parts = new ArrayList<String>();
            do {
                var directive = ALL.get(random.nextInt(ALL.size()));
                parts.add(directive.text + (directive.hasSeconds ? numbers[random.nextInt(numbers.length)] : ""));
            } while (random.nextInt(5) > 0);
            return String.join(", ", parts);
        }

        private static CacheControl.Builder randomBuilder(Random random) {
            var builder = CacheControl.builder();
            for (var directive : ALL) {
                if (random.nextInt(6) == 0) {
                    builder = add(directive.text, builder);
                }
            }
            return builder;
        }

        private static CacheControl.Builder rebuild(CacheControl value) {
            var builder = CacheControl.builder();
            value.maxAge().ifPresent(builder::maxAge);
            value.sMaxAge().ifPresent(builder::sMaxAge);
            value.staleWhileRevalidate().ifPresent(builder::staleWhileRevalidate);
            value.staleIfError().ifPresent(builder::staleIfError);
            var flags = Map.<String, Boolean>of(
                    "no-store", value.noStore(),
                    "no-cache", value.noCache(),
                    "private", value.isPrivate(),
                    "public", value.isPublic(),
                    "must-revalidate", value.mustRevalidate(),
                    "proxy-revalidate", value.proxyRevalidate(),
                    "must-understand", value.mustUnderstand(),
                    "no-transform", value.noTransform(),
                    "immutable", value.immutable());
            for (var flag : flags.entrySet()) {
                builder = flag.getValue() ? add(flag.getKey(), builder) : builder;
            }
            return builder;
        }
    }

    @Nested
    class OfAnEntry {
        @ParameterizedTest
        @EnumSource(
                value = Freshness.class,
                names = {"FRESH", "REFRESHING"})
        void of_fresh_isWhatRemains(Freshness freshness) {
            var cached = new Cached<>(
                    "a", freshness, Duration.ofSeconds(20), Duration.ofMillis(40_999), Duration.ofMillis(300_999));

            assertThat(CacheControl.of(cached))
                    .hasToString("private, max-age=40, stale-while-revalidate=300, stale-if-error=300");
        }

        @Test
        void of_fresh_hasNoOtherHeader() {
            var cached = new Cached<>("a", Freshness.FRESH, MINUTE, MINUTE, Duration.ZERO);

            assertThat(CacheControl.of(cached).headers()).isEqualTo(Map.of("Cache-Control", "private, max-age=60"));
        }

        @Test
        void of_lessThanASecondOfStaleness_saysNothingOfIt() {
            var cached = new Cached<>("a", Freshness.FRESH, MINUTE, MINUTE, Duration.ofMillis(999));

            assertThat(CacheControl.of(cached)).hasToString("private, max-age=60");
        }

        /** The value must be asked for again, and may be kept for as long as it may here. */
        @Test
        void of_stale_mayBeServedOnErrorsOnly() {
            var cached = new Cached<>("a", Freshness.STALE_ON_ERROR, MINUTE, Duration.ZERO, Duration.ofSeconds(90));

            assertThat(CacheControl.of(cached)).hasToString("private, max-age=0, stale-if-error=90");
        }

        @Test
        void of_durationsBeyondAllBounds_areTaken() {
            var cached = new Cached<>(
                    "a",
                    Freshness.FRESH,
                    Duration.ZERO,
                    Duration.ofSeconds(Long.MAX_VALUE),
                    Duration.ofSeconds(Long.MIN_VALUE));

            assertThat(CacheControl.of(cached)).hasToString("private, max-age=2147483648");
        }

        @Test
        void of_overdue_isNotNegative() {
            var cached = new Cached<>("a", Freshness.FRESH, MINUTE, Duration.ofSeconds(-3), Duration.ofSeconds(2));

            assertThat(CacheControl.of(cached))
                    .hasToString("private, max-age=0, stale-while-revalidate=2, stale-if-error=2");
        }

        @Test
        void of_anyEntry_contradictsNothing() {
            for (var freshness : Freshness.values()) {
                var value = CacheControl.of(new Cached<>("a", freshness, MINUTE, MINUTE, MINUTE));

                assertThat(CacheControl.parse(value.toString())).isEqualTo(value);
            }
        }

        @Test
        void shared_privateValue_isNotPrivate() {
            var value = CacheControl.of(new Cached<>("a", Freshness.FRESH, MINUTE, MINUTE, Duration.ZERO));

            assertThat(value.shared()).hasToString("max-age=60");
            assertThat(value.isPrivate()).isTrue();
        }
    }

    @Test
    void noStore_isThat() {
        assertThat(CacheControl.NO_STORE.headers()).isEqualTo(Map.of("Cache-Control", "no-store"));
    }

    @Test
    void equals_directives_decide() {
        EqualsVerifier.forClass(CacheControl.class)
                .withNonnullFields("directives")
                .verify();
    }

    private static final Map<String, BiFunction<CacheControl.Builder, Duration, CacheControl.Builder>> TIMED = Map.of(
            "max-age", CacheControl.Builder::maxAge,
            "s-maxage", CacheControl.Builder::sMaxAge,
            "stale-while-revalidate", CacheControl.Builder::staleWhileRevalidate,
            "stale-if-error", CacheControl.Builder::staleIfError);

    private static final Map<String, UnaryOperator<CacheControl.Builder>> FLAGS = Map.of(
            "no-store", CacheControl.Builder::noStore,
            "no-cache", CacheControl.Builder::noCache,
            "private", CacheControl.Builder::cachePrivate,
            "public", CacheControl.Builder::cachePublic,
            "must-revalidate", CacheControl.Builder::mustRevalidate,
            "proxy-revalidate", CacheControl.Builder::proxyRevalidate,
            "must-understand", CacheControl.Builder::mustUnderstand,
            "no-transform", CacheControl.Builder::noTransform,
            "immutable", CacheControl.Builder::immutable);

    private static CacheControl.Builder add(String directive, CacheControl.Builder builder) {
        var flag = FLAGS.get(directive);
        return flag != null ? flag.apply(builder) : TIMED.get(directive).apply(builder, MINUTE);
    }

    private static CacheControl built(CacheControl.Builder builder) {
        return builder.build().orElseThrow();
    }

    private static List<Detail> faults(CacheControl.Builder builder) {
        Result<CacheControl, ValidationError> result = builder.build();
        return result.fold(value -> List.of(), ValidationError::details);
    }

    private static Detail contradiction(String directive, String message) {
        return new Detail(directive, "CONTRADICTORY_DIRECTIVES", message, Map.of(), null);
    }
}
