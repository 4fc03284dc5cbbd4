package dev.underpin.errors.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.MDC;

class RequestContextTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String TRACEPARENT = "00-" + TRACE + "-00f067aa0ba902b7-01";

    @AfterEach
    void noLeftovers() {
        try {
            assertThat(MDC.getCopyOfContextMap()).isIn(null, Map.of());
        } finally {
            MDC.clear();
        }
    }

    private static RequestContext open(String... namesAndValues) {
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return RequestContext.open(headers::get);
    }

    @Nested
    class RequestIds {
        @ParameterizedTest
        @ValueSource(strings = {"a", "A-z_0.9", "5f6c7a52-91d3-4c0e-8f0a-3b1d2c4e5f60"})
        void open_validId_isKept(String id) {
            try (RequestContext context = open("X-Request-Id", id, "traceparent", TRACEPARENT)) {
                assertThat(context.requestId()).isEqualTo(id);
                assertThat(MDC.get("requestId")).isEqualTo(id);
            }
        }

        @Test
        void open_idOf128Characters_isKeptAndOneMoreIsNot() {
            try (RequestContext context = open("X-Request-Id", "a".repeat(128))) {
                assertThat(context.requestId()).isEqualTo("a".repeat(128));
            }
            try (RequestContext context = open("X-Request-Id", "a".repeat(129))) {
                assertThat(context.requestId()).hasSize(36);
            }
        }

        @ParameterizedTest
        @NullSource
        @ValueSource(
                strings = {
                    "",
                    " ",
                    "a b",
                    "a=1 tenantId=victim",
                    "x\r\nSet-Cookie: a=b",
                    "x\n",
                    "ä",
                    "\u0663",
                    "a/b",
                    "a:b",
                    "<script>",
                    "a\u0000"
                })
        void open_invalidId_isReplacedByAUuid(@Nullable String id) {
            try (RequestContext context = RequestContext.open(name -> name.equals("X-Request-Id") ? id : null)) {
                UUID uuid = UUID.fromString(context.requestId());

                assertThat(uuid.version()).isEqualTo(4);
                assertThat(uuid.variant()).isEqualTo(2);
                assertThat(MDC.get("requestId")).isEqualTo(context.requestId());
            }
        }

        @Test
        void open_withoutId_isAnotherOneEachTime() {
            try (RequestContext first = open();
                    RequestContext second = open()) {
                assertThat(first.requestId()).isNotEqualTo(second.requestId());
            }
        }

        @Test
        void open_withoutIdButWithTrace_isTheTraceId() {
            try (RequestContext context = open("X-Request-Id", "not valid", "traceparent", TRACEPARENT)) {
                assertThat(context.requestId()).isEqualTo(TRACE);
            }
        }
    }

    @Nested
    class Traces {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    TRACEPARENT,
                    "00-" + TRACE + "-00f067aa0ba902b7-00",
                    "01-" + TRACE + "-00f067aa0ba902b7-01",
                    "cc-" + TRACE + "-00f067aa0ba902b7-01-what-comes-later"
                })
        void open_validTraceparent_isInTheMdc(String traceparent) {
            try (RequestContext context = open("X-Request-Id", "a", "traceparent", traceparent)) {
                assertThat(context.traceId()).contains(TRACE);
                assertThat(MDC.getCopyOfContextMap()).isEqualTo(Map.of("requestId", "a", "traceId", TRACE));
            }
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "00",
                    "ff-" + TRACE + "-00f067aa0ba902b7-01",
                    "0x-" + TRACE + "-00f067aa0ba902b7-01",
                    "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                    "00-" + TRACE + "-0000000000000000-01",
                    "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                    "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
                    "00-" + TRACE + "-00f067aa0ba902bg-01",
                    "00-" + TRACE + "-00f067aa0ba902b7-0g",
                    "00-" + TRACE + "-00f067aa0ba902b7-01-more",
                    "01-" + TRACE + "-00f067aa0ba902b7-01more",
                    "00_" + TRACE + "-00f067aa0ba902b7-01",
                    "00-" + TRACE + "_00f067aa0ba902b7-01",
                    "00-" + TRACE + "-00f067aa0ba902b7_01",
                    "00-" + TRACE + "-00f067aa0ba902b7-0"
                })
        void open_invalidTraceparent_isIgnored(String traceparent) {
            try (RequestContext context = open("traceparent", traceparent)) {
                assertThat(context.traceId()).isEmpty();
                assertThat(context.requestId()).hasSize(36);
                assertThat(MDC.get("traceId")).isNull();
            }
        }
    }

    @Nested
    class Preferences {
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "fr                              | fr",
                    "fr-CH, fr;q=0.9, en;q=0.8, *;q=0.5 | fr-CH",
                    "de;q=0.5, it;q=0.7              | it",
                    "de, fr                          | de",
                    "*, fr;q=0.5                     | fr",
                    "fr;q=0, de;q=0.1                | de",
                    "zh-Hant-TW                      | zh-Hant-TW",
                    "*                               | en",
                    "fr;q=0                          | en",
                    "fr;q=nonsense                   | en",
                    "!!!                             | en",
                    "'fr\r\nX: y'                    | en",
                    "''                              | en"
                })
        void locale_acceptLanguage_isTheBestThatCanBeRead(String header, String tag) {
            try (RequestContext context = open("Accept-Language", header)) {
                assertThat(context.locale()).isEqualTo(Locale.forLanguageTag(tag));
            }
        }

        @Test
        void locale_hugeHeader_isEnglish() {
            try (RequestContext context = open("Accept-Language", "fr," + "de,".repeat(1_000))) {
                assertThat(context.locale()).isEqualTo(Locale.ENGLISH);
            }
        }

        @Test
        void locale_withoutHeader_isEnglishWhateverTheProcessHas() {
            Locale before = Locale.getDefault();
            Locale.setDefault(Locale.JAPAN);
            try (RequestContext context = open()) {
                assertThat(context.locale()).isEqualTo(Locale.ENGLISH);
            } finally {
                Locale.setDefault(before);
            }
        }

        @Test
        void accept_header_isKeptAsSent() {
            try (RequestContext with = open("Accept", "text/html;q=1");
                    RequestContext without = open()) {
                assertThat(with.accept()).contains("text/html;q=1");
                assertThat(without.accept()).isEmpty();
            }
        }

        @ParameterizedTest
        @CsvSource({
            "If-Match, true",
            "If-None-Match, true",
            "If-Modified-Since, true",
            "If-Unmodified-Since, true",
            "If-Range, false"
        })
        void conditional_header_isTold(String header, boolean conditional) {
            try (RequestContext context = open(header, "x")) {
                assertThat(context.conditional()).isEqualTo(conditional);
            }
        }
    }

    @Nested
    class HeaderFunctions {
        @Test
        void open_functionThatKnowsLowerCaseOnly_isAskedForThatToo() {
            Map<String, String> headers = Map.of("x-request-id", "a", "accept", "b", "if-match", "c");
            try (RequestContext context = RequestContext.open(headers::get)) {
                assertThat(context.requestId()).isEqualTo("a");
                assertThat(context.accept()).contains("b");
                assertThat(context.conditional()).isTrue();
            }
        }

        @Test
        void open_functionThrows_countsAsAbsent() {
            Function<String, @Nullable String> broken = name -> {
                throw new IllegalStateException("no headers");
            };
            try (RequestContext context = RequestContext.open(broken)) {
                assertThat(context.requestId()).hasSize(36);
                assertThat(context.conditional()).isFalse();
            }
        }

        @Test
        void open_functionThrowsAnError_letsItFly() {
            var error = new AssertionError("fly");

            assertThatThrownBy(() -> RequestContext.open(name -> {
                        throw error;
                    }))
                    .isSameAs(error);
        }

        @Test
        void open_requestReusedAfterwards_keepsWhatWasSent() {
            Map<String, String> headers = new HashMap<>(Map.of("Accept-Language", "fr", "Accept", "a"));
            try (RequestContext context = RequestContext.open(headers::get)) {
                headers.clear();

                assertThat(context.locale()).isEqualTo(Locale.FRENCH);
                assertThat(context.accept()).contains("a");
            }
        }

        @Test
        void open_null_isRejected() {
            assertThatNullPointerException()
                    .isThrownBy(() -> RequestContext.open(null))
                    .withMessage("headers");
        }
    }

    @Nested
    class Values {
        @Test
        void put_value_isInTheMdcUntilClosed() {
            MDC.put("user", "outer");
            try (RequestContext context = open("X-Request-Id", "a")) {
                context.put("user", "ann").put("tenant", "t1").put("user", "bob");

                assertThat(MDC.getCopyOfContextMap())
                        .isEqualTo(Map.of("requestId", "a", "user", "bob", "tenant", "t1"));
            }
            assertThat(MDC.getCopyOfContextMap()).isEqualTo(Map.of("user", "outer"));
            MDC.clear();
        }

        @Test
        void put_whatCouldEndALogLine_isReplaced() {
            try (RequestContext context = open()) {
                context.put("user", "a\r\nb\u0000c\u001bd\u2028e\u202ef\u0085g\tä 😀");

                assertThat(MDC.get("user")).isEqualTo("a__b_c_d_e_f_g_ä 😀");
            }
        }

        @Test
        void put_longValue_isCutAfter128Characters() {
            try (RequestContext context = open()) {
                context.put("user", "x".repeat(128)).put("tenant", "y".repeat(1_000_000));
                context.put("pair", "z".repeat(127) + "😀");

                assertThat(MDC.get("user")).isEqualTo("x".repeat(128));
                assertThat(MDC.get("tenant")).isEqualTo("y".repeat(128));
                assertThat(MDC.get("pair")).isEqualTo("z".repeat(127));
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"requestId", "traceId"})
        void put_ownKey_isRejected(String key) {
            try (RequestContext context = open()) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> context.put(key, "forged"))
                        .withMessageEndingWith(key);
                assertThat(MDC.get("requestId")).isEqualTo(context.requestId());
            }
        }

        @Test
        void put_afterClose_isRejected() {
            RequestContext context = open();
            context.close();

            assertThatIllegalStateException().isThrownBy(() -> context.put("user", "ann"));
        }
    }
}
