package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.underpin.result.Result;
import java.io.PrintWriter;
import java.io.Writer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.logging.Logger;
import org.h2.jdbcx.JdbcDataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60) // the pool would wait for longer than that, and so must nothing here
class GuardedDataSourceTest {
    private final HikariDataSource pool = pool("guarded");
    private final GuardedDataSource guarded = GuardedDataSource.of(pool);
    private final Jdbi jdbi = Jdbi.create(guarded);
    private final Transactions transactions = Transactions.named("bank").build(jdbi);

    private static HikariDataSource pool(String name) {
        var config = new HikariConfig();
        config.setJdbcUrl("jdbc:h2:mem:" + name + ";DB_CLOSE_DELAY=-1");
        config.setUsername("sa");
        config.setPassword("");
        config.setMaximumPoolSize(1);
        config.setConnectionTimeout(300_000);
        return new HikariDataSource(config);
    }

    @BeforeEach
    void create() {
        jdbi.useHandle(handle -> handle.execute("create table accounts (id bigint primary key)"));
    }

    @AfterEach
    void drop() {
        jdbi.useHandle(handle -> handle.execute("drop all objects"));
        assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
        pool.close();
    }

    private long count() {
        return jdbi.withHandle(handle -> handle.createQuery("select count(*) from accounts")
                .mapTo(Long.class)
                .one());
    }

    private void inside(Consumer<Tx> body) {
        assertThat(transactions.inTransaction(tx -> {
                    body.accept(tx);
                    return Result.ok(1);
                }))
                .isEqualTo(Result.ok(1));
    }

    @Test
    void secondConnection_insideABody_isRefusedAndEverythingRolledBack() {
        assertThatThrownBy(() -> transactions.inTransaction(tx -> {
                    tx.handle().execute("insert into accounts values (1)");
                    try (Handle second = jdbi.open()) {
                        return Result.ok(second.execute("insert into accounts values (2)"));
                    }
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("asked for a second connection")
                .hasMessageContaining("Tx.handle()");

        assertThat(count()).isZero();
    }

    @Test
    void secondConnection_ofCodeThatKnowsNoJdbi_isRefused() {
        inside(tx -> {
            assertThatThrownBy(guarded::getConnection).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> guarded.getConnection("sa", "")).isInstanceOf(IllegalStateException.class);
        });
    }

    @Test
    void secondConnection_afterARefusal_isRefusedAgain() {
        inside(tx -> {
            assertThatThrownBy(jdbi::open).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(jdbi::open).isInstanceOf(IllegalStateException.class);
            var unused = tx.nested(inner -> {
                assertThatThrownBy(jdbi::open).isInstanceOf(IllegalStateException.class);
                return Result.ok(1);
            });
        });
    }

    @Test
    void connection_afterTheTransaction_isGiven() {
        var counted = new AtomicReference<Long>();
        inside(tx -> {
            tx.handle().execute("insert into accounts values (1)");
            tx.afterCommit(() -> counted.set(count()));
        });
        assertThat(counted).hasValue(1L);

        assertThatThrownBy(() -> transactions.inTransaction(tx -> {
                    throw new IllegalArgumentException("a bug");
                }))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(count()).isOne();
    }

    @Test
    void connection_ofAnotherDatabase_isGivenInsideABody() {
        try (HikariDataSource other = pool("another")) {
            Jdbi second = Jdbi.create(GuardedDataSource.of(other));
            Transactions both = Transactions.named("ledger").build(second);

            assertThat(transactions
                            .inTransaction(tx -> both.inTransaction(inner -> {
                                assertThatThrownBy(second::open).isInstanceOf(IllegalStateException.class);
                                assertThatThrownBy(jdbi::open).isInstanceOf(IllegalStateException.class);
                                return Result.ok(1);
                            }))
                            .isOk())
                    .isTrue();
        }
    }

    @Test
    void connection_ofAnotherThread_isGivenInsideABody() {
        try (HikariDataSource two = pool("two")) {
            two.setMaximumPoolSize(2);
            Jdbi shared = Jdbi.create(GuardedDataSource.of(two));
            Transactions of = Transactions.named("two").build(shared);

            assertThat(of.inTransaction(tx -> Result.ok(CompletableFuture.supplyAsync(
                                    () -> shared.withHandle(handle -> handle.createQuery("select 1")
                                            .mapTo(Integer.class)
                                            .one()))
                            .join())))
                    .isEqualTo(Result.ok(1));
        }
    }

    @Test
    void everythingElse_isThatOfThePool() throws SQLException {
        assertThat(guarded.unwrap(HikariDataSource.class)).isSameAs(pool);
        assertThat(guarded.isWrapperFor(HikariDataSource.class)).isTrue();
        assertThat(guarded.isWrapperFor(Logger.class)).isFalse();
        assertThatThrownBy(() -> guarded.unwrap(Logger.class)).isInstanceOf(SQLException.class);
        guarded.setLoginTimeout(7);
        assertThat(guarded.getLoginTimeout()).isEqualTo(pool.getLoginTimeout());
        assertThatThrownBy(guarded::getParentLogger).isInstanceOf(SQLException.class);

        var h2 = new JdbcDataSource();
        h2.setURL("jdbc:h2:mem:guarded");
        GuardedDataSource guardedH2 = GuardedDataSource.of(h2);
        var log = new PrintWriter(Writer.nullWriter());
        guardedH2.setLogWriter(log);
        assertThat(h2.getLogWriter()).isSameAs(log);
        assertThat(guardedH2.getLogWriter()).isSameAs(log);
        try (Connection connection = guardedH2.getConnection("sa", "")) {
            assertThat(connection.isValid(5)).isTrue();
        }
    }
}
