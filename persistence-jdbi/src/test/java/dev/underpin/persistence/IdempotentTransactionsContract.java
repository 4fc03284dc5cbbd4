package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.underpin.idempotency.Fingerprint;
import dev.underpin.idempotency.Idempotency;
import dev.underpin.idempotency.IdempotencyErrors;
import dev.underpin.idempotency.IdempotencyListener;
import dev.underpin.idempotency.IdempotencyStore;
import dev.underpin.idempotency.IdempotentRequest;
import dev.underpin.idempotency.Operation;
import dev.underpin.idempotency.Replay;
import dev.underpin.persistence.idempotency.IdempotentTransactions;
import dev.underpin.persistence.idempotency.JdbiIdempotencyStore;
import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.Retry;
import dev.underpin.result.Unit;
import dev.underpin.result.spi.Codec;
import dev.underpin.result.spi.TimeSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.DefinedAttributeTemplateEngine;
import org.jdbi.v3.core.statement.HashPrefixSqlParser;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What a request with a key does to a database, in one transaction and in steps. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class IdempotentTransactionsContract {
    static final ErrorCode DECLINED = ErrorCode.of(ErrorKind.UNPROCESSABLE, "DECLINED", "declined");
    static final ErrorCode BUSY = ErrorCode.of(ErrorKind.UNAVAILABLE, "BUSY", "busy");
    static final Codec<String> TEXT = new Codec<>() {
        @Override
        public byte[] encode(String value) {
            return value.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public String decode(byte[] bytes) {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    };
    static final Operation<String> PLACE = Operation.named("orders.place").build(TEXT);
    static final Operation<String> PLACE_WAITING =
            Operation.named("orders.place").maxWait(Duration.ofMinutes(5)).build(TEXT);
    private static final Fingerprint BODY = Fingerprint.ofBytes(new byte[] {1});
    private static final Fingerprint OTHER_BODY = Fingerprint.ofBytes(new byte[] {2});

    private static final HexFormat HEX = HexFormat.of();
    private static final String GOLDEN_KEY = "75119f4f003b58017c7258d8c162992855164f6bed152102937f4e15d6a80c65";
    private static final String GOLDEN_FINGERPRINT =
            "0125dfd29c09617dcc9852281c030e5b3037a338a4712a42a21c907f259c6412a0";
    private static final String GOLDEN_STEPS = "010000000361c3a90000000107" + "01000000016200000000";

    private final List<String> heard = Collections.synchronizedList(new ArrayList<>());
    private final ExecutorService executor = Executors.newCachedThreadPool();
    private HikariDataSource pool;
    private Jdbi direct;
    private Transactions transactions;
    private IdempotentTransactions once;
    private IdempotencyStore store;
    private Leftovers leftovers;

    /** {@return the address of an empty database} */
    abstract String url() throws Exception;

    abstract String user();

    /** {@return the folder of the scripts} */
    abstract String folder();

    /** {@return the text of a time some microseconds before that of a column} */
    abstract String earlier(String column);

    @BeforeAll
    void connect() throws Exception {
        String url = url();
        pool = VendorErrorsContract.pool(url, user(), 2);
        pool.setConnectionTimeout(30_000);
        direct = Jdbi.create(url, user(), "");
        String script =
                Files.readString(MigrationsContract.scripts(folder(), ".up.sql").get(0));
        direct.useHandle(handle -> {
            handle.createScript(script).execute();
            handle.execute("create table effects (id varchar(60) primary key, amount integer)");
        });
        var jdbi = Jdbi.create(pool);
        transactions = Transactions.named("shop").build(jdbi);
        store = JdbiIdempotencyStore.of(jdbi);
        once = IdempotentTransactions.of(transactions).listener(new Heard());
        leftovers = new Leftovers(pool, direct);
    }

    private final class Heard implements IdempotencyListener {
        @Override
        public void onExecuted(String operation, long nanos, ErrorCode error) {
            heard.add("executed" + (error == null ? "" : " " + error));
        }

        @Override
        public void onReplayed(String operation) {
            heard.add("replayed");
        }

        @Override
        public void onRejected(String operation, ErrorCode reason) {
            heard.add("rejected " + reason);
        }
    }

    @BeforeEach
    void empty() {
        direct.useHandle(handle -> {
            handle.execute("delete from effects");
            handle.execute("delete from underpin_idempotency");
        });
        heard.clear();
    }

    @AfterEach
    void nothingIsLeft() throws SQLException {
        leftovers.assertNone();
    }

    @AfterAll
    void disconnect() {
        executor.shutdownNow();
        pool.close();
    }

    /* ---- one transaction ---- */

    @Test
    void execute_twice_hasTheEffectOnceAndMarksTheSecondAnswer() {
        Replay<String> first = once.execute(PLACE, request("k"), effect("a")).orElseThrow();
        Replay<String> second = once.execute(PLACE, request("k"), effect("b")).orElseThrow();

        assertThat(first).isEqualTo(new Replay<>("a", false));
        assertThat(second).isEqualTo(new Replay<>("a", true));
        assertThat(second.headers()).isEqualTo(Map.of("Idempotent-Replayed", "true"));
        assertThat(effects()).containsExactly("a");
        assertThat(heard).containsExactly("executed", "replayed");
        assertThat(bytes("outcome")).containsExactly(1, 1, 'a');
    }

    @Test
    void execute_otherBody_isRefusedAndTheFirstStillReplayed() {
        ok(once.execute(PLACE, request("k"), effect("a")));

        assertThat(code(once.execute(PLACE, new IdempotentRequest("t", "k", OTHER_BODY), effect("b"))))
                .isEqualTo(IdempotencyErrors.IDEMPOTENCY_KEY_REUSED);
        assertThat(once.execute(PLACE, request("k"), effect("c")).orElseThrow().value())
                .isEqualTo("a");
        assertThat(effects()).containsExactly("a");
        assertThat(heard).containsExactly("executed", "rejected IDEMPOTENCY_KEY_REUSED", "replayed");
    }

    @Test
    void execute_otherTenantOrOperation_isAnotherRequest() {
        Operation<String> other = Operation.named("orders.cancel").build(TEXT);
        ok(once.execute(PLACE, new IdempotentRequest("t", "k", BODY), effect("a")));
        ok(once.execute(PLACE, new IdempotentRequest("u", "k", BODY), effect("b")));
        ok(once.execute(other, new IdempotentRequest("t", "k", BODY), effect("c")));

        assertThat(effects()).containsExactly("a", "b", "c");
    }

    @Test
    void execute_errorThatIsKept_undoesTheEffectAndIsReplayed() {
        for (int i = 0; i < 2; i++) {
            Result<Replay<String>, DomainError> result = once.execute(PLACE, request("k"), tx -> {
                insert(tx, "a");
                tx.afterCommit(() -> heard.add("hook"));
                return Result.err(DomainError.builder(DECLINED).arg("left", 3).build());
            });

            assertThat(code(result)).isEqualTo(DECLINED);
            assertThat(result.fold(value -> Map.of(), DomainError::args))
                    .isEqualTo(Map.of("left", i == 0 ? (Object) 3 : 3L));
        }
        assertThat(effects()).isEmpty();
        assertThat(heard).containsExactly("executed DECLINED", "replayed");
    }

    @Test
    void execute_errorThatIsNotKept_leavesNothing() {
        assertThat(code(once.execute(PLACE, request("k"), tx -> {
                    insert(tx, "a");
                    return Result.err(
                            DomainError.builder(BUSY).retry(Retry.SAME_CALL).build());
                })))
                .isEqualTo(BUSY);
        assertThat(effects()).isEmpty();
        assertThat(rows()).isZero();

        assertThat(once.execute(PLACE, request("k"), effect("b")).orElseThrow().replayed())
                .isFalse();
        assertThat(heard).containsExactly("executed BUSY", "executed");
    }

    @Test
    void execute_errorThatIsNotKept_leavesNothingWhateverElseIsCommitted() {
        IdempotentTransactions committing = IdempotentTransactions.of(
                Transactions.named("shop").commitOn(error -> true).build(transactions.jdbi()));

        assertThat(code(committing.execute(PLACE, request("k"), tx -> Result.err(BUSY.error()))))
                .isEqualTo(BUSY);
        assertThat(rows()).isZero();
    }

    @Test
    void execute_exception_leavesNothingAndIsThrownOn() {
        assertThatThrownBy(() -> once.execute(PLACE, request("k"), tx -> {
                    insert(tx, "a");
                    throw new IllegalArgumentException("a bug");
                }))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(effects()).isEmpty();
        assertThat(rows()).isZero();
    }

    @Test
    void execute_statementThatFailed_isKeptOnlyIfItIsTheAnswer() {
        assertThat(code(once.execute(PLACE, request("k"), tx -> {
                    insert(tx, "a");
                    insert(tx, "a");
                    return Result.ok("a");
                })))
                .isEqualTo(PersistenceErrors.ALREADY_EXISTS);
        assertThat(rows()).isOne();
        assertThat(code(once.execute(PLACE, request("k"), effect("b")))).isEqualTo(PersistenceErrors.ALREADY_EXISTS);

        assertThat(code(once.execute(PLACE, request("l"), tx -> {
                    insert(tx, "a");
                    try {
                        insert(tx, "a");
                    } catch (RuntimeException e) {
                        heard.add("passed over");
                    }
                    return Result.ok("a");
                })))
                .isEqualTo(PersistenceErrors.TRANSACTION_ABORTED);
        assertThat(rows()).isOne();
        assertThat(effects()).isEmpty();
    }

    @Test
    void execute_nestedInTheBody_isUndoneByItself() {
        assertThat(once.execute(PLACE, request("k"), tx -> {
                            insert(tx, "a");
                            Result<Unit, DomainError> inner = tx.nested(nested -> {
                                insert(nested, "b");
                                return Result.err(DECLINED.error());
                            });
                            insert(tx, "c");
                            return Result.ok(inner.isOk() ? "ok" : "undone");
                        })
                        .orElseThrow()
                        .value())
                .isEqualTo("undone");
        assertThat(effects()).containsExactly("a", "c");
    }

    @Test
    void execute_hooks_runOnceAndNotOfARepeat() {
        for (int i = 0; i < 2; i++) {
            ok(once.execute(PLACE, request("k"), tx -> {
                insert(tx, "a");
                tx.afterCommit(() -> heard.add("hook"));
                return Result.ok("a");
            }));
        }
        assertThat(heard).containsExactly("hook", "executed", "replayed");
    }

    @Test
    void execute_transactionThatLost_runsAgainWithItsKey() {
        var runs = new AtomicInteger();
        assertThat(once.execute(PLACE, request("k"), tx -> {
                            insert(tx, "a" + runs.incrementAndGet());
                            if (runs.get() == 1) {
                                throw new UnableToExecuteStatementException(
                                        new SQLException("deadlock", "40001", 1213), null);
                            }
                            return Result.ok("a");
                        })
                        .orElseThrow()
                        .replayed())
                .isFalse();
        assertThat(effects()).containsExactly("a2");
        assertThat(rows()).isOne();
    }

    @Test
    void execute_serializable_isExecutedOnce() throws Exception {
        IdempotentTransactions serializable = IdempotentTransactions.of(Transactions.named("shop")
                .defaults(TxOptions.serializable().attempts(50))
                .build(transactions.jdbi()));
        List<Result<Replay<String>, DomainError>> all =
                race(8, () -> serializable.execute(PLACE_WAITING, request("k"), effect("a")));

        assertThat(all).allMatch(Result::isOk);
        assertThat(effects()).containsExactly("a");
    }

    @Test
    void execute_prepare_runsWithoutAConnectionAndNotForARepeat() throws SQLException {
        for (int i = 0; i < 2; i++) {
            Replay<String> replay = once.<String, String>execute(
                            PLACE,
                            request("k"),
                            () -> {
                                assertThat(pool.getHikariPoolMXBean().getActiveConnections())
                                        .isZero();
                                heard.add("prepared");
                                return Result.ok("p");
                            },
                            (tx, prepared) -> {
                                insert(tx, prepared);
                                return Result.ok(prepared + "!");
                            })
                    .orElseThrow();
            assertThat(replay).isEqualTo(new Replay<>("p!", i == 1));
        }
        assertThat(effects()).containsExactly("p");
        assertThat(heard).containsExactly("prepared", "executed", "replayed");
    }

    @Test
    void execute_prepareFails_isReturnedAndKeptByNobody() {
        assertThat(code(once.<String, String>execute(
                        PLACE,
                        request("k"),
                        () -> Result.err(DECLINED.error()),
                        (tx, prepared) -> Result.ok(prepared))))
                .isEqualTo(DECLINED);
        assertThat(rows()).isZero();
        assertThat(heard).containsExactly("executed DECLINED");
    }

    @Test
    void execute_insideATransaction_isABug() {
        assertThatThrownBy(() -> transactions.inTransaction(tx -> once.execute(PLACE, request("k"), effect("a"))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("outside");
        assertThatThrownBy(() -> transactions.inTransaction(tx -> Result.ok(store.find(key("k")))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("outside");
        assertThat(rows()).isZero();
    }

    @Test
    void execute_listenerThatThrows_changesNothing() {
        IdempotentTransactions loud = once.listener(new IdempotencyListener() {
            @Override
            public void onExecuted(String operation, long nanos, ErrorCode error) {
                throw new IllegalStateException();
            }
        });
        assertThat(loud.execute(PLACE, request("k"), effect("a")).isOk()).isTrue();
    }

    @Test
    void execute_answerTooLarge_isGivenOnceAndNotExecutedAgain() {
        Operation<String> small = Operation.named("orders.place").maxAnswer(3).build(TEXT);
        assertThat(once.execute(small, request("k"), effect("large"))
                        .orElseThrow()
                        .value())
                .isEqualTo("large");
        assertThat(code(once.execute(small, request("k"), effect("again"))))
                .isEqualTo(IdempotencyErrors.IDEMPOTENCY_ANSWER_NOT_KEPT);
        assertThat(effects()).containsExactly("large");
    }

    @Test
    void execute_answerThatCannotBeRead_isNotExecutedAgain() {
        Operation<String> later = Operation.named("orders.place").build(new Codec<String>() {
            @Override
            public byte[] encode(String value) {
                return TEXT_BYTES;
            }

            @Override
            public String decode(byte[] bytes) throws IOException {
                throw new IOException("version 9");
            }
        });
        ok(once.execute(PLACE, request("k"), effect("a")));
        assertThat(code(once.execute(later, request("k"), effect("b"))))
                .isEqualTo(IdempotencyErrors.IDEMPOTENCY_ANSWER_UNREADABLE);
        assertThat(effects()).containsExactly("a");
    }

    private static final byte[] TEXT_BYTES = {9};

    @Test
    void execute_codecThatEncrypts_leavesNothingInClear() {
        Codec<String> rot = new Codec<>() {
            @Override
            public byte[] encode(String value) {
                return turned(value.getBytes(StandardCharsets.UTF_8));
            }

            @Override
            public String decode(byte[] bytes) {
                return new String(turned(bytes), StandardCharsets.UTF_8);
            }

            private byte[] turned(byte[] bytes) {
                byte[] turned = bytes.clone();
                for (int i = 0; i < turned.length; i++) {
                    turned[i] ^= 0x55;
                }
                return turned;
            }
        };
        Operation<String> secret = Operation.named("orders.place").build(rot);
        ok(once.execute(secret, request("k"), tx -> Result.ok("4111-1111")));

        assertThat(new String(bytes("outcome"), StandardCharsets.ISO_8859_1)).doesNotContain("4111");
        assertThat(once.execute(secret, request("k"), effect("b")).orElseThrow().value())
                .isEqualTo("4111-1111");
    }

    @Test
    void execute_expired_isANewRequest() {
        ok(once.execute(PLACE, request("k"), effect("a")));
        pass(PLACE.ttl());

        assertThat(once.execute(PLACE, new IdempotentRequest("t", "k", OTHER_BODY), effect("b"))
                        .orElseThrow())
                .isEqualTo(new Replay<>("b", false));
        assertThat(effects()).containsExactly("a", "b");
        assertThat(rows()).isOne();
        assertThat(store.reap(10)).isZero();
    }

    @Test
    void execute_largestKeyAndTenant_isKept() {
        String tenant = "\uD83D\uDE00\0x".repeat(300);
        String key = "~".repeat(255);
        ok(once.execute(PLACE, new IdempotentRequest(tenant, key, BODY), effect("a")));

        assertThat(once.execute(PLACE, new IdempotentRequest(tenant, key, BODY), effect("b"))
                        .orElseThrow()
                        .value())
                .isEqualTo("a");
    }

    /** The clock of a machine decides over nothing: neither a lease nor what has expired. */
    @Test
    void execute_clockThatJumps_changesNothing() {
        for (Duration jump : List.of(Duration.ofDays(2), Duration.ofDays(-2))) {
            String key = "k" + jump;
            TimeSource jumping = new JumpingTime(jump);
            var jumped = IdempotentTransactions.of(
                    Transactions.named("shop").time(jumping).build(transactions.jdbi()));
            Idempotency leased = Idempotency.builder(store).time(jumping).build();

            ok(once.execute(PLACE, request(key), effect(key)));
            assertThat(jumped.execute(PLACE, request(key), effect("b")).orElseThrow())
                    .isEqualTo(new Replay<>(key, true));
            claim(store, key + "l", UUID.randomUUID(), Duration.ofMinutes(1));
            assertThat(code(leased.execute(PLACE, request(key + "l"), run -> Result.ok("c"))))
                    .isEqualTo(IdempotencyErrors.IDEMPOTENCY_IN_PROGRESS);
            ok(leased.execute(PLACE, request(key + "m"), run -> Result.ok("d")));
            assertThat(store.reap(10)).isZero();
        }
    }

    /** Elapsed time as it is, and a wall clock that is wrong. */
    private record JumpingTime(Duration jump) implements TimeSource {
        @Override
        public Instant instant() {
            return Instant.now().plus(jump);
        }

        @Override
        public long nanoTime() {
            return System.nanoTime();
        }

        @Override
        public void sleep(Duration duration) throws InterruptedException {
            TimeSource.system().sleep(duration);
        }

        @Override
        public Future<?> schedule(Duration delay, Runnable task) {
            return TimeSource.system().schedule(delay, task);
        }
    }

    @Test
    void execute_jdbiThatReadsSqlInAnotherWay_isTheSame() {
        var other = Jdbi.create(pool);
        other.getConfig(SqlStatements.class)
                .setSqlParser(new HashPrefixSqlParser())
                .setTemplateEngine(new DefinedAttributeTemplateEngine());
        var otherwise = IdempotentTransactions.of(Transactions.named("shop").build(other));
        UUID owner = UUID.randomUUID();
        claim(JdbiIdempotencyStore.of(other), "l", owner, Duration.ofMinutes(1));

        for (int i = 0; i < 2; i++) {
            assertThat(otherwise
                            .execute(PLACE, request("k"), tx -> Result.ok("a"))
                            .orElseThrow())
                    .isEqualTo(new Replay<>("a", i == 1));
        }
        assertThat(JdbiIdempotencyStore.of(other).renew(Map.of(key("l"), owner), Duration.ofMinutes(1)))
                .containsExactly(key("l"));
    }

    /* ---- what is stored ---- */

    @Test
    void row_completed_hasTheBytesOfTheFormat() {
        ok(once.execute(PLACE, request("k"), effect("a")));

        assertThat(HEX.formatHex(bytes("k"))).isEqualTo(GOLDEN_KEY);
        assertThat(HEX.formatHex(bytes("fp"))).isEqualTo(GOLDEN_FINGERPRINT);
        assertThat(HEX.formatHex(bytes("outcome"))).isEqualTo("010161");
        assertThat(column("state")).isEqualTo("1");
        assertThat(column("label")).isEqualTo("t/orders.place/k");
        assertThat(column("lease_until")).isNull();
    }

    @Test
    void row_withSteps_hasTheBytesOfTheFormat() {
        UUID owner = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
        claim(store, "k", owner, Duration.ofMinutes(1));
        assertThat(store.advance(key("k"), owner, "a\u00e9", new byte[] {7})).isTrue();
        assertThat(store.advance(key("k"), owner, "b", new byte[0])).isTrue();

        assertThat(HEX.formatHex(bytes("steps"))).isEqualTo(GOLDEN_STEPS);
        assertThat(column("state")).isEqualTo("0");
        assertThat(column(ownerText())).isEqualToIgnoringCase("00112233445566778899aabbccddeeff");
        assertThat(store.release(key("k"), owner)).isTrue();
        assertThat(column("state")).isEqualTo("2");
    }

    /** {@return the text of the owner's digits} */
    abstract String ownerText();

    @Test
    void row_ofEarlierCode_isRead() {
        direct.useHandle(handle -> {
            for (String[] row : new String[][] {
                {GOLDEN_KEY, "1", null, "010161"},
                {HEX.formatHex(key("l").hash()), "3", GOLDEN_STEPS, null},
                {HEX.formatHex(key("m").hash()), "0", "02", null}
            }) {
                handle.createUpdate("insert into underpin_idempotency (k, fp, state, owner, expires_at, steps, outcome)"
                                + " select :k, :fp, " + row[1] + ", " + ownerLiteral() + ", " + inAnHour() + ", "
                                + literal(row[2]) + ", " + literal(row[3]))
                        .bind("k", HEX.parseHex(row[0]))
                        .bind("fp", HEX.parseHex(GOLDEN_FINGERPRINT))
                        .execute();
            }
        });

        assertThat(once.execute(PLACE, request("k"), effect("b")).orElseThrow()).isEqualTo(new Replay<>("a", true));
        IdempotencyStore.Entry entry = store.find(key("l")).orElseThrow();
        assertThat(entry.state()).isEqualTo(IdempotencyStore.State.INDETERMINATE);
        assertThat(entry.steps()).containsOnlyKeys("a\u00e9", "b");
        assertThat(entry.steps().get("a\u00e9")).containsExactly(7);
        assertThat(entry.steps().get("b")).isEmpty();
        assertThat(code(Idempotency.builder(store).build().execute(PLACE, request("m"), run -> Result.ok("a"))))
                .isEqualTo(IdempotencyErrors.IDEMPOTENCY_STORE_FAILED);
        assertThat(code(once.execute(PLACE, request("m"), effect("b"))))
                .isEqualTo(IdempotencyErrors.IDEMPOTENCY_STORE_FAILED);
        assertThat(effects()).isEmpty();
    }

    private String literal(String hex) {
        return hex == null ? "null" : bytesLiteral(hex);
    }

    /** {@return the text of bytes} */
    String bytesLiteral(String hex) {
        return "x'" + hex + "'";
    }

    private String column(String name) {
        return direct.withHandle(handle -> handle.createQuery("select " + name + " from underpin_idempotency")
                .map((row, context) -> String.valueOf(row.getString(1)))
                .findFirst()
                .filter(text -> !text.equals("null"))
                .orElse(null));
    }

    /* ---- many at once ---- */

    @Test
    void execute_whileTheFirstIsRunning_isToldSoAtOnceAndChangesNothing() throws Exception {
        var inside = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        Future<Result<Replay<String>, DomainError>> first =
                executor.submit(() -> once.execute(PLACE, request("k"), tx -> {
                    insert(tx, "a");
                    inside.countDown();
                    await(goOn);
                    return Result.ok("a");
                }));
        await(inside);
        Result<Replay<String>, DomainError> second;
        try {
            second = once.execute(PLACE, request("k"), effect("b"));
        } finally {
            goOn.countDown();
        }

        assertThat(code(second)).isEqualTo(IdempotencyErrors.IDEMPOTENCY_IN_PROGRESS);
        assertThat(second.fold(value -> Optional.empty(), DomainError::retryAfter))
                .contains(Duration.ofSeconds(1));
        assertThat(first.get().orElseThrow().value()).isEqualTo("a");
        assertThat(effects()).containsExactly("a");
        assertThat(heard).containsExactly("rejected IDEMPOTENCY_IN_PROGRESS", "executed");
    }

    @Test
    void execute_sixtyFourThreadsOnOneKey_executeOnceAndAnswerAll() throws Exception {
        var runs = new AtomicInteger();
        List<Result<Replay<String>, DomainError>> all = race(
                64,
                () -> once.execute(PLACE, request("k"), tx -> {
                    insert(tx, "a" + runs.incrementAndGet());
                    return Result.ok("a");
                }));

        assertThat(effects()).hasSize(1);
        assertThat(all.stream().filter(one -> one.isOk() && !one.orElseThrow().replayed()))
                .hasSize(1);
        assertThat(all)
                .allMatch(one -> one.fold(
                        replay -> replay.value().equals("a"),
                        error -> error.is(IdempotencyErrors.IDEMPOTENCY_IN_PROGRESS)));
    }

    @Test
    void execute_sixtyFourThreadsThatWait_allGetTheAnswer() throws Exception {
        List<Result<Replay<String>, DomainError>> all =
                race(64, () -> once.execute(PLACE_WAITING, request("k"), effect("a")));

        assertThat(effects()).containsExactly("a");
        assertThat(all).allMatch(one -> one.orElseThrow().value().equals("a"));
        assertThat(all.stream().filter(one -> !one.orElseThrow().replayed())).hasSize(1);
    }

    @Test
    void execute_firstRollsBackWhileOthersWait_oneOfThemExecutes() throws Exception {
        for (int round = 0; round < 5; round++) {
            String key = "k" + round;
            var inside = new CountDownLatch(1);
            var goOn = new CountDownLatch(1);
            Future<Result<Replay<String>, DomainError>> first =
                    executor.submit(() -> once.execute(PLACE, request(key), tx -> {
                        insert(tx, key);
                        inside.countDown();
                        await(goOn);
                        return Result.err(
                                DomainError.builder(BUSY).retry(Retry.SAME_CALL).build());
                    }));
            await(inside);
            Future<List<Result<Replay<String>, DomainError>>> others =
                    executor.submit(() -> race(8, () -> once.execute(PLACE_WAITING, request(key), effect(key))));
            goOn.countDown();

            assertThat(code(first.get())).isEqualTo(BUSY);
            assertThat(others.get().stream().filter(one -> !one.orElseThrow().replayed()))
                    .hasSize(1);
        }
        assertThat(effects()).hasSize(5);
    }

    @Test
    void execute_waitedLongEnough_leavesTheRowAsItIs() {
        Operation<String> waiting =
                Operation.named("orders.place").maxWait(Duration.ofMillis(60)).build(TEXT);
        UUID owner = UUID.randomUUID();
        assertThat(store.claim(key("k"), BODY, owner, Duration.ofMinutes(1), Duration.ofHours(1))
                        .owner())
                .isEqualTo(owner);
        String before = row();

        assertThat(code(once.execute(waiting, request("k"), effect("a"))))
                .isEqualTo(IdempotencyErrors.IDEMPOTENCY_IN_PROGRESS);
        assertThat(code(Idempotency.builder(store).build().execute(waiting, request("k"), run -> Result.ok("a"))))
                .isEqualTo(IdempotencyErrors.IDEMPOTENCY_IN_PROGRESS);
        assertThat(row()).isEqualTo(before);
        assertThat(effects()).isEmpty();
    }

    @Test
    void claims_ofManyKeysByManyThreads_haveOneWinnerEach() throws Exception {
        int keys = Integer.getInteger("claims", 200);
        List<List<String>> won = race(8, () -> {
            List<String> mine = new ArrayList<>();
            for (int i = 0; i < keys; i++) {
                UUID owner = UUID.randomUUID();
                if (store.claim(key("k" + i), BODY, owner, Duration.ofMinutes(1), Duration.ofHours(1))
                        .owner()
                        .equals(owner)) {
                    mine.add("k" + i);
                }
            }
            return mine;
        });

        assertThat(won.stream().flatMap(List::stream))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, keys).mapToObj(i -> "k" + i).toList());
    }

    @Test
    void reap_byTwoBesideClaims_deletesWhatHasExpiredAndNothingElse() throws Exception {
        int expired = 2_000;
        for (int i = 0; i < expired; i += 200) {
            int from = i;
            direct.useTransaction(handle -> {
                for (int j = from; j < from + 200; j++) {
                    insertExpiring(handle, "old" + j);
                }
            });
        }
        pass(Duration.ofHours(1));
        var reaped = new AtomicInteger();
        var live = new AtomicInteger();
        race(List.of(
                () -> reapAll(reaped), () -> reapAll(reaped), () -> claimSome(live, "x"), () -> claimSome(live, "y")));

        assertThat(reaped.get() + reapAll(new AtomicInteger())).isEqualTo(expired);
        assertThat(live).hasValue(200);
        assertThat(rows()).isEqualTo(200);
    }

    private int reapAll(AtomicInteger reaped) {
        int sum = 0;
        for (int last = store.reap(100); last > 0; last = store.reap(100)) {
            sum += last;
        }
        reaped.addAndGet(sum);
        return sum;
    }

    private int claimSome(AtomicInteger live, String prefix) {
        for (int i = 0; i < 100; i++) {
            UUID owner = UUID.randomUUID();
            if (store.claim(key(prefix + i), BODY, owner, Duration.ofMinutes(1), Duration.ofHours(1))
                    .owner()
                    .equals(owner)) {
                live.incrementAndGet();
            }
        }
        return 0;
    }

    private void insertExpiring(Handle handle, String key) {
        handle.createUpdate("insert into underpin_idempotency (k, fp, state, owner, expires_at) select :k, :fp, 1, "
                        + ownerLiteral() + ", " + inAnHour())
                .bind("k", key(key).hash())
                .bind("fp", BODY.toBytes())
                .execute();
    }

    /** {@return any owner} */
    abstract String ownerLiteral();

    /** {@return the time in an hour} */
    abstract String inAnHour();

    /* ---- steps ---- */

    @Test
    void step_effectAndNote_areOne() {
        Idempotency idempotency = Idempotency.builder(store).build();
        for (int i = 0; i < 2; i++) {
            boolean dies = i == 0;
            Runnable run = () -> ok(idempotency.execute(
                    PLACE,
                    request("k"),
                    execution -> once.step(execution, "reserve", TEXT, effect("a"))
                            .flatMap(reserved -> {
                                if (dies) {
                                    throw new IllegalStateException("dies");
                                }
                                return execution.step("charge", TEXT, key -> Result.ok("charged " + reserved));
                            })));
            if (dies) {
                assertThatThrownBy(run::run).hasMessage("dies");
                pass(PLACE.lease());
            } else {
                run.run();
            }
        }
        assertThat(effects()).containsExactly("a");
        assertThat(bytes("outcome")).endsWith("charged a".getBytes(StandardCharsets.UTF_8));
        assertThat(bytes("steps")).isNull();
    }

    @Test
    void step_error_undoesItAndReleasesTheKeyIfItIsNoAnswer() {
        Idempotency idempotency = Idempotency.builder(store).build();
        assertThat(code(idempotency.execute(
                        PLACE,
                        request("k"),
                        run -> once.step(run, "reserve", TEXT, tx -> {
                            insert(tx, "a");
                            return Result.err(DomainError.builder(BUSY)
                                    .retry(Retry.SAME_CALL)
                                    .build());
                        }))))
                .isEqualTo(BUSY);
        assertThat(effects()).isEmpty();
        assertThat(store.find(key("k")).orElseThrow().state()).isEqualTo(IdempotencyStore.State.RELEASED);

        assertThat(code(idempotency.execute(
                        PLACE,
                        request("k"),
                        run -> once.step(run, "reserve", TEXT, tx -> {
                            insert(tx, "a");
                            return Result.err(DECLINED.error());
                        }))))
                .isEqualTo(DECLINED);
        assertThat(effects()).isEmpty();
        assertThat(store.find(key("k")).orElseThrow().state()).isEqualTo(IdempotencyStore.State.COMPLETED);
    }

    @Test
    void step_ofAWorkerThatWasReplaced_hasNoEffectAndTheOthersAnswerIsTold() {
        Idempotency stalled = Idempotency.builder(store).build();
        Idempotency other = Idempotency.builder(store).build();
        Result<Replay<String>, DomainError> result = stalled.execute(
                PLACE,
                request("k"),
                run -> once.step(run, "reserve", TEXT, tx -> {
                    insert(tx, "late");
                    throughAnother(() -> {
                        pass(PLACE.lease());
                        return other.execute(
                                PLACE, request("k"), second -> once.step(second, "reserve", TEXT, effect("b")));
                    });
                    return Result.ok("late");
                }));

        assertThat(result.orElseThrow()).isEqualTo(new Replay<>("b", true));
        assertThat(effects()).containsExactly("b");
    }

    @Test
    void step_ofAWorkerThatIsReplacedAndNotYetAnswered_hasNoEffect() {
        Idempotency stalled = Idempotency.builder(store).build();
        UUID other = UUID.randomUUID();
        Result<Replay<String>, DomainError> result = stalled.execute(
                PLACE,
                request("k"),
                run -> once.step(run, "reserve", TEXT, tx -> {
                    insert(tx, "late");
                    throughAnother(() -> {
                        pass(PLACE.lease());
                        return store.claim(key("k"), BODY, other, Duration.ofMinutes(1), Duration.ofHours(1));
                    });
                    return Result.ok("late");
                }));

        assertThat(code(result)).isEqualTo(IdempotencyErrors.IDEMPOTENCY_LEASE_LOST);
        assertThat(effects()).isEmpty();
        IdempotencyStore.Entry entry = store.find(key("k")).orElseThrow();
        assertThat(entry.owner()).isEqualTo(other);
        assertThat(entry.steps()).isEmpty();
    }

    @Test
    void execute_keyOfStepsThatAreNotOver_isNotTakenByATransaction() {
        UUID owner = UUID.randomUUID();
        claim(store, "k", owner, Duration.ofSeconds(1));
        assertThat(store.advance(key("k"), owner, "charge", new byte[] {1})).isTrue();
        pass(Duration.ofSeconds(2));
        assertThat(code(once.execute(PLACE, request("k"), effect("a"))))
                .isEqualTo(IdempotencyErrors.IDEMPOTENCY_IN_PROGRESS);

        claim(store, "l", owner, Duration.ofSeconds(1));
        assertThat(code(once.execute(PLACE, request("l"), effect("a"))))
                .isEqualTo(IdempotencyErrors.IDEMPOTENCY_IN_PROGRESS);
        pass(Duration.ofSeconds(2));
        assertThat(once.execute(PLACE, request("l"), effect("a")).isOk()).isTrue();
    }

    @Test
    void execute_keyThatAnOperatorReleased_isExecutedOnce() {
        UUID owner = UUID.randomUUID();
        claim(store, "k", owner, Duration.ofSeconds(1));
        assertThat(store.advance(key("k"), owner, "charge", new byte[0])).isTrue();
        assertThat(store.suspend(key("k"), owner)).isTrue();
        assertThat(store.settle(key("k"), null, Duration.ofHours(1))).isTrue();

        ok(once.execute(PLACE, request("k"), effect("a")));
        assertThat(once.execute(PLACE, request("k"), effect("b")).orElseThrow()).isEqualTo(new Replay<>("a", true));
        assertThat(effects()).containsExactly("a");
    }

    @Test
    void execute_keyThatIsNotClaimedThoughItLooksFree_isNotExecuted() {
        claim(store, "k", UUID.randomUUID(), Duration.ofSeconds(1));
        pass(Duration.ofSeconds(2));
        direct.useHandle(handle -> handle.createUpdate("update underpin_idempotency set steps = :none")
                .bind("none", new byte[0])
                .execute());

        assertThat(code(once.execute(PLACE, request("k"), effect("a"))))
                .isEqualTo(IdempotencyErrors.IDEMPOTENCY_IN_PROGRESS);
        assertThat(effects()).isEmpty();
    }

    @Test
    void step_insideATransaction_isABug() {
        Idempotency idempotency = Idempotency.builder(store).build();
        assertThatThrownBy(() -> idempotency.execute(
                        PLACE,
                        request("k"),
                        run -> transactions.inTransaction(tx -> once.step(run, "reserve", TEXT, effect("a")))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("call it outside");
        assertThat(effects()).isEmpty();
    }

    @Test
    void execute_keyThatSomebodyClaimsMeanwhile_isRolledBackOrKept() {
        UUID owner = UUID.randomUUID();
        Result<Replay<String>, DomainError> result = once.execute(PLACE, request("k"), tx -> {
            insert(tx, "a");
            if (claimsAtTheEnd()) {
                throughAnother(() -> store.claim(key("k"), BODY, owner, Duration.ofMinutes(1), Duration.ofHours(1)));
            }
            return Result.ok("a");
        });
        if (claimsAtTheEnd()) {
            assertThat(code(result)).isEqualTo(IdempotencyErrors.IDEMPOTENCY_IN_PROGRESS);
            assertThat(effects()).isEmpty();
            assertThat(store.find(key("k")).orElseThrow().owner()).isEqualTo(owner);
        } else {
            assertThat(result.isOk()).isTrue();
        }
    }

    /** {@return whether a row is written at the end of a transaction, and not at its begin} */
    boolean claimsAtTheEnd() {
        return false;
    }

    @Test
    void store_poolThatDoesNotCommitByItself_commits() {
        var config = new HikariConfig();
        config.setJdbcUrl(pool.getJdbcUrl());
        config.setUsername(user());
        config.setPassword("");
        config.setMaximumPoolSize(2);
        config.setAutoCommit(false);
        try (var manual = new HikariDataSource(config)) {
            var jdbi = Jdbi.create(manual);
            IdempotencyStore other = JdbiIdempotencyStore.of(jdbi);
            UUID owner = UUID.randomUUID();
            claim(other, "k", owner, Duration.ofMinutes(1));
            assertThat(store.find(key("k"))).isPresent();
            assertThat(other.complete(key("k"), owner, new byte[] {1, 1, 'x'}, Duration.ofHours(1)))
                    .isTrue();
            var manually = IdempotentTransactions.of(Transactions.named("shop").build(jdbi));
            assertThat(manually.execute(PLACE, request("k"), effect("a")).orElseThrow())
                    .isEqualTo(new Replay<>("x", true));
            assertThat(manually.execute(PLACE, request("l"), effect("a")).isOk())
                    .isTrue();
            assertThat(effects()).containsExactly("a");
        }
    }

    /* ---- shared ---- */

    HikariDataSource pool() {
        return pool;
    }

    Jdbi direct() {
        return direct;
    }

    IdempotencyStore store() {
        return store;
    }

    private void pass(Duration time) {
        direct.useHandle(handle -> handle.createUpdate("update underpin_idempotency set lease_until = "
                        + earlier("lease_until") + ", expires_at = " + earlier("expires_at"))
                .bind("micros", time.toNanos() / 1_000)
                .execute());
    }

    private static Function<Tx, Result<String, DomainError>> effect(String id) {
        return tx -> {
            insert(tx, id);
            return Result.ok(id);
        };
    }

    private static void insert(Tx tx, String id) {
        tx.handle().execute("insert into effects (id) values (?)", id);
    }

    static IdempotentRequest request(String key) {
        return new IdempotentRequest("t", key, BODY);
    }

    static IdempotencyStore.Key key(String key) {
        return IdempotencyStore.Key.of("t", "orders.place", key);
    }

    private List<String> effects() {
        return direct.withHandle(handle -> handle.createQuery("select id from effects order by id")
                .mapTo(String.class)
                .list());
    }

    private int rows() {
        return direct.withHandle(handle -> handle.createQuery("select count(*) from underpin_idempotency")
                .mapTo(Integer.class)
                .one());
    }

    private byte[] bytes(String column) {
        return direct.withHandle(handle -> handle.createQuery("select " + column + " from underpin_idempotency")
                .map((row, context) -> row.getBytes(1))
                .findFirst()
                .orElse(null));
    }

    private String row() {
        return direct.withHandle(handle -> handle.createQuery(
                        "select state, lease_until, expires_at, created_at, label,"
                                + " fp, owner from underpin_idempotency")
                .map((row, context) -> row.getInt(1)
                        + row.getString(2)
                        + row.getString(3)
                        + row.getString(4)
                        + row.getString(5)
                        + new String(row.getBytes(6), StandardCharsets.ISO_8859_1)
                        + row.getString(7))
                .one());
    }

    static ErrorCode code(Result<?, DomainError> result) {
        return result.fold(
                value -> {
                    throw new AssertionError("Ok: " + value);
                },
                DomainError::code);
    }

    @CanIgnoreReturnValue
    private static String ok(Result<Replay<String>, DomainError> result) {
        return result.orElseThrow().value();
    }

    private static void claim(IdempotencyStore store, String key, UUID owner, Duration lease) {
        assertThat(store.claim(key(key), BODY, owner, lease, Duration.ofHours(1))
                        .owner())
                .isEqualTo(owner);
    }

    @CanIgnoreReturnValue
    private <T> T throughAnother(Callable<T> task) {
        try {
            return executor.submit(task).get();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private <T> List<T> race(int threads, Callable<T> task) throws Exception {
        return race(Collections.nCopies(threads, task));
    }

    @CanIgnoreReturnValue
    private <T> List<T> race(List<Callable<T>> tasks) throws Exception {
        var barrier = new CyclicBarrier(tasks.size());
        List<Future<T>> futures = new ArrayList<>();
        for (Callable<T> task : tasks) {
            futures.add(executor.submit(() -> {
                barrier.await();
                return task.call();
            }));
        }
        List<T> results = new ArrayList<>();
        for (Future<T> future : futures) {
            results.add(future.get());
        }
        return results;
    }
}
