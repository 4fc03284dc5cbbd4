package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.Unit;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.StatementContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SlowStatementsTest {
    private static final String URL = "jdbc:h2:mem:slow";
    private static final String SECRET = "xyzzy-4711";

    private final List<String> other = new ArrayList<>();
    private LogCapture log;
    private Connection keeper;
    private Jdbi jdbi;

    @BeforeEach
    void open() throws SQLException {
        keeper = DriverManager.getConnection(URL);
        jdbi = Jdbi.create(URL);
        jdbi.useHandle(handle -> handle.execute("create table people (name varchar(20) primary key)"));
        jdbi.setSqlLogger(new SqlLogger() {
            @Override
            public void logBeforeExecution(StatementContext context) {
                other.add("before");
            }

            @Override
            public void logAfterExecution(StatementContext context) {
                other.add("after");
            }

            @Override
            public void logException(StatementContext context, SQLException e) {
                other.add("exception");
            }
        });
        log = LogCapture.of(SlowStatements.class);
    }

    @AfterEach
    void close() throws SQLException {
        log.close();
        keeper.close();
    }

    private static void assertNoSecret(List<ILoggingEvent> events) {
        for (ILoggingEvent event : events) {
            assertThat(event.getFormattedMessage()
                            + Arrays.toString(event.getArgumentArray())
                            + event.getMDCPropertyMap())
                    .doesNotContain(SECRET);
            assertThat(event.getThrowableProxy()).isNull();
        }
    }

    @Test
    void statement_overThreshold_isOneLineWithoutValues() {
        SlowStatements.install(jdbi, Duration.ZERO);
        jdbi.useHandle(handle -> handle.createQuery("select name\n\tfrom people  where name = :name -- <it>\r\n")
                .bind("name", SECRET)
                .mapTo(String.class)
                .list());

        assertThat(log.only().getLevel()).isEqualTo(Level.WARN);
        assertThat(log.only().getLoggerName()).isEqualTo("dev.underpin.persistence.SlowStatements");
        assertThat(log.only().getFormattedMessage())
                .matches("A statement took \\d+ ms: "
                        + Pattern.quote("select name from people where name = :name -- <it>"));
        assertNoSecret(log.events());
    }

    @Test
    void statement_belowThreshold_isNotLogged() {
        SlowStatements.install(jdbi, Duration.ofDays(1));
        jdbi.useHandle(handle -> {
            handle.execute("insert into people values (?)", SECRET);
            assertThatThrownBy(() -> handle.execute("insert into people values (?)", SECRET))
                    .isInstanceOf(JdbiException.class);
        });

        assertThat(log.events()).isEmpty();
    }

    /** The message of a database has the values, of H2 even the statement. */
    @Test
    void statement_thatFails_isLoggedWithItsStateAndNoMessage() {
        jdbi.useHandle(handle -> handle.execute("insert into people values (?)", SECRET));
        SlowStatements.install(jdbi, Duration.ZERO);
        jdbi.useHandle(handle -> assertThatThrownBy(() -> handle.execute("insert into people values (?)", SECRET))
                .hasStackTraceContaining(SECRET));

        assertThat(log.only().getFormattedMessage())
                .matches("A statement failed after \\d+ ms \\(SQLState 23505, code 23505\\): "
                        + Pattern.quote("insert into people values (?)"));
        assertNoSecret(log.events());
    }

    /** What a template engine makes of a template can hold values: that is not logged. */
    @Test
    void statement_ofATemplate_isLoggedAsWritten() {
        SlowStatements.install(jdbi, Duration.ZERO);
        jdbi.useHandle(handle -> handle.createQuery("select name from people where <condition>")
                .define("condition", "name = '" + SECRET + "'")
                .mapTo(String.class)
                .list());

        assertThat(log.only().getFormattedMessage()).endsWith("where <condition>");
        assertNoSecret(log.events());
    }

    @Test
    void statement_thatCannotBePrepared_isNoneThatJdbiTellsOf() {
        SlowStatements.install(jdbi, Duration.ZERO);
        jdbi.useHandle(handle -> assertThatThrownBy(() -> handle.execute("select nothing from nowhere"))
                .isInstanceOf(JdbiException.class));

        assertThat(log.events()).isEmpty();
    }

    @Test
    void statement_longOne_isCut() {
        SlowStatements.install(jdbi, Duration.ZERO);
        jdbi.useHandle(handle -> handle.execute("select 1 -- " + "x".repeat(10_000)));

        assertThat(log.only().getFormattedMessage()).hasSizeLessThan(1_100).endsWith("xxx ...");
    }

    @Test
    void batch_ofPreparedAndOfPlainStatements_isLoggedWithoutValues() {
        SlowStatements.install(jdbi, Duration.ZERO);
        jdbi.useHandle(handle -> {
            handle.prepareBatch("insert into people values (:name)")
                    .bind("name", SECRET)
                    .add()
                    .bind("name", "b")
                    .add()
                    .execute();
            handle.createBatch()
                    .add("delete from people where name = '" + SECRET + "'")
                    .execute();
        });

        assertThat(log.events())
                .extracting(event -> event.getFormattedMessage().replaceAll("\\d+ ms", "n ms"))
                .containsExactly(
                        "A statement took n ms: insert into people values (:name)",
                        "A statement took n ms: (a batch of several)");
        assertNoSecret(log.events());
    }

    @Test
    void install_otherLogger_goesOnAndTransactionsNoteFailures() {
        SlowStatements.install(jdbi, Duration.ZERO);
        Transactions transactions = Transactions.named("people").build(jdbi);
        Result<Unit, DomainError> result = transactions.inTransaction(tx -> {
            tx.handle().execute("insert into people values (?)", SECRET);
            try {
                tx.handle().execute("insert into people values (?)", SECRET);
            } catch (JdbiException e) {
                return Result.ok();
            }
            return Result.ok();
        });

        assertThat(result.fold(value -> null, DomainError::code)).isEqualTo(PersistenceErrors.TRANSACTION_ABORTED);
        assertThat(other).containsExactly("before", "after", "before", "exception");
        assertThat(log.events()).hasSize(2);
        assertNoSecret(log.events());
    }

    @Test
    void install_negativeThreshold_isRefused() {
        assertThatThrownBy(() -> SlowStatements.install(jdbi, Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("threshold must not be negative: PT-0.001S");
    }
}
