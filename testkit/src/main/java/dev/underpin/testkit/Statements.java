package dev.underpin.testkit;

import dev.underpin.pagination.Page;
import dev.underpin.pagination.PageQuery;
import dev.underpin.pagination.PageSpec;
import java.util.Objects;
import java.util.function.Function;
import org.jdbi.v3.core.Jdbi;

/**
 * Asserts what a service's own statements cost its database. Needs {@code jdbi3-core} and {@code underpin-pagination},
 * which who uses it has. Immutable; for one test at a time, since it listens to all that the {@code Jdbi} runs.
 */
public final class Statements {
    private final Jdbi jdbi;

    private Statements(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * {@return assertions on statements}
     *
     * @param jdbi runs the statements, on handles that it opens from now on
     */
    public static Statements of(Jdbi jdbi) {
        return new Statements(Objects.requireNonNull(jdbi, "jdbi"));
    }

    /**
     * Asserts that a listing costs the same at any depth: in the default order and sorted by each name that its spec
     * declares, in both directions, without filters, the statements of a page that begins anywhere are explained as they
     * ran, with their values. A database that reads more than six rows of a table (MariaDB and MySQL: of all tables) for
     * each row of the page walks to it, sorts, or filters most of what it reads: an index is missing, has other columns or
     * directions, or its expression is not that of the spec. PostgreSQL is also held to one and a half times the buffers
     * of the first page, or two for each row, and ten. SQLite counts nothing: only scans and sorts are seen, not a search whose range is long.
     *
     * <p>The listing must be on PostgreSQL, MariaDB, MySQL, H2 or SQLite, and have some thousand rows, as a real one
     * has: with fewer a planner rightly sorts. Run {@code analyze} after they were inserted. Statements run twice,
     * explained; they should be no others than selects.
     *
     * @param spec the listing's; each of its orders is walked once from end to end
     * @param fetch gets a page as the service does, on a handle of the {@code Jdbi}
     * @param <T> the type of the rows
     * @throws AssertionError if a page costs too much, with the statement and its plan; or if that cannot be told, since
     *     the listing is too short, or none of its statements were seen
     */
    public <T> void assertSeeks(PageSpec<T> spec, Function<? super PageQuery<T>, ? extends Page<?>> fetch) {
        Objects.requireNonNull(spec, "spec");
        Objects.requireNonNull(fetch, "fetch");
        try (PageStatements statements = PageStatements.on(jdbi)) {
            new SeekCheck<T>(spec, fetch, statements).run();
        }
    }
}
