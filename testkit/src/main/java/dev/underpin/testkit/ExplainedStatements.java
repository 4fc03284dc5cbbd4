package dev.underpin.testkit;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Supplier;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.StatementBuilder;
import org.jdbi.v3.core.statement.StatementBuilderFactory;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * Has statements explained when they have run, on their connection and with their values. JDBI tells nobody the values of a
 * statement, so what sets them is written down.
 */
final class ExplainedStatements implements StatementBuilderFactory, AutoCloseable {
    private final Jdbi jdbi;
    private final Explanation explanation;
    private final StatementBuilderFactory before;
    private volatile boolean explaining;

    private ExplainedStatements(Jdbi jdbi, Explanation explanation) {
        this.jdbi = jdbi;
        this.explanation = explanation;
        this.before = jdbi.getStatementBuilderFactory();
    }

    /** What is done with a statement that has run. */
    interface Explanation {
        /**
         * Explains it.
         *
         * @param parameters the names of its parameters
         * @param preparation prepares another text with its values
         */
        void explain(Connection connection, String sql, List<String> parameters, PageCost.Preparation preparation)
                throws SQLException;
    }

    /** {@return what listens to handles that are opened until it is closed} */
    static ExplainedStatements on(Jdbi jdbi, Explanation explanation) {
        var statements = new ExplainedStatements(jdbi, explanation);
        jdbi.setStatementBuilderFactory(statements);
        return statements;
    }

    @Override
    public void close() {
        jdbi.setStatementBuilderFactory(before);
    }

    /** {@return what an action gives, whose statements are explained} */
    <T> T during(Supplier<T> action) {
        explaining = true;
        try {
            return action.get();
        } finally {
            explaining = false;
        }
    }

    @Override
    public StatementBuilder createStatementBuilder(Connection connection) {
        StatementBuilder builder = before.createStatementBuilder(connection);
        IdentityHashMap<Statement, PreparedStatement> explained = new IdentityHashMap<>();
        return new StatementBuilder() {
            @Override
            public Statement create(Connection on, StatementContext context) throws SQLException {
                return builder.create(on, context);
            }

            @Override
            public PreparedStatement create(Connection on, String sql, StatementContext context) throws SQLException {
                PreparedStatement statement = builder.create(on, sql, context);
                if (!explaining) {
                    return statement;
                }
                PreparedStatement proxy = explained(on, sql, context, statement);
                explained.put(proxy, statement);
                return proxy;
            }

            @Override
            public CallableStatement createCall(Connection on, String sql, StatementContext context)
                    throws SQLException {
                return builder.createCall(on, sql, context);
            }

            @Override
            public void close(Connection on, String sql, Statement statement) throws SQLException {
                PreparedStatement own = explained.remove(statement);
                builder.close(on, sql, own == null ? statement : own);
            }

            @Override
            public void close(Connection on) {
                builder.close(on);
            }
        };
    }

    /** {@return a statement that is explained as soon as it has run} */
    private PreparedStatement explained(
            Connection connection, String sql, StatementContext context, PreparedStatement statement) {
        List<Setting> settings = new ArrayList<>();
        return (PreparedStatement) Proxy.newProxyInstance(
                PreparedStatement.class.getClassLoader(),
                new Class<?>[] {PreparedStatement.class},
                (self, method, arguments) -> {
                    if (arguments != null
                            && arguments.length > 1
                            && method.getName().startsWith("set")) {
                        settings.add(new Setting(method, arguments));
                    }
                    Object result = invoke(statement, method, arguments);
                    if (method.getName().equals("execute")) {
                        explanation.explain(
                                connection,
                                sql,
                                context.getParsedSql().getParameters().getParameterNames(),
                                text -> prepared(connection, text, settings));
                    }
                    return result;
                });
    }

    private static PreparedStatement prepared(Connection connection, String text, List<Setting> settings)
            throws SQLException {
        PreparedStatement statement = connection.prepareStatement(text);
        try {
            for (Setting setting : settings) {
                var unused = invoke(statement, setting.method(), setting.arguments());
            }
            return statement;
        } catch (SQLException | RuntimeException | Error e) {
            statement.close();
            throw e;
        } catch (Throwable e) {
            statement.close();
            throw new IllegalStateException(e);
        }
    }

    private static Object invoke(PreparedStatement statement, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(statement, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** A parameter that was set. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Setting(Method method, Object[] arguments) {}
}
