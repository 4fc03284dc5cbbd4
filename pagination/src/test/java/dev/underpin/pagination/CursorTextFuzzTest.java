package dev.underpin.pagination;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import dev.underpin.pagination.PageQuery.Start;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any text as a cursor. Fuzzed by the profile {@code fuzz}; other builds repeat the seeds. */
class CursorTextFuzzTest {
    static Stream<String> cursors() {
        PageQuery<Fuzzed.Nothing> query = Fuzzed.parse(Map.of()).orElseThrow();
        var id = new CursorWriter();
        ColumnType.LONG.write(id, 7L);
        String good = query.from(new Start(false, false, List.of(7L), id.toByteArray()))
                .cursorOfStart(false)
                .orElseThrow();
        return Stream.of(good, good.substring(1), good + 'A', good + '=', good.toLowerCase(java.util.Locale.ROOT), "");
    }

    @MethodSource("cursors")
    @FuzzTest
    void parse_anyCursor_isARequestOrACursorError(@NotNull String cursor) {
        Fuzzed.parse(Map.of("cursor", List.of(cursor)));
        Fuzzed.parse(Map.of("before", List.of(cursor), "sort", List.of("-text,real")));
    }
}
