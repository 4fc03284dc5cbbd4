package dev.underpin.pagination;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import com.code_intelligence.jazzer.mutation.annotation.WithLength;
import dev.underpin.pagination.PageQuery.Start;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes as the values of a cursor that is signed with the right key for the right request: what another version of a
 * service could have written. Fuzzed by the profile {@code fuzz}; other builds repeat the seeds.
 */
class CursorValuesFuzzTest {
    private static final List<String> SORTS = List.of(
            "id",
            "text",
            "-decimal",
            "real,-text",
            "instant,-date",
            "-dateTime,decimal,flag",
            "uuid,-real,dateTime,text",
            "real,decimal,dateTime,-id");

    static Stream<Arguments> values() {
        return Stream.of(
                seed(0, 7L),
                seed(1, "' or true --", 7L),
                seed(1, "\u0000", 7L),
                seed(2, new BigDecimal("12.50"), 7L),
                seed(2, null, 7L),
                seed(3, Double.NaN, "x", 7L),
                seed(4, Instant.parse("2026-01-31T08:00:00.123456Z"), LocalDate.of(2026, 1, 31), 7L),
                seed(5, LocalDateTime.parse("2026-01-31T08:00:00.123456789"), null, true, 7L),
                seed(6, new UUID(1, 2), null, null, "x", Long.MAX_VALUE),
                seed(0, "of another type"),
                seed(0, 7L, 8L),
                Arguments.of(2, false, false, new byte[] {Form.TAG_DECIMAL, -1, -1, -1, -1, 15, 1, 1}));
    }

    private static Arguments seed(int sort, @Nullable Object... values) {
        var out = new CursorWriter();
        for (Object value : values) {
            write(out, value);
        }
        return Arguments.of(sort, sort % 2 == 1, false, out.toByteArray());
    }

    private static void write(CursorWriter out, @Nullable Object value) {
        if (value instanceof Long n) {
            ColumnType.LONG.write(out, n);
        } else if (value instanceof String text) {
            ColumnType.TEXT.write(out, text);
        } else if (value instanceof BigDecimal decimal) {
            ColumnType.DECIMAL.write(out, decimal);
        } else if (value instanceof Double real) {
            ColumnType.DOUBLE.write(out, real);
        } else if (value instanceof Instant instant) {
            ColumnType.INSTANT.write(out, instant);
        } else if (value instanceof LocalDate date) {
            ColumnType.DATE.write(out, date);
        } else if (value instanceof LocalDateTime dateTime) {
            ColumnType.DATE_TIME.write(out, dateTime);
        } else if (value instanceof Boolean flag) {
            ColumnType.BOOLEAN.write(out, flag);
        } else if (value instanceof UUID uuid) {
            ColumnType.UUID.write(out, uuid);
        } else {
            out.octet(Form.TAG_NULL);
        }
    }

    @MethodSource("values")
    @FuzzTest
    void parse_anyValues_areBoundAndNeverText(
            int sort, boolean backward, boolean inclusive, byte @NotNull @WithLength(max = 700) [] values) {
        PageQuery<Fuzzed.Nothing> first = Fuzzed.parse(sorted(sort)).orElseThrow();
        String cursor = first.from(new Start(backward, inclusive, List.of(), values))
                .cursorOfStart(backward)
                .orElseThrow();
        Map<String, List<String>> asked = Map.of("sort", sorted(sort).get("sort"), "cursor", List.of(cursor));

        Result<PageQuery<Fuzzed.Nothing>, DomainError> result = Fuzzed.parse(asked);

        if (result.isOk()) {
            PageQuery<Fuzzed.Nothing> query = result.orElseThrow();
            PageQuery<Fuzzed.Nothing> plain = first.from(plain(query.start(), backward, inclusive));
            Dialect dialect = Fuzzed.dialect(sort);
            assertThat(Fuzzed.text(query, dialect)).isEqualTo(Fuzzed.text(plain, dialect));
        } else {
            DomainError error = ((Result.Err<?, DomainError>) result).error();
            assertThat(error.code()).isEqualTo(PaginationErrors.CURSOR_INVALID);
        }
    }

    private static Map<String, List<String>> sorted(int sort) {
        return Map.of("sort", List.of(SORTS.get(Math.floorMod(sort, SORTS.size()))));
    }

    /** {@return a place with nulls where another one has them, and one value everywhere else} */
    private static Start plain(Start start, boolean backward, boolean inclusive) {
        List<@Nullable Object> values = new ArrayList<>();
        for (Object value : start.values()) {
            values.add(value == null ? null : 1);
        }
        return new Start(backward, inclusive, values, new byte[0]);
    }
}
