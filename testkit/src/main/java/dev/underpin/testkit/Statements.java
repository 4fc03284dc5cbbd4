package dev.underpin.testkit;

import dev.underpin.pagination.Page;
import dev.underpin.pagination.PageQuery;
import dev.underpin.pagination.PageSpec;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Jdbi;

/**
 * Asserts what a service's own statements cost its database; how many there are, {@link StatementsExtension} counts. Needs
 * {@code jdbi3-core} and {@code underpin-pagination}, which who uses it has, and no test framework. Immutable; for one test at a time, since it listens to all that the {@code Jdbi} runs.
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

    /**
     * Asserts that no statement of an action reads a table from end to end: of its reads, updates and deletes the plans are
     * asked for, each behind it and with its values. They do not run for it. An index that is read from end to end is none.
     *
     * <p>On PostgreSQL, MariaDB, MySQL, H2 or SQLite. A planner rightly scans a table of a few rows: the tables should have
     * some thousand, and be analyzed. Batches are not seen.
     *
     * @param action what the service does, on handles of the {@code Jdbi} that it opens
     * @throws AssertionError if a table is scanned, with the statement and its plan; or if no statement was seen
     */
    public void assertNoFullScan(Runnable action) {
        for (Plan plan : plans(action)) {
            if (!plan.scanned().isEmpty()) {
                throw new AssertionError("A statement reads from end to end "
                        + String.join(", ", plan.scanned())
                        + ". Is there an index for its condition, and are the tables of a real size, and analyzed?\n"
                        + plan.sql() + "\n" + plan.text());
            }
        }
    }

    /**
     * Asserts that a statement of an action uses an index, as {@link #assertNoFullScan} sees it.
     *
     * @param index its name, in any case
     * @param action what the service does, on handles of the {@code Jdbi} that it opens
     * @throws AssertionError if none uses it, with the statements and their plans; or if no statement was seen
     */
    public void assertUsesIndex(String index, Runnable action) {
        List<Plan> plans = plans(action);
        if (plans.stream().noneMatch(plan -> plan.indexes().contains(index.toLowerCase(Locale.ROOT)))) {
            throw new AssertionError("No statement uses the index " + index
                    + ". Are the tables of a real size, and analyzed?\n"
                    + plans.stream()
                            .map(plan -> plan.sql() + "\n" + plan.text())
                            .collect(Collectors.joining("\n")));
        }
    }

    private List<Plan> plans(Runnable action) {
        Objects.requireNonNull(action, "action");
        List<Plan> plans = new CopyOnWriteArrayList<>();
        try (ExplainedStatements statements =
                ExplainedStatements.on(jdbi, (connection, sql, parameters, preparation) -> {
                    if (Plan.isOf(sql)) {
                        plans.add(Plan.of(connection, sql, preparation));
                    }
                })) {
            boolean done = statements.during(() -> {
                action.run();
                return true;
            });
            if (done && plans.isEmpty()) {
                throw new AssertionError(
                        "No statement with a plan was seen: does it run on a handle that this Jdbi opened?");
            }
            return plans;
        }
    }
}
