package dev.underpin.persistence;

import java.io.PrintWriter;
import java.lang.ref.WeakReference;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Objects;
import java.util.Set;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Refuses a second connection to a thread that is inside of a transaction, where it would wait for one that its own
 * thread holds: with as many such threads as the pool has connections, all of them wait until the pool gives up. What is
 * written by a second connection would also not be part of the transaction.
 *
 * <pre>{@code
 * Jdbi jdbi = Jdbi.create(GuardedDataSource.of(pool));
 * }</pre>
 *
 * <p>It stands directly below {@code Jdbi}, one for a pool; data sources that trace or log go below it. A thread that the body starts is
 * another one, and gets its own connection. Thread-safe, as far as the pool is.
 */
public final class GuardedDataSource implements DataSource {
    /** The connections whose transactions the thread is inside of; there are several only with several databases. */
    private static final ThreadLocal<@Nullable Set<Connection>> INSIDE = new ThreadLocal<>();

    private final DataSource pool;
    /** What the thread got last; weak, since it is given back without our knowing. */
    @SuppressWarnings("ThreadLocalUsage") // a service has a guard or two, for as long as it lives
    private final ThreadLocal<@Nullable WeakReference<Connection>> given = new ThreadLocal<>();

    private GuardedDataSource(DataSource pool) {
        this.pool = pool;
    }

    /**
     * {@return a data source that guards another}
     *
     * @param pool where the connections come from
     */
    public static GuardedDataSource of(DataSource pool) {
        return new GuardedDataSource(Objects.requireNonNull(pool, "pool"));
    }

    static void enter(Connection connection) {
        Set<Connection> inside = INSIDE.get();
        if (inside == null) {
            inside = Collections.newSetFromMap(new IdentityHashMap<>());
            INSIDE.set(inside);
        }
        inside.add(connection);
    }

    static void leave(Connection connection) {
        Set<Connection> inside = INSIDE.get();
        if (inside != null && inside.remove(connection) && inside.isEmpty()) {
            INSIDE.remove();
        }
    }

    /**
     * {@return a connection}
     *
     * @throws IllegalStateException if the thread is inside of a transaction that has one of this data source
     */
    @Override
    public Connection getConnection() throws SQLException {
        refuseSecond();
        return remembered(pool.getConnection());
    }

    /**
     * {@return a connection of a user}
     *
     * @throws IllegalStateException if the thread is inside of a transaction that has one of this data source
     */
    @Override
    public Connection getConnection(String username, String password) throws SQLException {
        refuseSecond();
        return remembered(pool.getConnection(username, password));
    }

    private void refuseSecond() {
        Set<Connection> inside = INSIDE.get();
        WeakReference<Connection> last = given.get();
        if (inside != null && last != null && inside.contains(last.get())) {
            throw new IllegalStateException(
                    "A thread inside of a transaction asked for a second connection, for which it"
                            + " could wait for ever: use Tx.handle() or Jdbi.withHandle(), or do it before or after the"
                            + " transaction");
        }
    }

    private Connection remembered(Connection connection) {
        given.set(new WeakReference<>(connection));
        return connection;
    }

    @Override
    public @Nullable PrintWriter getLogWriter() throws SQLException {
        return pool.getLogWriter();
    }

    @Override
    public void setLogWriter(@Nullable PrintWriter out) throws SQLException {
        pool.setLogWriter(out);
    }

    @Override
    public void setLoginTimeout(int seconds) throws SQLException {
        pool.setLoginTimeout(seconds);
    }

    @Override
    public int getLoginTimeout() throws SQLException {
        return pool.getLoginTimeout();
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
        return pool.getParentLogger();
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        return type.isInstance(pool) ? type.cast(pool) : pool.unwrap(type);
    }

    @Override
    public boolean isWrapperFor(Class<?> type) throws SQLException {
        return type.isInstance(pool) || pool.isWrapperFor(type);
    }
}
