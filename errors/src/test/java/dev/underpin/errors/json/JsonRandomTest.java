package dev.underpin.errors.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.Detail;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.math.BigDecimal;
import java.time.DayOfWeek;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Random bytes, and bodies that were valid before chance had its way with them. */
class JsonRandomTest {
    private static final long SEED = 20261121;
    private static final int ROUNDS = 1_500;

    record Line(String sku, int quantity, @Nullable BigDecimal price) {
        Line {
            if (quantity < 0) {
                throw new IllegalArgumentException("hunter2");
            }
        }
    }

    record Order(
            String customer,
            List<Line> lines,
            Map<String, Double> rates,
            @Nullable DayOfWeek day,
            boolean gift) {}

    private static final String[] VALID = {
        "{\"customer\":\"ann\",\"lines\":[{\"sku\":\"a\",\"quantity\":1,\"price\":12.5},{\"sku\":\"b\",\"quantity\":2}],"
                + "\"rates\":{\"eur\":1.5,\"usd\":2e3},\"day\":\"FRIDAY\",\"gift\":true}",
        "{\"error\":{\"code\":\"OUT_OF_STOCK\",\"message\":\"m\",\"details\":[{\"field\":\"a[1].b\",\"message\":\"m\","
                + "\"code\":\"C_D\",\"in\":\"body\",\"params\":{\"max\":3,\"l\":[1,\"a\"]}}],\"requestId\":\"r-1\","
                + "\"retryable\":true,\"retryAfterSeconds\":3,\"docUrl\":\"https://x\"}}",
        "{\"type\":\"about:blank\",\"title\":\"t\",\"status\":409,\"detail\":\"d\",\"code\":\"A_B\",\"requestId\":\"r\","
                + "\"errors\":[{\"detail\":\"d\",\"pointer\":\"#/a/0\",\"code\":\"C_D\"}]}"
    };
    private static final String[] SPLICES = {
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "null",
        "true",
        "-",
        "1e999999999",
        "\\u0000",
        "\\ud800",
        "\"hunter2\"",
        "{\"a\":{\"a\":",
        "[[[[",
        "\u202e",
        "NaN",
        "/*",
        "//",
        "99999999999999999999",
        "\ufeff"
    };

    private static byte[] body(Random random) {
        if (random.nextInt(10) == 0) {
            byte[] bytes = new byte[random.nextInt(64)];
            random.nextBytes(bytes);
            return bytes;
        }
        StringBuilder text = new StringBuilder(VALID[random.nextInt(VALID.length)]);
        for (int i = random.nextInt(4); i >= 0; i--) {
            int at = random.nextInt(text.length() + 1);
            int end = Math.min(text.length(), at + random.nextInt(6));
            switch (random.nextInt(3)) {
                case 0 -> text.delete(at, end);
                case 1 -> text.insert(at, SPLICES[random.nextInt(SPLICES.length)]);
                default -> text.replace(at, end, SPLICES[random.nextInt(SPLICES.length)]);
            }
        }
        byte[] bytes = text.toString().getBytes(UTF_8);
        if (bytes.length > 0 && random.nextInt(5) == 0) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        return bytes;
    }

    @ParameterizedTest
    @EnumSource
    void read_anyBytes_isAValueOrAnErrorThatGivesNothingAway(Jacksons jackson) {
        Random random = new Random(SEED);
        Json[] jsons = {jackson.standard(), jackson.strict()};
        int values = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] body = body(random);
            for (Json json : jsons) {
                Result<Order, DomainError> result = json.read(body, Order.class);
                if (result instanceof Result.Err<Order, DomainError> err) {
                    assertSafe(err.error());
                } else {
                    values++;
                }
            }
        }
        assertThat(values).isPositive();
    }

    @ParameterizedTest
    @EnumSource
    void readError_anyBytes_isAnError(Jacksons jackson) {
        Random random = new Random(SEED);
        Json json = jackson.standard();
        for (int round = 0; round < ROUNDS; round++) {
            byte[] body = body(random);

            DomainError error = json.readError(random.nextInt(700), name -> new String(body(random), UTF_8), body);

            assertThat(error.message()).isEqualTo(error.kind().code().text());
            assertThat(error.details().size()).isLessThanOrEqualTo(100);
        }
    }

    private static void assertSafe(DomainError error) {
        assertThat(error.kind().code()).isEqualTo(error.code());
        for (Detail detail : error.details()) {
            assertThat(detail.message()).doesNotContain("hunter2", "Jackson", "Exception", "dev.underpin", "java.lang");
            assertThat(detail.field().chars()).allMatch(c -> c >= ' ');
            assertThat(detail.args().keySet()).isSubsetOf("line", "column");
        }
    }
}
