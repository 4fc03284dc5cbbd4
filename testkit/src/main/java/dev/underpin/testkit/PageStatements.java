package dev.underpin.testkit;

import dev.underpin.pagination.Page;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jdbi.v3.core.Jdbi;

/** Asks what the statements of pages cost. */
final class PageStatements implements AutoCloseable {
    private final List<PageCost> costs = new CopyOnWriteArrayList<>();
    private final ExplainedStatements statements;

    private PageStatements(Jdbi jdbi) {
        statements = ExplainedStatements.on(jdbi, this::explain);
    }

    static PageStatements on(Jdbi jdbi) {
        return new PageStatements(jdbi);
    }

    private void explain(Connection connection, String sql, List<String> parameters, PageCost.Preparation preparation)
            throws SQLException {
        // Those of a page and of what is before it; a count has neither parameter, and is not meant to be cheap.
        if (parameters.contains("pgn_limit") || parameters.contains("pgn_one")) {
            boolean deep = parameters.stream().anyMatch(name -> name.startsWith("pgn_v"));
            costs.add(PageCost.of(connection, sql, deep, preparation));
        }
    }

    @Override
    public void close() {
        statements.close();
    }

    /** {@return a page, and what its statements cost} */
    Explained of(Supplier<? extends Page<?>> fetch) {
        costs.clear();
        Page<?> page = statements.during(fetch::get);
        return new Explained(page, costs);
    }

    /**
     * A page that was fetched.
     *
     * @param page the page
     * @param costs what each of its statements cost
     */
    record Explained(Page<?> page, List<PageCost> costs) {
        Explained {
            costs = List.copyOf(costs);
        }
    }
}
