package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.Unit;
import dev.underpin.result.spi.TimeSource;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.random.RandomGenerator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.Update;
import org.jdbi.v3.core.transaction.CMTTransactionHandler;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a transaction does on any database, through a pool. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class TransactionsContract {
    static final ErrorCode REFUSED = ErrorCode.of(ErrorKind.UNPROCESSABLE, "REFUSED", "refused");
    static final ErrorCode NAME_TAKEN = ErrorCode.of(ErrorKind.CONFLICT, "NAME_TAKEN", "taken");
    private static final int POOL = 8;

    private final List<String> events = Collections.synchronizedList(new ArrayList<>());
    private String url;
    private HikariDataSource pool;
    private Jdbi jdbi;
    private Transactions transactions;
    private Leftovers leftovers;

    /** {@return the address of an empty database} */
    abstract String url() throws Exception;

    abstract String user();

    abstract void stop() throws Exception;

    @BeforeAll
    void connect() throws Exception {
        url = url();
        pool = pool(url, POOL);
        jdbi = Jdbi.create(pool);
        jdbi.useHandle(handle -> handle.execute("create table accounts (id bigint primary key, name varchar(20),"
                + " balance bigint not null, constraint accounts_name unique (name))"));
        leftovers = new Leftovers(pool, Jdbi.create(url, user(), ""));
    }

    HikariDataSource pool(String url, int size) {
        var config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setUsername(user());
        config.setPassword("");
        config.setMaximumPoolSize(size);
        config.setConnectionTimeout(5_000);
        return new HikariDataSource(config);
    }

    @AfterAll
    void disconnect() throws Exception {
        pool.close();
        stop();
    }

    @BeforeEach
    void empty() {
        jdbi.useHandle(handle -> handle.execute("delete from accounts"));
        events.clear();
        transactions = Transactions.named("bank")
                .constraint("accounts_name", NAME_TAKEN)
                .listener(new TransactionListener() {
                    @Override
                    public void onCommit(String database, int attempts, long nanos) {
                        events.add(database + " committed after " + attempts);
                    }

                    @Override
                    public void onRollback(String database, ErrorCode reason) {
                        events.add(database + " rolled back: " + reason);
                    }

                    @Override
                    public void onRetry(String database, int attempt, ErrorCode reason) {
                        events.add(database + " again, " + attempt + ": " + reason);
                    }

                    @Override
                    public void onHookFailure(String database, Throwable thrown) {
                        events.add(database + " hook: " + thrown.getMessage());
                    }
                })
                .build(jdbi);
    }

    /** Whatever a test did. */
    @AfterEach
    void nothingIsLeft() throws SQLException {
        leftovers.assertNone();
        assertThat(transactions.open()).isEmpty();
    }

    private static void insert(Handle handle, long id) {
        handle.execute("insert into accounts values (?, ?, 100)", id, "n" + id);
    }

    Jdbi jdbi() {
        return jdbi;
    }

    Transactions transactions() {
        return transactions;
    }

    List<Long> ids() {
        return jdbi.withHandle(handle -> handle.createQuery("select id from accounts order by id")
                .mapTo(Long.class)
                .list());
    }

    private static ErrorCode code(Result<?, DomainError> result) {
        return result.fold(value -> null, DomainError::code);
    }

    /* ---- what the body says ---- */

    @Test
    void ok_isCommitted() {
        assertThat(transactions.inTransaction(tx -> {
                    insert(tx.handle(), 1);
                    return Result.ok("done");
                }))
                .isEqualTo(Result.ok("done"));
        assertThat(ids()).containsExactly(1L);
        assertThat(events).containsExactly("bank committed after 1");
    }

    @Test
    void err_isRolledBack() {
        var hook = new AtomicInteger();
        Result<Unit, DomainError> result = transactions.inTransaction(tx -> {
            insert(tx.handle(), 1);
            tx.afterCommit(hook::incrementAndGet);
            return Result.err(REFUSED.error());
        });

        assertThat(code(result)).isEqualTo(REFUSED);
        assertThat(ids()).isEmpty();
        assertThat(hook).hasValue(0);
        assertThat(events).containsExactly("bank rolled back: REFUSED");
    }

    @Test
    void exception_isRolledBackAndThrownOn() {
        var bug = new IllegalArgumentException("bug");

        assertThatThrownBy(() -> transactions.inTransaction(tx -> {
                    insert(tx.handle(), 1);
                    throw bug;
                }))
                .isSameAs(bug);
        assertThat(ids()).isEmpty();
    }

    @Test
    void error_isRolledBackAndThrownOn() {
        var error = new AssertionError("error");

        assertThatThrownBy(() -> transactions.inTransaction(tx -> {
                    insert(tx.handle(), 1);
                    throw error;
                }))
                .isSameAs(error);
        assertThat(ids()).isEmpty();
    }

    @Test
    void nullFromTheBody_isRolledBackAndABug() {
        assertThatThrownBy(() -> transactions.inTransaction(tx -> {
                    insert(tx.handle(), 1);
                    return null;
                }))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("body");
        assertThat(ids()).isEmpty();
    }

    @Test
    void setRollbackOnly_returnsTheValueAndWritesNothing() {
        assertThat(transactions.inTransaction(tx -> {
                    insert(tx.handle(), 1);
                    tx.setRollbackOnly();
                    return Result.ok(7);
                }))
                .isEqualTo(Result.ok(7));
        assertThat(ids()).isEmpty();
        assertThat(events).containsExactly("bank rolled back: TRANSACTION_ABORTED");
    }

    @Test
    void commitOn_keepsWhatWasWrittenBeforeTheError() {
        Transactions counting =
                Transactions.named("bank").commitOn(error -> error.is(REFUSED)).build(jdbi);
        Result<Unit, DomainError> result = counting.inTransaction(tx -> {
            insert(tx.handle(), 1);
            return Result.err(REFUSED.error());
        });

        assertThat(code(result)).isEqualTo(REFUSED);
        assertThat(ids()).containsExactly(1L);
    }

    /* ---- failures of statements ---- */

    @Test
    void failedStatement_isAnErrorByItsMeaning() {
        var unused = transactions.inTransaction(tx -> {
            insert(tx.handle(), 1);
            return Result.ok(1);
        });
        Result<Unit, DomainError> result = transactions.inTransaction(tx -> {
            insert(tx.handle(), 2);
            insert(tx.handle(), 1);
            return Result.ok(Unit.UNIT);
        });

        assertThat(code(result)).isEqualTo(PersistenceErrors.ALREADY_EXISTS);
        assertThat(ids()).containsExactly(1L);
    }

    @Test
    void failedConstraint_hasTheCodeOfItsOwn() {
        Result<Unit, DomainError> result = transactions.inTransaction(tx -> {
            tx.handle().execute("insert into accounts values (1, 'same', 0)");
            tx.handle().execute("insert into accounts values (2, 'same', 0)");
            return Result.ok(Unit.UNIT);
        });
        DomainError error = result.fold(value -> null, failure -> failure);

        assertThat(error.code()).isEqualTo(NAME_TAKEN);
        assertThat(error.message()).isEqualTo("taken");
        assertThat(error.args().toString()).doesNotContain("same").doesNotContain("insert");
        assertThat(error.cause()).isPresent();
    }

    /** The server would answer the commit with a rollback, or commit a half. */
    @Test
    void failedStatementPassedOver_isNotCommitted() {
        var hook = new AtomicInteger();
        Result<String, DomainError> result = transactions.inTransaction(tx -> {
            insert(tx.handle(), 1);
            tx.afterCommit(hook::incrementAndGet);
            try {
                insert(tx.handle(), 1);
            } catch (JdbiException e) {
                // passed over
            }
            return Result.ok("all is well");
        });

        assertThat(code(result)).isEqualTo(PersistenceErrors.TRANSACTION_ABORTED);
        assertThat(result.fold(value -> null, DomainError::args)).containsEntry("reason", "ALREADY_EXISTS");
        assertThat(ids()).isEmpty();
        assertThat(hook).hasValue(0);
    }

    @Test
    void brokenStatement_isADatabaseError() {
        Result<Unit, DomainError> result = transactions.inTransaction(tx -> {
            tx.handle().execute("select * from no_such_table");
            return Result.ok(Unit.UNIT);
        });

        assertThat(code(result)).isEqualTo(PersistenceErrors.DATABASE_ERROR);
        assertThat(result.fold(value -> null, DomainError::message)).doesNotContain("no_such_table");
    }

    /* ---- parts ---- */

    @Test
    void nestedErr_isUndoneAndTheRestRemains() {
        List<String> hooks = new ArrayList<>();
        Result<String, DomainError> result = transactions.inTransaction(tx -> {
            insert(tx.handle(), 1);
            tx.afterCommit(() -> hooks.add("outer"));
            Result<Unit, DomainError> part = tx.nested(inner -> {
                insert(inner.handle(), 2);
                inner.afterCommit(() -> hooks.add("inner"));
                return Result.err(REFUSED.error());
            });
            insert(tx.handle(), 3);
            return Result.ok(part.isOk() ? "whole" : "part");
        });

        assertThat(result).isEqualTo(Result.ok("part"));
        assertThat(ids()).containsExactly(1L, 3L);
        assertThat(hooks).containsExactly("outer");
    }

    @Test
    void nestedFailureOfAStatement_isContained() {
        Result<ErrorCode, DomainError> result = transactions.inTransaction(tx -> {
            insert(tx.handle(), 1);
            Result<Unit, DomainError> part = tx.nested(inner -> {
                insert(inner.handle(), 2);
                insert(inner.handle(), 1);
                return Result.ok(Unit.UNIT);
            });
            insert(tx.handle(), 3);
            return Result.ok(code(part));
        });

        assertThat(result).isEqualTo(Result.ok(PersistenceErrors.ALREADY_EXISTS));
        assertThat(ids()).containsExactly(1L, 3L);
    }

    @Test
    void nestedOk_isKept() {
        assertThat(transactions.inTransaction(tx -> {
                    insert(tx.handle(), 1);
                    return tx.nested(inner -> {
                        insert(inner.handle(), 2);
                        return inner.nested(innermost -> {
                            insert(innermost.handle(), 3);
                            return Result.ok("all");
                        });
                    });
                }))
                .isEqualTo(Result.ok("all"));
        assertThat(ids()).containsExactly(1L, 2L, 3L);
    }

    @Test
    void nestedException_isUndoneAndThrownOn() {
        assertThat(transactions.inTransaction(tx -> {
                    insert(tx.handle(), 1);
                    assertThatThrownBy(() -> tx.nested(inner -> {
                                insert(inner.handle(), 2);
                                throw new IllegalArgumentException("bug");
                            }))
                            .isInstanceOf(IllegalArgumentException.class);
                    return Result.ok(1);
                }))
                .isEqualTo(Result.ok(1));
        assertThat(ids()).containsExactly(1L);
    }

    @Test
    void joinedErr_passedOver_endsTheOuter() {
        Result<String, DomainError> result = transactions.inTransaction(tx -> {
            insert(tx.handle(), 1);
            Result<Unit, DomainError> part = transactions.inTransaction(inner -> {
                insert(inner.handle(), 2);
                return Result.err(REFUSED.error());
            });
            assertThat(part.isOk()).isFalse();
            return Result.ok("all is well");
        });

        assertThat(code(result)).isEqualTo(PersistenceErrors.ROLLED_BACK_BY_INNER);
        assertThat(result.fold(value -> null, DomainError::args)).containsEntry("inner", "REFUSED");
        assertThat(ids()).isEmpty();
    }

    @Test
    void joinedErr_insideNested_endsThatPartOnly() {
        Result<ErrorCode, DomainError> result = transactions.inTransaction(tx -> {
            insert(tx.handle(), 1);
            Result<String, DomainError> part = tx.nested(middle -> {
                Result<Unit, DomainError> joined = transactions.inTransaction(inner -> {
                    insert(inner.handle(), 2);
                    return Result.err(REFUSED.error());
                });
                assertThat(joined.isOk()).isFalse();
                return Result.ok("all is well");
            });
            return Result.ok(code(part));
        });

        assertThat(result).isEqualTo(Result.ok(PersistenceErrors.ROLLED_BACK_BY_INNER));
        assertThat(ids()).containsExactly(1L);
    }

    @Test
    void joinedException_passedOver_endsTheOuter() {
        Result<String, DomainError> result = transactions.inTransaction(tx -> {
            insert(tx.handle(), 1);
            assertThatThrownBy(() -> transactions.inTransaction(inner -> {
                        throw new IllegalArgumentException("bug");
                    }))
                    .isInstanceOf(IllegalArgumentException.class);
            return Result.ok("all is well");
        });

        assertThat(code(result)).isEqualTo(PersistenceErrors.ROLLED_BACK_BY_INNER);
        assertThat(ids()).isEmpty();
    }

    @Test
    void joined_wantsMoreThanTheOuterHas_isRefused() {
        Result<String, DomainError> result = transactions.inTransaction(
                TxOptions.standard().isolation(TransactionIsolationLevel.READ_COMMITTED), tx -> {
                    assertThatThrownBy(() ->
                                    transactions.inTransaction(TxOptions.serializable(), inner -> Result.ok(Unit.UNIT)))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("SERIALIZABLE");
                    return Result.ok("done");
                });

        assertThat(result).isEqualTo(Result.ok("done"));
    }

    /* ---- one connection ---- */

    @Test
    void joined_wantsToWriteInAReadingOne_isRefused() {
        assertThatThrownBy(() -> transactions.inTransaction(
                        TxOptions.reading(), tx -> transactions.inTransaction(inner -> Result.ok(1))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("to write")
                .hasMessageContaining("read-only");
        assertThat(transactions.inTransaction(
                        TxOptions.reading(),
                        tx -> transactions.inTransaction(TxOptions.reading(), inner -> {
                            assertThat(inner).isSameAs(tx);
                            return Result.ok(1);
                        })))
                .isEqualTo(Result.ok(1));
    }

    @Test
    void nestedFailureOfAStatement_passedOverInside_isAnErrorOfThatPart() {
        assertThat(transactions.inTransaction(tx -> {
                    insert(tx.handle(), 1);
                    Result<Integer, DomainError> inner = tx.nested(part -> {
                        insert(part.handle(), 2);
                        assertThatThrownBy(() -> insert(part.handle(), 1)).isInstanceOf(JdbiException.class);
                        return Result.ok(2);
                    });
                    assertThat(code(inner)).isEqualTo(PersistenceErrors.TRANSACTION_ABORTED);
                    return Result.ok(1);
                }))
                .isEqualTo(Result.ok(1));
        assertThat(ids()).containsExactly(1L);
    }

    @Test
    void joinedErrs_passedOver_nameTheFirst() {
        Result<Integer, DomainError> result = transactions.inTransaction(tx -> {
            var first = transactions.inTransaction(inner -> Result.err(REFUSED.error()));
            var second = transactions.inTransaction(inner -> Result.err(NAME_TAKEN.error()));
            assertThat(code(first)).isNotEqualTo(code(second));
            assertThatThrownBy(() -> transactions.inTransaction(inner -> {
                        throw new IllegalArgumentException();
                    }))
                    .isInstanceOf(IllegalArgumentException.class);
            return Result.ok(1);
        });

        assertThat(result.<Object>fold(value -> value, DomainError::args)).isEqualTo(Map.of("inner", "REFUSED"));
    }

    @Test
    void joinedFailureOfAStatement_isReturned() {
        Result<Integer, DomainError> result = transactions.inTransaction(tx -> {
            insert(tx.handle(), 1);
            return transactions.inTransaction(inner -> {
                insert(inner.handle(), 1);
                return Result.ok(1);
            });
        });

        assertThat(result.isOk()).isFalse();
        assertThat(ids()).isEmpty();
    }

    @Test
    void joinedSetRollbackOnly_isToldToWhoOpened() {
        Result<Integer, DomainError> result = transactions.inTransaction(tx -> {
            insert(tx.handle(), 1);
            return transactions.inTransaction(inner -> {
                inner.setRollbackOnly();
                return Result.ok(1);
            });
        });

        assertThat(code(result)).isEqualTo(PersistenceErrors.ROLLED_BACK_BY_INNER);
        assertThat(ids()).isEmpty();
    }

    @Test
    void commitOn_whereABlockInsideFailed_commitsNothing() {
        Transactions keeping =
                Transactions.named("bank").commitOn(error -> true).build(jdbi);
        Result<Integer, DomainError> result = keeping.inTransaction(tx -> {
            insert(tx.handle(), 1);
            var inner = keeping.inTransaction(block -> {
                insert(block.handle(), 2);
                return Result.err(NAME_TAKEN.error());
            });
            assertThat(code(inner)).isEqualTo(NAME_TAKEN);
            return Result.err(REFUSED.error());
        });

        assertThat(code(result)).isEqualTo(REFUSED);
        assertThat(ids()).isEmpty();
    }

    @Test
    void commitOn_whereAStatementFailed_commitsNothing() {
        Transactions keeping =
                Transactions.named("bank").commitOn(error -> true).build(jdbi);
        var hooks = new AtomicInteger();
        Result<Integer, DomainError> result = keeping.inTransaction(tx -> {
            tx.afterCommit(hooks::incrementAndGet);
            insert(tx.handle(), 1);
            assertThatThrownBy(() -> insert(tx.handle(), 1)).isInstanceOf(JdbiException.class);
            return Result.err(REFUSED.error());
        });

        assertThat(code(result)).isEqualTo(REFUSED);
        assertThat(ids()).isEmpty();
        assertThat(hooks).hasValue(0);
    }

    /** As objects of JDBI's extensions have one. */
    @Test
    void failedStatementOfItsOwnConfiguration_passedOver_isNotCommitted() {
        assertThat(code(transactions.inTransaction(tx -> {
                    insert(tx.handle(), 1);
                    Update update = tx.handle().createUpdate("insert into accounts values (1, 'n', 1)");
                    update.getConfig(SqlStatements.class).setSqlLogger(SqlLogger.NOP_SQL_LOGGER);
                    assertThatThrownBy(update::execute).isInstanceOf(JdbiException.class);
                    return Result.ok(1);
                })))
                .isEqualTo(PersistenceErrors.TRANSACTION_ABORTED);
        assertThat(ids()).isEmpty();
    }

    @Test
    void failedBatches_passedOver_areNotCommitted() {
        for (Consumer<Handle> batch : List.<Consumer<Handle>>of(
                handle -> handle.createBatch()
                        .add("insert into accounts values (1, 'n', 1)")
                        .execute(),
                handle -> handle.prepareBatch("insert into accounts values (?, 'n', 1)")
                        .add(1)
                        .execute(),
                handle -> handle.createScript("insert into accounts values (1, 'n', 1)")
                        .execute())) {
            assertThat(code(transactions.inTransaction(tx -> {
                        insert(tx.handle(), 1);
                        assertThatThrownBy(() -> batch.accept(tx.handle())).isInstanceOf(JdbiException.class);
                        return Result.ok(1);
                    })))
                    .isEqualTo(PersistenceErrors.TRANSACTION_ABORTED);
            assertThat(ids()).isEmpty();
        }
    }

    @Test
    void statementThatCannotBePrepared_passedOver_isNotCommitted() {
        assertThat(code(transactions.inTransaction(tx -> {
                    insert(tx.handle(), 1);
                    assertThatThrownBy(() -> tx.handle().execute("insert into nowhere values (1)"))
                            .isInstanceOf(JdbiException.class);
                    return Result.ok(1);
                })))
                .isEqualTo(PersistenceErrors.TRANSACTION_ABORTED);
        assertThat(ids()).isEmpty();
    }

    @Test
    void statement_afterTheBodyRolledBack_isRefused() {
        assertThatThrownBy(() -> transactions.inTransaction(tx -> {
                    tx.handle().rollback();
                    insert(tx.handle(), 1);
                    return Result.ok(1);
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("ended it itself");
        assertThat(ids()).isEmpty();
    }

    @Test
    void transaction_thatTheBodyBeganAfterItRolledBack_isRolledBack() {
        assertThatThrownBy(() -> transactions.inTransaction(tx -> {
                    tx.handle().rollback().begin();
                    insert(tx.handle(), 1);
                    return Result.ok(1);
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(ids()).isEmpty();
    }

    @Test
    void bug_isToldToTheListener() {
        assertThatThrownBy(() -> transactions.inTransaction(tx -> {
                    throw new IllegalArgumentException();
                }))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(events).containsExactly("bank rolled back: INTERNAL_ERROR");
    }

    @Test
    void inTransaction_insideAnExtension_isRefused() {
        jdbi.useHandle(handle -> assertThatThrownBy(() -> transactions.inTransaction(tx -> Result.ok(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("call it outside"));
    }

    @Test
    void build_ofAContainersTransactions_isRefused() {
        Jdbi contained = Jdbi.create(pool);
        contained.setTransactionHandler(new CMTTransactionHandler());
        assertThatThrownBy(() -> Transactions.named("bank").build(contained))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("CMTTransactionHandler");
    }

    @Test
    void valuesInAMessage_areNoNameOfAConstraint() {
        for (String hostile :
                List.of("J \"hunter2\" X", "\"ACCOUNTS_NAME\"", "x' for key 'SECRET'", "x' for key 'S'\nmore")) {
            jdbi.useHandle(handle -> {
                handle.execute("delete from accounts");
                handle.execute("insert into accounts values (1, ?, 1)", hostile);
            });
            Result<Integer, DomainError> result = transactions.inTransaction(tx -> {
                tx.handle().execute("insert into accounts values (1, ?, 1)", hostile);
                return Result.ok(1);
            });

            assertThat(code(result)).isIn(PersistenceErrors.ALREADY_EXISTS, NAME_TAKEN);
            String told = result.fold(value -> "", error -> error.args() + " " + error.message());
            assertThat(told).doesNotContain("hunter2", "SECRET", "more", "key 'S'");
        }
    }

    @Test
    void withHandle_insideABody_isTheSameHandle() {
        assertThat(transactions.inTransaction(tx -> {
                    insert(tx.handle(), 1);
                    long seen = jdbi.withHandle(handle -> {
                        assertThat(handle).isSameAs(tx.handle());
                        return handle.createQuery("select count(*) from accounts")
                                .mapTo(Long.class)
                                .one();
                    });
                    return Result.ok(seen);
                }))
                .isEqualTo(Result.ok(1L));
    }

    @Test
    void inTransaction_insideOneOfJdbi_isRefused() {
        jdbi.useTransaction(handle -> assertThatThrownBy(() -> transactions.inTransaction(tx -> Result.ok(Unit.UNIT)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("inside a handle of Jdbi"));
    }

    @Test
    void body_thatCommitsItself_isABug() {
        assertThatThrownBy(() -> transactions.inTransaction(tx -> {
                    insert(tx.handle(), 1);
                    tx.handle().commit();
                    return Result.ok(Unit.UNIT);
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("ended it itself");
    }

    @Test
    void transactionOfJdbi_insideABody_joins() {
        assertThat(transactions
                        .inTransaction(tx -> {
                            jdbi.useTransaction(handle -> insert(handle, 1));
                            return Result.err(REFUSED.error());
                        })
                        .isOk())
                .isFalse();
        assertThat(ids()).isEmpty();
    }

    /* ---- after the commit ---- */

    @Test
    void afterCommit_runsInOrderWhenAllIsCommittedAndGivenBack() {
        List<String> order = new ArrayList<>();
        var unused = transactions.inTransaction(tx -> {
            tx.afterCommit(
                    () -> order.add("first, of " + pool.getHikariPoolMXBean().getActiveConnections() + " in use"));
            tx.afterCommit(() -> order.add("second, sees " + ids()));
            insert(tx.handle(), 1);
            order.add("body");
            return Result.ok(Unit.UNIT);
        });

        assertThat(order).containsExactly("body", "first, of 0 in use", "second, sees [1]");
    }

    @Test
    void afterCommit_thatThrows_changesNothing() {
        List<String> order = new ArrayList<>();
        Result<String, DomainError> result = transactions.inTransaction(tx -> {
            tx.afterCommit(() -> {
                throw new IllegalArgumentException("hook");
            });
            tx.afterCommit(() -> order.add("second"));
            insert(tx.handle(), 1);
            return Result.ok("done");
        });

        assertThat(result).isEqualTo(Result.ok("done"));
        assertThat(order).containsExactly("second");
        assertThat(ids()).containsExactly(1L);
        assertThat(events).containsExactly("bank committed after 1", "bank hook: hook");
    }

    @Test
    void afterCommit_thatThrowsAnError_changesNothing() {
        var ran = new ArrayList<String>();
        assertThat(transactions.inTransaction(tx -> {
                    insert(tx.handle(), 1);
                    tx.handle().afterCommit(() -> {
                        throw new AssertionError("of Jdbi's own");
                    });
                    tx.afterCommit(() -> {
                        throw new NoClassDefFoundError("first");
                    });
                    tx.afterCommit(() -> ran.add("second"));
                    return Result.ok(1);
                }))
                .isEqualTo(Result.ok(1));
        assertThat(ids()).containsExactly(1L);
        assertThat(ran).containsExactly("second");
        assertThat(events).containsExactly("bank committed after 1", "bank hook: first");
    }

    @Test
    void tx_keptBeyondItsEnd_refusesEverything() {
        var kept = new AtomicReference<Tx>();
        assertThat(transactions.inTransaction(tx -> {
                    kept.set(tx);
                    return Result.ok(1);
                }))
                .isEqualTo(Result.ok(1));

        Tx tx = kept.get();
        assertThat(tx.attempt()).isOne();
        for (ThrowingCallable call : List.<ThrowingCallable>of(
                tx::handle,
                tx::setRollbackOnly,
                () -> tx.afterCommit(() -> {}),
                () -> tx.nested(part -> Result.ok(1)))) {
            assertThatThrownBy(call).isInstanceOf(IllegalStateException.class).hasMessageContaining("has ended");
        }
    }

    @Test
    void inTransaction_ofOtherTransactions_isRefused() {
        Transactions others = Transactions.named("others").build(jdbi);

        assertThatThrownBy(() -> transactions.inTransaction(tx -> others.inTransaction(inner -> Result.ok(1))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("other Transactions");
    }

    @Test
    void afterCommitOfJdbi_thatThrows_changesNothing() {
        Result<String, DomainError> result = transactions.inTransaction(tx -> {
            tx.handle().afterCommit(() -> {
                throw new IllegalArgumentException("hook");
            });
            insert(tx.handle(), 1);
            return Result.ok("done");
        });

        assertThat(result).isEqualTo(Result.ok("done"));
        assertThat(ids()).containsExactly(1L);
    }

    /* ---- options ---- */

    @ParameterizedTest
    @EnumSource(names = {"READ_COMMITTED", "REPEATABLE_READ", "SERIALIZABLE"})
    void isolation_holdsForThisTransactionOnly(TransactionIsolationLevel level) {
        jdbi.useHandle(handle -> insert(handle, 9));
        TransactionIsolationLevel before = jdbi.withHandle(Handle::getTransactionIsolationLevel);
        assertThat(transactions.inTransaction(TxOptions.standard().isolation(level), tx -> {
                    return Result.ok(isolation(tx.handle()));
                }))
                .isEqualTo(Result.ok(level));
        for (int i = 0; i < POOL; i++) {
            assertThat(jdbi.withHandle(Handle::getTransactionIsolationLevel)).isEqualTo(before);
        }
    }

    /** {@return whether SERIALIZABLE is what it says} */
    boolean isSerializable() {
        return true;
    }

    /** {@return the isolation that the database itself says it has} */
    abstract TransactionIsolationLevel isolation(Handle handle);

    /** {@return the settings of a session that transactions change, as text} */
    abstract String settings(Handle handle);

    @Test
    void settings_holdForThisTransactionOnly() {
        String before = jdbi.withHandle(this::settings);
        TxOptions options =
                TxOptions.serializable().timeouts(Duration.ofSeconds(3), Duration.ofSeconds(2), Duration.ofSeconds(7));
        var unused = transactions.inTransaction(options, tx -> {
            assertThat(settings(tx.handle())).isNotEqualTo(before);
            return Result.ok(Unit.UNIT);
        });
        var unusedToo = transactions.inTransaction(options, tx -> Result.err(REFUSED.error()));
        assertThatThrownBy(() -> transactions.inTransaction(options, tx -> {
                    throw new IllegalArgumentException();
                }))
                .isInstanceOf(IllegalArgumentException.class);

        for (int i = 0; i < POOL; i++) {
            assertThat(jdbi.withHandle(this::settings)).isEqualTo(before);
        }
    }

    @Test
    void networkTimeout_holdsForThisTransactionOnly() {
        int before = networkTimeout();
        TxOptions options = TxOptions.standard().timeouts(Duration.ofSeconds(3), Duration.ZERO, Duration.ofSeconds(9));
        var time = new SteppedTime();
        Transactions timed = Transactions.named("bank").time(time).build(jdbi);

        assertThat(timed.inTransaction(options, tx -> {
                    assertThat(networkTimeout(tx.handle())).isEqualTo(10_000);
                    time.pass(Duration.ofSeconds(5));
                    insert(tx.handle(), 1);
                    assertThat(networkTimeout(tx.handle())).isEqualTo(5_000);
                    return Result.ok(1);
                }))
                .isEqualTo(Result.ok(1));
        for (int i = 0; i < POOL; i++) {
            assertThat(networkTimeout()).isEqualTo(before);
        }
    }

    private int networkTimeout() {
        return jdbi.withHandle(TransactionsContract::networkTimeout);
    }

    private static int networkTimeout(Handle handle) {
        try {
            return handle.getConnection().getNetworkTimeout();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @CsvSource({"UNKNOWN,false", "UNKNOWN,true", "READ_COMMITTED,true", "SERIALIZABLE,true", "REPEATABLE_READ,false"})
    void options_inAnyCombination_beginAndEnd(TransactionIsolationLevel level, boolean readOnly) {
        for (Duration timeout : List.of(Duration.ZERO, Duration.ofSeconds(4), Duration.ofHours(1))) {
            var options = new TxOptions(level, readOnly, timeout, timeout, Duration.ofSeconds(20), 1);

            assertThat(transactions.inTransaction(options, tx -> {
                        return Result.ok(tx.handle()
                                .createQuery("select count(*) from accounts")
                                .mapTo(Long.class)
                                .one());
                    }))
                    .isEqualTo(Result.ok(0L));
        }
    }

    /** {@return whether a read-only transaction cannot write} H2 takes it as a hint. */
    boolean enforcesReadOnly() {
        return true;
    }

    @Test
    void readOnly_writes_isADatabaseErrorAndNothingIsWritten() {
        assumeTrue(enforcesReadOnly());
        Result<Integer, DomainError> result = transactions.inTransaction(TxOptions.reading(), tx -> {
            insert(tx.handle(), 1);
            return Result.ok(1);
        });

        assertThat(code(result)).isEqualTo(PersistenceErrors.DATABASE_ERROR);
        assertThat(ids()).isEmpty();
        assertThat(events).containsExactly("bank rolled back: DATABASE_ERROR");
    }

    @Test
    void statement_behindTheDeadline_isNotBegun() {
        var time = new SteppedTime();
        Transactions timed = Transactions.named("bank").time(time).build(jdbi);
        TxOptions options = TxOptions.standard()
                .timeouts(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(2))
                .attempts(3);

        Result<Integer, DomainError> result = timed.inTransaction(options, tx -> {
            insert(tx.handle(), 1);
            time.pass(Duration.ofSeconds(2));
            insert(tx.handle(), 2);
            return Result.ok(tx.attempt());
        });

        assertThat(code(result)).isEqualTo(PersistenceErrors.STATEMENT_TIMEOUT);
        assertThat(ids()).isEmpty();
    }

    @Test
    void statement_behindTheDeadline_passedOver_isNotCommitted() {
        var time = new SteppedTime();
        Transactions timed = Transactions.named("bank").time(time).build(jdbi);

        Result<Integer, DomainError> result = timed.inTransaction(tx -> {
            insert(tx.handle(), 1);
            time.pass(TxOptions.standard().deadline());
            assertThatThrownBy(() -> insert(tx.handle(), 2)).isInstanceOf(JdbiException.class);
            return Result.ok(1);
        });

        assertThat(code(result)).isEqualTo(PersistenceErrors.TRANSACTION_ABORTED);
        assertThat(ids()).isEmpty();
    }

    @Test
    void attempt_behindTheDeadline_isNotBegun() {
        var time = new SteppedTime();
        Transactions timed = Transactions.named("bank").time(time).build(jdbi);
        var bodies = new AtomicInteger();

        Result<Integer, DomainError> result = timed.inTransaction(tx -> {
            bodies.incrementAndGet();
            time.pass(TxOptions.standard().deadline());
            throw new ConnectionException(new SQLException("lost", "40001"));
        });

        assertThat(code(result)).isEqualTo(PersistenceErrors.SERIALIZATION_FAILED);
        assertThat(bodies).hasValue(1);
    }

    @Test
    void connection_thatCameBehindTheDeadline_isNotUsedAndNotDropped() {
        var time = new SteppedTime();
        Jdbi slow = Jdbi.create(() -> {
            time.pass(TxOptions.standard().deadline());
            return pool.getConnection();
        });

        Result<Integer, DomainError> result = Transactions.named("bank")
                .time(time)
                .build(slow)
                .inTransaction(tx -> {
                    throw new AssertionError("the body ran");
                });

        assertThat(code(result)).isEqualTo(PersistenceErrors.DATABASE_UNAVAILABLE);
    }

    @Test
    void poolWithoutAutoCommit_isNoDifference() {
        var config = new HikariConfig();
        pool.copyStateTo(config);
        config.setAutoCommit(false);
        try (var manual = new HikariDataSource(config)) {
            Transactions of = Transactions.named("bank").build(Jdbi.create(manual));

            assertThat(of.inTransaction(TxOptions.serializable(), tx -> {
                                insert(tx.handle(), 1);
                                return Result.ok(1);
                            })
                            .isOk())
                    .isTrue();
            assertThat(of.inTransaction(TxOptions.reading(), tx -> Result.ok(1)).isOk())
                    .isTrue();
            assertThat(of.inTransaction(tx -> {
                                insert(tx.handle(), 2);
                                return Result.err(REFUSED.error());
                            })
                            .isOk())
                    .isFalse();
        }
        assertThat(ids()).containsExactly(1L);
    }

    /** Stands still, until a test lets time pass; a sleep takes none of the test's. */
    static final class SteppedTime implements TimeSource {
        private final AtomicLong nanos = new AtomicLong();

        void pass(Duration duration) {
            nanos.addAndGet(duration.toNanos());
        }

        @Override
        public long nanoTime() {
            return nanos.get();
        }

        @Override
        public Instant instant() {
            return Instant.EPOCH.plusNanos(nanos.get());
        }

        @Override
        public void sleep(Duration duration) {
            pass(duration);
        }

        @Override
        public Future<?> schedule(Duration delay, Runnable task) {
            throw new AssertionError("nothing is scheduled");
        }
    }

    /* ---- losing against others ---- */

    private static Result<Integer, DomainError> loses(Tx tx) {
        throw new ConnectionException(new SQLException("lost in attempt " + tx.attempt(), "40001"));
    }

    @Test
    void waits_areDrawnFromTheSourceThatIsGiven() {
        var time = new SteppedTime();
        var bounds = new ArrayList<Long>();
        RandomGenerator most = new RandomGenerator() {
            @Override
            public long nextLong() {
                return 0;
            }

            @Override
            public long nextLong(long bound) {
                bounds.add(bound);
                return bound - 1;
            }
        };
        Transactions timed = Transactions.named("bank").time(time).random(most).build(jdbi);

        assertThat(code(timed.inTransaction(TxOptions.standard().attempts(8), TransactionsContract::loses)))
                .isEqualTo(PersistenceErrors.SERIALIZATION_FAILED);

        assertThat(bounds).containsExactly(11L, 21L, 41L, 81L, 161L, 251L, 251L);
        assertThat(time.nanoTime())
                .isEqualTo(
                        Duration.ofMillis(10 + 20 + 40 + 80 + 160 + 250 + 250).toNanos());
    }

    @Test
    void wait_longerThanWhatIsLeft_isNotBegun() {
        var time = new SteppedTime();
        Transactions timed = Transactions.named("bank")
                .defaults(TxOptions.standard().timeouts(Duration.ZERO, Duration.ZERO, Duration.ofMillis(20)))
                .time(time)
                .random(() -> Long.MAX_VALUE)
                .build(jdbi);
        var bodies = new AtomicInteger();

        Result<Integer, DomainError> result = timed.inTransaction(tx -> {
            bodies.incrementAndGet();
            time.pass(Duration.ofMillis(19));
            return loses(tx);
        });

        assertThat(code(result)).isEqualTo(PersistenceErrors.SERIALIZATION_FAILED);
        assertThat(bodies.get()).isLessThanOrEqualTo(2);
    }

    @Test
    void interrupted_whileItWaits_givesUpAndStaysInterrupted() {
        var bodies = new AtomicInteger();

        Transactions atOnce = Transactions.named("bank").random(() -> 0).build(jdbi); // even where no wait is needed

        Result<Integer, DomainError> result = atOnce.inTransaction(tx -> {
            bodies.incrementAndGet();
            Thread.currentThread().interrupt();
            return loses(tx);
        });

        assertThat(Thread.interrupted()).isTrue();
        assertThat(code(result)).isEqualTo(PersistenceErrors.SERIALIZATION_FAILED);
        assertThat(bodies).hasValue(1);
    }

    @Test
    void listener_thatThrows_changesNothing() {
        Transactions heard = Transactions.named("bank")
                .listener(new TransactionListener() {
                    @Override
                    public void onCommit(String database, int attempts, long nanos) {
                        throw new IllegalStateException("a listener's bug");
                    }

                    @Override
                    public void onRetry(String database, int attempt, ErrorCode reason) {
                        throw new IllegalStateException("a listener's bug");
                    }
                })
                .build(jdbi);

        assertThat(heard.inTransaction(tx -> tx.attempt() == 1 ? loses(tx) : Result.ok(tx.attempt())))
                .isEqualTo(Result.ok(2));
    }

    /** Each reads the sum and takes from one: serial, the last ones see that too little is left. */
    @Test
    void writeSkew_underSerializable_isRunAgain() throws Exception {
        assumeTrue(isSerializable(), "it has snapshots, and calls them serializable");
        int threads = 8;
        int attempts = 40;
        fillAccounts(threads);
        var start = new CyclicBarrier(threads);
        var runs = new AtomicInteger();
        List<Result<Integer, DomainError>> results = inThreads(threads, account -> {
            await(start);
            return transactions.inTransaction(TxOptions.serializable().attempts(attempts), tx -> {
                runs.incrementAndGet();
                if (sum(tx.handle()) < 400) {
                    return Result.err(REFUSED.error());
                }
                tx.handle().execute("update accounts set balance = balance - 100 where id = ?", account);
                return Result.ok(tx.attempt());
            });
        });

        List<Integer> taken = new ArrayList<>();
        results.forEach(result -> result.onOk(taken::add));
        assertThat(taken).hasSize(5).allMatch(attempt -> attempt <= attempts);
        assertThat(results)
                .filteredOn(result -> !result.isOk())
                .hasSize(3)
                .allMatch(result -> code(result).equals(REFUSED));
        assertThat(runs.get()).isGreaterThan(threads); // or nobody met anybody
        assertThat(jdbi.<Long, RuntimeException>withHandle(TransactionsContract::sum))
                .isEqualTo(300);
    }

    /** Each has one row and wants that of the next. Whoever passes over that it lost has lost all the same. */
    @ParameterizedTest
    @CsvSource({"2, false", "2, true", "4, false"})
    void deadlock_allFinish(int threads, boolean passedOver) throws Exception {
        fillAccounts(threads);
        var firstRound = new CountDownLatch(threads);
        List<Result<Integer, DomainError>> results = inThreads(
                threads,
                account -> transactions.inTransaction(TxOptions.standard().attempts(20), tx -> {
                    add(tx, account);
                    firstRound.countDown();
                    await(firstRound);
                    try {
                        add(tx, account % threads + 1);
                    } catch (JdbiException e) {
                        if (!passedOver) {
                            throw e;
                        }
                    }
                    return Result.ok(tx.attempt());
                }));

        assertThat(results).allMatch(Result::isOk);
        assertThat(results)
                .anyMatch(result -> result.equals(Result.ok(1)))
                .anyMatch(result -> !result.equals(Result.ok(1)));
        assertThat(jdbi.<Long, RuntimeException>withHandle(TransactionsContract::sum))
                .isEqualTo(102L * threads);
    }

    private void fillAccounts(int count) {
        jdbi.useHandle(handle -> {
            for (int i = 1; i <= count; i++) {
                insert(handle, i);
            }
        });
    }

    private static void add(Tx tx, long account) {
        tx.handle().execute("update accounts set balance = balance + 1 where id = ?", account);
    }

    private static long sum(Handle handle) {
        return handle.createQuery("select sum(balance) from accounts")
                .mapTo(Long.class)
                .one();
    }

    /** {@return what each thread ended with, by their numbers from 1 on} */
    private static <T> List<T> inThreads(int threads, LongFunction<T> work) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<T>> all = new ArrayList<>();
            for (int i = 1; i <= threads; i++) {
                long number = i;
                all.add(executor.submit(() -> work.apply(number)));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> one : all) {
                results.add(one.get());
            }
            return results;
        } finally {
            executor.shutdownNow();
        }
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@return a statement that inserts the account 1 unless it is there} */
    abstract String insertIfAbsent();

    /** Who comes second waits for the first. */
    @Test
    void insertIfAbsent_byMany_isDoneOnce() throws Exception {
        int threads = 8;
        var start = new CyclicBarrier(threads);
        List<Result<Integer, DomainError>> results = inThreads(threads, number -> {
            await(start);
            return transactions.inTransaction(TxOptions.standard().attempts(20), tx -> {
                return Result.ok(tx.handle().execute(insertIfAbsent()));
            });
        });

        assertThat(results).as("%s", events).allMatch(Result::isOk);
        assertThat(ids()).containsExactly(1L);
    }

    /* ---- connections ---- */

    /** Not twice, nor a rollback after a commit: some drivers and pools take that ill. */
    @Test
    void commitAndRollback_areAskedForOnce() {
        List<String> asked = new ArrayList<>();
        Transactions counted = Transactions.named("bank")
                .build(Jdbi.create(() -> recording(DriverManager.getConnection(url, user(), ""), asked)));
        var unused = counted.inTransaction(tx -> {
            insert(tx.handle(), 1);
            return Result.ok(Unit.UNIT);
        });
        assertThat(asked).containsExactly("commit");

        asked.clear();
        var unusedToo = counted.inTransaction(tx -> {
            insert(tx.handle(), 2);
            return Result.err(REFUSED.error());
        });
        assertThat(asked).containsExactly("rollback");
    }

    /** {@return a connection that notes commits and rollbacks} */
    static Connection recording(Connection connection, List<String> asked) {
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("commit") || method.getName().equals("rollback")) {
                        asked.add(method.getName());
                    }
                    try {
                        return method.invoke(connection, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void poolWithoutAutocommit_isLeftAsItWas() throws SQLException {
        var config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setUsername(user());
        config.setPassword("");
        config.setMaximumPoolSize(1);
        config.setAutoCommit(false);
        try (var manual = new HikariDataSource(config)) {
            Transactions among = Transactions.named("bank").build(Jdbi.create(manual));
            assertThat(among.inTransaction(TxOptions.serializable(), tx -> {
                        insert(tx.handle(), 1);
                        return Result.ok(1);
                    }))
                    .isEqualTo(Result.ok(1));
            assertThat(code(among.inTransaction(TxOptions.serializable(), tx -> {
                        insert(tx.handle(), 2);
                        return Result.err(REFUSED.error());
                    })))
                    .isEqualTo(REFUSED);
            leftovers.assertNothingOpen();
            try (Connection connection = manual.getConnection()) {
                assertThat(connection.getAutoCommit()).isFalse();
                connection.rollback();
            }
        }
        assertThat(ids()).containsExactly(1L);
    }

    /** {@link #nothingIsLeft} says whether one was given back with its transaction open. */
    @Test
    void readOnlyTransaction_howeverItEnds_isClosed() {
        jdbi.useHandle(handle -> insert(handle, 1));
        assertThat(transactions.inTransaction(TxOptions.reading(), tx -> Result.ok(sum(tx.handle()))))
                .isEqualTo(Result.ok(100L));
        assertThat(code(transactions.inTransaction(TxOptions.reading(), tx -> {
                    assertThat(sum(tx.handle())).isEqualTo(100);
                    return Result.err(REFUSED.error());
                })))
                .isEqualTo(REFUSED);
        assertThatThrownBy(() -> transactions.inTransaction(TxOptions.reading(), tx -> {
                    assertThat(sum(tx.handle())).isEqualTo(100);
                    throw new IllegalArgumentException();
                }))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void poolOfOne_isEnoughForWhatJoins() {
        try (HikariDataSource one = pool(url, 1)) {
            Jdbi single = Jdbi.create(one);
            Transactions among = Transactions.named("bank").build(single);
            assertThat(among.inTransaction(tx -> {
                        insert(tx.handle(), 1);
                        return among.inTransaction(inner -> {
                            single.useHandle(handle -> insert(handle, 2));
                            return inner.nested(part -> Result.ok(sum(part.handle())));
                        });
                    }))
                    .isEqualTo(Result.ok(200L));
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void exhausted_tellsOfEarlierAttempts() {
        Result<Integer, DomainError> result =
                transactions.inTransaction(TxOptions.standard().attempts(3), TransactionsContract::loses);

        Throwable last = result.fold(value -> null, error -> error.cause().orElse(null));
        assertThat(last).hasMessage("lost in attempt 3");
        assertThat(last.getSuppressed())
                .extracting(Throwable::getMessage)
                .containsExactly("lost in attempt 1", "lost in attempt 2");
    }

    /** It may be of another database, which has tried again already, or whose statement may have run. */
    @Test
    void errOfSomethingElse_isNotRunAgain() {
        for (ErrorCode code : List.of(PersistenceErrors.DATABASE_UNAVAILABLE, PersistenceErrors.SERIALIZATION_FAILED)) {
            var runs = new AtomicInteger();
            assertThat(code(transactions.inTransaction(tx -> {
                        runs.incrementAndGet();
                        return Result.err(code.error());
                    })))
                    .isEqualTo(code);
            assertThat(runs).hasValue(1);
        }
        var runs = new AtomicInteger();
        assertThat(code(transactions.inTransaction(tx -> {
                    runs.incrementAndGet();
                    throw new ConnectionException(new SQLException("another server is gone", "08006"));
                })))
                .isEqualTo(PersistenceErrors.DATABASE_UNAVAILABLE);
        assertThat(runs).hasValue(1);
    }

    @Test
    void fullDatabase_isNotTriedAgain() {
        var runs = new AtomicInteger();
        assertThat(code(transactions.inTransaction(tx -> {
                    runs.incrementAndGet();
                    throw new ConnectionException(new SQLException("no space", "53100"));
                })))
                .isEqualTo(PersistenceErrors.DATABASE_UNAVAILABLE);
        assertThat(runs).hasValue(1);
    }

    @Test
    void lostRace_attemptsAreBounded() {
        var runs = new AtomicInteger();
        Result<Unit, DomainError> result =
                transactions.inTransaction(TxOptions.standard().attempts(3), tx -> {
                    runs.incrementAndGet();
                    return loses(tx).map(value -> Unit.UNIT);
                });

        assertThat(code(result)).isEqualTo(PersistenceErrors.SERIALIZATION_FAILED);
        assertThat(runs).hasValue(3);
        assertThat(events)
                .containsExactly(
                        "bank again, 2: SERIALIZATION_FAILED",
                        "bank again, 3: SERIALIZATION_FAILED",
                        "bank rolled back: SERIALIZATION_FAILED");
    }

    @Test
    void lock_notGranted_isTriedOnceMore() throws Exception {
        jdbi.useHandle(handle -> insert(handle, 1));
        var runs = new AtomicInteger();
        var options = TxOptions.standard()
                .timeouts(Duration.ofSeconds(5), Duration.ofSeconds(1), Duration.ofSeconds(20))
                .attempts(10);
        try (Handle other = jdbi.open()) {
            other.begin();
            other.execute("update accounts set balance = 0 where id = 1");
            Result<Unit, DomainError> result = transactions.inTransaction(options, tx -> {
                runs.incrementAndGet();
                tx.handle().execute("update accounts set balance = 1 where id = 1");
                return Result.ok(Unit.UNIT);
            });
            other.rollback();

            assertThat(code(result)).isEqualTo(PersistenceErrors.LOCK_TIMEOUT);
            assertThat(runs).hasValue(2);
        }
    }
}
