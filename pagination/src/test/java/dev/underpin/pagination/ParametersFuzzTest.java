package dev.underpin.pagination;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Any parameters of a query. Fuzzed by the profile {@code fuzz}; other builds repeat the seeds. */
class ParametersFuzzTest {
    private static final List<String> NAMES = List.of(
            "sort",
            "size",
            "page",
            "fields",
            "status",
            "total",
            "total[gte]",
            "at",
            "at[lt]",
            "name",
            "cursor",
            "before");

    static Stream<Arguments> parameters() {
        return Stream.of(
                seed("", "-text,decimal", "50", null, "id,text"),
                seed("", null, null, "3", null, "OPEN", "12.50", "1e3", "2026-01-31T08:00:00Z", null, "50%_"),
                seed("", "text,id", "0", null, null, null, null, null, null, "2026-01-31T10:00:00+02:00"),
                seed("password", "x' or true --", "-1", "99999999999999999999", "password"),
                seed("", null, null, null, null, "GONE", "NaN", "1e99999", "yesterday", "x", "\u0000"),
                seed("total[ne]", null, null, "1", null, null, null, null, null, null, null, "AQcAAw", "AQcAAw"));
    }

    /** {@return a name, and a value for each of the known ones, or null} */
    private static Arguments seed(String other, String... values) {
        return Arguments.of(other, new ArrayList<>(Arrays.asList(values)));
    }

    /** Of more values than names, each name gets several. */
    @MethodSource("parameters")
    @FuzzTest
    void parse_anyParameters_areARequestOrDeclaredErrors(@NotNull String other, @NotNull List<String> values) {
        Map<String, List<String>> params = new HashMap<>();
        for (int i = 0; i < values.size(); i++) {
            if (values.get(i) != null) {
                params.computeIfAbsent(NAMES.get(i % NAMES.size()), name -> new ArrayList<>())
                        .add(values.get(i));
            }
        }
        Result<PageQuery<Fuzzed.Nothing>, DomainError> result = Fuzzed.parse(params);
        if (result.isOk()) {
            assertThat(Fuzzed.text(result.orElseThrow(), Fuzzed.dialect(values.size())))
                    .contains(" order by ");
        }
        params.putIfAbsent(other, values);
        Fuzzed.parse(params);
    }
}
