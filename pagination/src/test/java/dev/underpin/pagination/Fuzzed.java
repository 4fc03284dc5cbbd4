package dev.underpin.pagination;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.result.Detail;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The listing that is fuzzed, with a key of every type, and what holds whatever a client sends. */
final class Fuzzed {
    /** A row, which no fuzzing needs. */
    record Nothing(
            String text,
            @Nullable BigDecimal decimal,
            @Nullable Double real,
            Instant instant,
            LocalDate date,
            @Nullable LocalDateTime dateTime,
            boolean flag,
            UUID uuid,
            long id) {}

    private enum Status {
        OPEN,
        CLOSED
    }

    static final Paginator PAGINATOR = Paginator.builder(1, new byte[32]).build();
    static final PageSpec<Nothing> SPEC = PageSpec.named("fuzzed", Nothing.class)
            .sort("text", "f.text", ColumnType.TEXT, Nothing::text)
            .sortNullsFirst("decimal", "f.dec", ColumnType.DECIMAL, Nothing::decimal)
            .sortNullsLast("real", "f.real", ColumnType.DOUBLE, Nothing::real)
            .sort("instant", "f.instant", ColumnType.INSTANT, Nothing::instant)
            .sort("date", "f.date", ColumnType.DATE, Nothing::date)
            .sortNullsLast("dateTime", "f.date_time", ColumnType.DATE_TIME, Nothing::dateTime)
            .sort("flag", "f.flag", ColumnType.BOOLEAN, Nothing::flag)
            .sort("uuid", "f.uuid", ColumnType.UUID, Nothing::uuid)
            .unique("id", "f.id", ColumnType.LONG, Nothing::id)
            .filter("status", "f.status", ColumnType.ofEnum(Status.class))
            .filterRange("total", "f.total", ColumnType.DECIMAL)
            .filterRange("at", "f.at", ColumnType.INSTANT)
            .filterPrefix("name", "f.name")
            .fields("text", "decimal", "real", "instant", "date", "dateTime", "flag", "uuid", "id")
            .size(20, 100)
            .allowOffset(10_000)
            .build();

    private static final Set<String> OF_CURSORS = Set.of("CURSOR_INVALID", "CURSOR_EXPIRED", "CURSOR_MISMATCH");
    private static final Set<String> OF_PARAMETERS = Set.of(
            "UNKNOWN_SORT",
            "UNKNOWN_FILTER",
            "FILTER_INVALID",
            "FILTER_TOO_LARGE",
            "UNKNOWN_FIELD",
            "NUMBER_INVALID",
            "PAGE_TOO_LARGE",
            "PARAMETER_CONFLICT");

    private Fuzzed() {}

    /** Reads parameters, which gives a request or some of the declared errors. */
    @CanIgnoreReturnValue
    static Result<PageQuery<Nothing>, DomainError> parse(Map<String, List<String>> params) {
        Result<PageQuery<Nothing>, DomainError> result = PAGINATOR.parse(SPEC, params, "");
        if (result instanceof Result.Err<?, DomainError> err) {
            DomainError error = err.error();
            if (error.kind() == ErrorKind.MALFORMED) {
                assertThat(OF_CURSORS).contains(error.code().name());
            } else {
                assertThat(error.kind()).isEqualTo(ErrorKind.VALIDATION);
                assertThat(error.details()).isNotEmpty();
                assertThat(OF_PARAMETERS)
                        .containsAll(error.details().stream().map(Detail::code).toList());
            }
        }
        return result;
    }

    /** {@return one of the dialects, for any number} */
    static Dialect dialect(int number) {
        List<Dialect> dialects = List.of(Dialect.values());
        return dialects.get(Math.floorMod(number, dialects.size()));
    }

    /** {@return both statements} */
    static String text(PageQuery<Nothing> query, Dialect dialect) {
        SeekSql sql = query.sql(dialect, "select f.id{keys} from f where {seek} {order} {limit}", "");
        return sql.rows() + '\n' + sql.previousProbe();
    }
}
