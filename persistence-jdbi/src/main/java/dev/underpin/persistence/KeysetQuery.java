package dev.underpin.persistence;

import dev.underpin.pagination.Page;
import dev.underpin.pagination.PageQuery;
import dev.underpin.pagination.SeekSql;
import dev.underpin.persistence.internal.Database;
import dev.underpin.result.CanIgnoreReturnValue;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.ColonPrefixSqlParser;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.SqlParser;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.TemplateEngine;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.jspecify.annotations.Nullable;

/**
 * Runs a {@link PageQuery} on a handle, in the form in which its database seeks: PostgreSQL, MariaDB, H2 and SQLite;
 * MySQL, SQL Server and Oracle by texts that were never run. The database is the one the connection says it is.
 *
 * <p>A page takes one statement, one more for {@link Page#hasPrevious} if it does not begin at the start, and one more
 * for a total that was asked for. They see the same rows in a transaction that has a snapshot, such as one that is
 * {@code REPEATABLE READ}; without one, a row that comes or goes between them can make that flag or the total wrong, and
 * nothing else.
 *
 * <p>Statements go to JDBI as they are: parameters begin with a colon, no template engine sees them, and loggers do.
 * Confined to one thread, as a handle is; may be used for several pages.
 */
public final class KeysetQuery {
    private static final long NO_TOTAL = -1;
    /** Keeps what it parsed; the texts of a listing are few. */
    private static final SqlParser PARSER = new ColonPrefixSqlParser();

    private final Handle handle;
    private final String select;
    private final Map<String, @Nullable Object> binds = new LinkedHashMap<>();
    private String where = "";
    private long cap = NO_TOTAL;

    private KeysetQuery(Handle handle, String select) {
        this.handle = handle;
        this.select = select;
    }

    /**
     * {@return a query for pages of a statement}
     *
     * @param handle runs it
     * @param select the statement up to its conditions, such as {@code select o.* from orders o}, or with the slots that
     *     {@link PageQuery#sql} knows; never made of what a client sent
     */
    public static KeysetQuery of(Handle handle, String select) {
        return new KeysetQuery(Objects.requireNonNull(handle, "handle"), Objects.requireNonNull(select, "select"));
    }

    /**
     * Adds a condition that all rows meet, whatever the client filters by: that they belong to its tenant, say.
     *
     * @param condition SQL of the service's own
     * @return this
     * @throws IllegalArgumentException if it is blank
     */
    @CanIgnoreReturnValue
    public KeysetQuery where(String condition) {
        if (condition.isBlank()) {
            throw new IllegalArgumentException("condition must not be blank");
        }
        // On lines of their own: either may end with a comment.
        where = where.isEmpty() ? condition : "(" + where + "\n) and (" + condition + "\n)";
        return this;
    }

    /**
     * Sets a parameter of the statement or a condition, by JDBI's rules for values.
     *
     * @param name its name, without the colon
     * @param value its value; the last one counts
     * @return this
     * @throws IllegalArgumentException if the name begins with {@code pgn_}, as those of the page do
     */
    @CanIgnoreReturnValue
    public KeysetQuery bind(String name, @Nullable Object value) {
        if (name.startsWith("pgn_")) {
            throw new IllegalArgumentException("name must not begin with pgn_: " + name);
        }
        binds.put(name, value);
        return this;
    }

    /**
     * Counts the listing with each page; by default it is not. A page without neighbours takes no statement for it. The
     * columns of the statement must have names of their own, except on PostgreSQL and SQLite.
     *
     * @param cap where to stop: {@link Page#total} is this many, and not exact, if there are more.
     *     {@code Long.MAX_VALUE} counts all, which takes as long as reading them
     * @return this
     * @throws IllegalArgumentException if it is negative
     */
    @CanIgnoreReturnValue
    public KeysetQuery countUpTo(long cap) {
        if (cap < 0) {
            throw new IllegalArgumentException("cap must not be negative: " + cap);
        }
        this.cap = cap;
        return this;
    }

    /**
     * {@return the page}
     *
     * @param query what the client asked for
     * @param mapper reads a row; by the names of columns, since some may be added in front of or behind those of the
     *     statement
     * @param <T> the type of the rows
     * @throws IllegalArgumentException if the statement cannot be paged through, as {@link PageQuery#sql}
     * @throws IllegalStateException if no SQL for the database is known
     * @throws org.jdbi.v3.core.JdbiException if the database fails
     */
    public <T> Page<T> fetch(PageQuery<T> query, RowMapper<? extends T> mapper) {
        Objects.requireNonNull(mapper, "mapper");
        Database database = database();
        SeekSql sql = query.sql(database.dialect(), select, where);
        boolean later = sql.previousProbe() != null;
        List<T> rows = this.<T>run(query(sql.rows(), later), database, sql, mapper);
        boolean hasPrevious = sql.previousProbe() != null
                && !run(query(sql.previousProbe(), later), database, sql, (rs, context) -> true)
                        .isEmpty();
        Page<T> page = query.page(rows, hasPrevious);
        return cap == NO_TOTAL ? page : counted(database, query, page, later);
    }

    private <T> Page<T> counted(Database database, PageQuery<T> query, Page<T> page, boolean later) {
        long total = page.items().size();
        if (page.hasNext() || page.hasPrevious()) {
            SeekSql sql = query.countSql(database.dialect(), select, where, cap);
            total = this.<Long>run(query(sql.rows(), later), database, sql, (rs, context) -> rs.getLong(1))
                    .get(0);
        }
        return page.withTotal(Math.min(total, cap), total <= cap);
    }

    private Database database() {
        try {
            return Database.of(handle.getConnection());
        } catch (SQLException e) {
            throw new UnableToExecuteStatementException("The connection does not say what database it is of", e, null);
        }
    }

    /** {@return a statement of a page, and whether that is behind another: one for each is no N+1} */
    private Query query(String text, boolean later) {
        Query query = handle.createQuery(text);
        return later ? query.define(Execution.KEYS, Execution.PAGE) : query;
    }

    private <R> List<R> run(Query created, Database database, SeekSql sql, RowMapper<? extends R> mapper) {
        try (Query query = created) {
            query.getConfig(SqlStatements.class)
                    .setTemplateEngine(TemplateEngine.NOP)
                    .setSqlParser(PARSER)
                    .setUnusedBindingAllowed(true); // each of the statements has some of the parameters
            binds.forEach(query::bind);
            sql.binds().forEach((name, value) -> query.bind(name, argument(database, value)));
            return new ArrayList<>(query.map(mapper).list());
        }
    }

    private static Argument argument(Database database, Object value) {
        return (position, statement, context) -> database.set(statement, position, value);
    }
}
