package dev.underpin.idempotency;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.Detail;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.Retry;
import dev.underpin.result.spi.Codec;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutcomeTest {
    private static final ErrorCode OUT_OF_STOCK =
            ErrorCode.of(ErrorKind.UNPROCESSABLE, "OUT_OF_STOCK", "Only {left} of {sku} left");

    @Test
    void ok_bytes_areThoseOfTheFormat() {
        assertThat(hex(encode(Result.ok("r\u20ac")))).isEqualTo("0101" + "72e282ac");
        assertThat(decode("0101" + "72e282ac").orElseThrow()).isEqualTo("r\u20ac");
    }

    @Test
    void err_bytes_areThoseOfTheFormat() {
        Map<String, Object> args = new LinkedHashMap<>();
        args.put("left", 3);
        args.put("sku", "A");
        DomainError error = DomainError.builder(OUT_OF_STOCK).args(args).build();
        String golden = "0102" + text("UNPROCESSABLE") + text("OUT_OF_STOCK") + text("Only {left} of {sku} left")
                + text("NO") + "00000002" + text("left") + "020000000000000003" + text("sku") + "01" + text("A")
                + "00000000" + "ffffffffffffffff";

        assertThat(hex(encode(Result.err(error)))).isEqualTo(golden);
        assertThat(errorOf(decode(golden)).message()).isEqualTo("Only 3 of A left");
    }

    @Test
    void err_everyPart_comesBack() {
        UUID id = UUID.randomUUID();
        Map<String, Object> args = new LinkedHashMap<>();
        args.put("long", Long.MIN_VALUE);
        args.put("short", (short) 7);
        args.put("double", 0.1);
        args.put("decimal", new BigDecimal("1.50"));
        args.put("big", new BigInteger("123456789012345678901234567890"));
        args.put("yes", true);
        args.put("no", false);
        args.put("id", id);
        args.put("kind", ErrorKind.TIMEOUT);
        args.put("list", List.of(1, "a", List.of(), Map.of("x", 1.5)));
        DomainError error = DomainError.builder(OUT_OF_STOCK)
                .args(args)
                .detail(new Detail("items[0]", "X", "is wrong", Map.of("max", 3L), "body"))
                .detail(new Detail("$", "Y", "is wrong, too", Map.of(), null))
                .retry(Retry.HIGHER_LEVEL)
                .retryAfter(Duration.ofMillis(1500))
                .cause(new IllegalStateException("for the log of the first run"))
                .build();

        DomainError again = errorOf(decode(hex(encode(Result.err(error)))));

        assertThat(again.code()).isEqualTo(OUT_OF_STOCK);
        assertThat(again.kind()).isEqualTo(ErrorKind.UNPROCESSABLE);
        assertThat(again.code().text()).isEqualTo(OUT_OF_STOCK.text());
        assertThat(again.message()).isEqualTo(error.message());
        assertThat(again.retry()).isEqualTo(Retry.HIGHER_LEVEL);
        assertThat(again.retryAfter()).contains(Duration.ofMillis(1500));
        assertThat(again.details()).isEqualTo(error.details());
        assertThat(again.cause()).isEmpty();
        assertThat(again.args())
                .containsExactly(
                        Map.entry("long", Long.MIN_VALUE),
                        Map.entry("short", 7L),
                        Map.entry("double", 0.1),
                        Map.entry("decimal", new BigDecimal("1.50")),
                        Map.entry("big", new BigInteger("123456789012345678901234567890")),
                        Map.entry("yes", true),
                        Map.entry("no", false),
                        Map.entry("id", id.toString()),
                        Map.entry("kind", "TIMEOUT"),
                        Map.entry("list", List.of(1L, "a", List.of(), Map.of("x", 1.5))));
    }

    @Test
    void err_argumentsNestedWithoutEnd_becomeText() {
        Object nested = "leaf";
        for (int i = 0; i < 1_000; i++) {
            nested = List.of(nested);
        }
        byte[] bytes = encode(
                Result.err(DomainError.builder(OUT_OF_STOCK).arg("deep", nested).build()));

        assertThat(errorOf(Outcome.decode(bytes, Texts.INSTANCE)).code()).isEqualTo(OUT_OF_STOCK);
    }

    @Test
    void err_twentyLevels_comeBackAndDeeperOnesAsText() {
        assertThat(nested(20)).isEqualTo(lists(20));
        assertThat(nested(21).toString()).isEqualTo(lists(21).toString());
        assertThat(nested(21)).isNotEqualTo(lists(21));
    }

    private static Object nested(int levels) {
        DomainError error =
                DomainError.builder(OUT_OF_STOCK).arg("deep", lists(levels)).build();
        return errorOf(decode(hex(encode(Result.err(error))))).args().get("deep");
    }

    private static Object lists(int levels) {
        Object nested = "leaf";
        for (int i = 0; i < levels; i++) {
            nested = i % 2 == 0 ? List.of(nested) : Map.of("k", nested);
        }
        return nested;
    }

    @Test
    void err_retryAfterZero_comesBack() {
        DomainError error =
                DomainError.builder(OUT_OF_STOCK).retryAfter(Duration.ZERO).build();

        assertThat(errorOf(decode(hex(encode(Result.err(error))))).retryAfter()).contains(Duration.ZERO);
    }

    @Test
    void encode_largerThanAllowed_leavesThatItWas() {
        assertThat(hex(Outcome.encode(Result.ok("12345"), Texts.INSTANCE, 5))).isEqualTo("01013132333435");
        byte[] ok = Outcome.encode(Result.ok("123456"), Texts.INSTANCE, 5);
        byte[] err = Outcome.encode(Result.err(OUT_OF_STOCK.error()), Texts.INSTANCE, 5);

        assertThat(hex(ok)).isEqualTo("0103");
        assertThat(hex(err)).isEqualTo("0103");
        assertThat(errorOf(decode("0103")).code()).isEqualTo(IdempotencyErrors.IDEMPOTENCY_ANSWER_NOT_KEPT);
    }

    @Test
    void encode_codecFails_leavesThatItDid() {
        byte[] checked = encode(Result.ok("IOException"));
        byte[] unchecked = encode(Result.ok("IllegalStateException"));

        assertThat(hex(checked)).isEqualTo("0104");
        assertThat(hex(unchecked)).isEqualTo("0104");
        assertThat(errorOf(decode("0104")).code()).isEqualTo(IdempotencyErrors.IDEMPOTENCY_ANSWER_UNREADABLE);
    }

    @Test
    void decode_codecFails_isUnreadableWithTheCause() {
        DomainError error = errorOf(decode("0101" + hex("IOException".getBytes(UTF_8))));

        assertThat(error.code()).isEqualTo(IdempotencyErrors.IDEMPOTENCY_ANSWER_UNREADABLE);
        assertThat(error.cause().orElseThrow()).hasMessage("no such text");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "01", "0201", "00", "0100", "0106", "01ff", "0102", "010200000001", "01027fffffff41"})
    void decode_anythingElse_isUnreadable(String hex) {
        assertThat(errorOf(decode(hex)).code()).isEqualTo(IdempotencyErrors.IDEMPOTENCY_ANSWER_UNREADABLE);
    }

    @Test
    void decode_errorCutOrExtended_isUnreadable() {
        byte[] whole = encode(Result.err(DomainError.builder(OUT_OF_STOCK)
                .arg("a", List.of(1, Map.of("b", true)))
                .detail(Detail.of("f", OUT_OF_STOCK))
                .build()));
        for (int length = 0; length < whole.length; length++) {
            assertThat(errorOf(Outcome.decode(Arrays.copyOf(whole, length), Texts.INSTANCE))
                            .code())
                    .as("the first %d of %d bytes", length, whole.length)
                    .isEqualTo(IdempotencyErrors.IDEMPOTENCY_ANSWER_UNREADABLE);
        }
        assertThat(errorOf(Outcome.decode(Arrays.copyOf(whole, whole.length + 1), Texts.INSTANCE))
                        .code())
                .isEqualTo(IdempotencyErrors.IDEMPOTENCY_ANSWER_UNREADABLE);
    }

    @Test
    void notDone_bytes_areThoseOfTheFormat() {
        assertThat(hex(Outcome.notDone())).isEqualTo("0105");
        assertThat(Outcome.isNotDone(Outcome.notDone())).isTrue();
        assertThat(Outcome.isNotDone(new byte[0])).isFalse();
        assertThat(Outcome.isNotDone(new byte[] {1, 1})).isFalse();
    }

    private static byte[] encode(Result<String, DomainError> answer) {
        return Outcome.encode(answer, Texts.INSTANCE, Outcome.UNLIMITED);
    }

    private static Result<String, DomainError> decode(String hex) {
        return Outcome.decode(HexFormat.of().parseHex(hex), Texts.INSTANCE);
    }

    private static DomainError errorOf(Result<String, DomainError> result) {
        return result.fold(ok -> null, error -> error);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static String text(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return String.format("%08x", bytes.length) + hex(bytes);
    }

    /** Texts in UTF-8, and failures by name. */
    enum Texts implements Codec<String> {
        INSTANCE;

        @Override
        public byte[] encode(String value) throws IOException {
            fail(value);
            return value.getBytes(UTF_8);
        }

        @Override
        public String decode(byte[] bytes) throws IOException {
            String value = new String(bytes, UTF_8);
            fail(value);
            return value;
        }

        private static void fail(String value) throws IOException {
            if (value.equals("IOException")) {
                throw new IOException("no such text");
            }
            if (value.equals("IllegalStateException")) {
                throw new IllegalStateException("no such text");
            }
        }
    }
}
