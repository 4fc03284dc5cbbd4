package org.example;

import dev.underpin.pagination.ColumnType;
import dev.underpin.pagination.Dialect;
import dev.underpin.pagination.Page;
import dev.underpin.pagination.PageQuery;
import dev.underpin.pagination.PageSpec;
import dev.underpin.pagination.Paginator;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.util.List;
import java.util.Map;

/** Two pages of numbers, and a cursor that is none. */
public final class Main {
    private static final PageSpec<Long> NUMBERS = PageSpec.named("numbers", Long.class)
            .unique("n", "n", ColumnType.LONG, n -> n)
            .size(2, 10)
            .build();

    private Main() {}

    public static void main(String[] arguments) {
        Paginator paginator = Paginator.builder(1, new byte[32]).build();
        Page<Long> first = paginator.parse(NUMBERS, Map.of(), "").orElseThrow().page(List.of(1L, 2L, 3L), false);
        System.out.println(first.items() + " behind: " + first.hasNext());
        PageQuery<Long> second =
                paginator.parse(NUMBERS, cursor(first.next().orElseThrow()), "").orElseThrow();
        System.out.println(second.sql(Dialect.POSTGRESQL, "select n from numbers", "").rows());
        Result<PageQuery<Long>, DomainError> refused = paginator.parse(NUMBERS, cursor("of our own"), "");
        String answer = refused.fold(query -> "accepted", error -> error.code().name());
        System.out.println(answer);
    }

    private static Map<String, List<String>> cursor(String cursor) {
        return Map.of("cursor", List.of(cursor));
    }
}
