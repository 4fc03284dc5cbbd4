package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.underpin.pagination.ColumnType;
import dev.underpin.pagination.PageSpec;
import dev.underpin.pagination.Paginator;
import dev.underpin.persistence.StatementRecorder.Finding;
import dev.underpin.persistence.StatementRecorder.Recording;
import dev.underpin.persistence.StatementRecorder.Statement;
import dev.underpin.persistence.StatementRecorder.Verdict;
import dev.underpin.result.Result;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.StatementContext;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.jdbi.v3.sqlobject.SqlObjectPlugin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.around.Around;

class StatementRecorderTest {
    private static final String URL = "jdbc:h2:mem:recorded";

    private Connection keeper;
    private Jdbi jdbi;
    private Shop shop;
    private StatementRecorder recorder;

    @BeforeEach
    void open() throws SQLException {
        keeper = DriverManager.getConnection(URL);
        jdbi = Jdbi.create(URL).installPlugin(new SqlObjectPlugin());
        jdbi.useHandle(Shop::create);
        shop = new Shop(jdbi);
        recorder = StatementRecorder.install(jdbi);
    }

    @AfterEach
    void close() throws SQLException {
        keeper.close();
    }

    private Recording recorded(Runnable body) {
        return recorded(recorder, body);
    }

    private static Recording recorded(StatementRecorder recorder, Runnable body) {
        try (Recording recording = recorder.start("test")) {
            body.run();
            return recording;
        }
    }

    private static int count(Recording recording) {
        return recording.statements().stream().mapToInt(Statement::count).sum();
    }

    private static int lineOf(String comment) throws Exception {
        List<String> lines = Files.readAllLines(Path.of("src/test/java/dev/underpin/persistence/Shop.java"));
        return 1
                + IntStream.range(0, lines.size())
                        .filter(i -> lines.get(i).endsWith(comment))
                        .findFirst()
                        .orElseThrow();
    }

    /* ---- what is one too many ---- */

    /** D1. */
    @Test
    void findings_loopOfFive_isOneWithTheLineOfTheLoop() throws Exception {
        Recording recording = recorded(() -> shop.eachByItself(1, 2, 3, 4, 5));

        assertThat(recording.findings()).hasSize(1);
        Finding finding = recording.findings().get(0);
        assertThat(finding.verdict()).isEqualTo(Verdict.N_PLUS_ONE);
        assertThat(finding.recording()).isEqualTo("test");
        assertThat(finding.sql()).isEqualTo(Shop.FIND);
        assertThat(finding.count()).isEqualTo(5);
        assertThat(finding.site())
                .contains("dev.underpin.persistence.Shop.find(Shop.java:")
                .contains("(Shop.java:" + lineOf("// the loop") + ")")
                .doesNotContain("org.jdbi", "java.util");
        assertThat(recording.statements())
                .containsExactly(new Statement(Shop.FIND, "select", 5, finding.site(), "", false));
    }

    @Test
    void findings_loopOfTwo_isBelowTheThresholdOfAServiceAndNotOfATest() {
        assertThat(recorded(() -> shop.eachByItself(1, 2)).findings()).isEmpty();
        assertThat(recorded(recorder.threshold(2), () -> shop.eachByItself(1, 2))
                        .findings())
                .extracting(Finding::verdict, Finding::count)
                .containsExactly(tuple(Verdict.N_PLUS_ONE, 2));
    }

    @Test
    void findings_oneOfATwoPlaces_isNoLoopToATest() {
        Recording recording = recorded(recorder.threshold(2), () -> {
            shop.eachByItself(1);
            shop.eachByItself(2);
        });

        assertThat(recording.findings()).isEmpty();
        assertThat(count(recording)).isEqualTo(2);
    }

    /** D2. */
    @Test
    void findings_sqlObjectFromTwoPlaces_isNoneAtTwoEach() {
        Recording recording = recorded(() -> jdbi.useExtension(Shop.CustomerDao.class, dao -> {
            for (int id = 1; id <= 2; id++) {
                assertThat(dao.findById(id)).isEqualTo("c" + id);
            }
            for (int id = 3; id <= 4; id++) {
                assertThat(dao.findById(id)).isEqualTo("c" + id);
            }
        }));

        assertThat(recording.findings()).isEmpty();
        assertThat(recording.statements()).hasSize(1).allSatisfy(statement -> {
            assertThat(statement.count()).isEqualTo(4);
            assertThat(statement.method()).isEqualTo("CustomerDao.findById");
            assertThat(statement.site()).contains("StatementRecorderTest.java").doesNotContain("Proxy");
        });
    }

    @Test
    void findings_sqlObjectFromOnePlace_namesItsMethod() {
        Recording recording = recorded(() -> jdbi.useExtension(
                Shop.CustomerDao.class,
                dao -> IntStream.range(1, 4)
                        .forEach(id -> assertThat(dao.findById(id)).isNotNull())));

        assertThat(recording.findings()).extracting(Finding::method).containsExactly("CustomerDao.findById");
    }

    /** Frames of a framework would take the place of those that differ. */
    @Test
    void findings_threePlacesBehindAFramework_areNone() {
        Runnable find = () -> shop.find(1);
        Recording recording = recorded(() -> {
            Around.run(find);
            Around.run(find);
            Around.run(find);
        });

        assertThat(recording.findings()).isEmpty();
        assertThat(count(recording)).isEqualTo(3);
    }

    /** D3, with the statement of a loader's batch. */
    @Test
    void findings_batchOfKeys_isNone() {
        Recording recording = recorded(
                recorder.threshold(2),
                () -> jdbi.useHandle(handle -> {
                    assertThat(Shop.byKeys(handle, List.of(1, 2, 3))).hasSize(3);
                    assertThat(Shop.byKeys(handle, List.of(4, 5))).hasSize(2);
                }));

        assertThat(recording.findings()).isEmpty();
        assertThat(recording.statements())
                .extracting(Statement::verb, Statement::count, Statement::batched)
                .containsExactly(tuple("select", 2, true));
    }

    /** D4, with slices of 1,000 keys. */
    @Test
    void findings_slicesOfBatches_areNoneThoughTheLastAreOfOneKey() {
        List<Integer> ids = IntStream.rangeClosed(1, 2_001).boxed().toList();
        Recording recording = recorded(
                recorder.threshold(2),
                () -> jdbi.useHandle(handle -> IntStream.range(0, 3)
                        .forEach(batch -> assertThat(Shop.byKeys(handle, ids)).hasSize(2_001))));

        assertThat(recording.findings()).isEmpty();
        assertThat(count(recording)).isEqualTo(9);
    }

    @Test
    void findings_batchesOfOneKey_areASequentialLoadFromThreeOn() {
        assertThat(recorded(recorder.threshold(2), () -> shop.loadsOneByOne(1, 2))
                        .findings())
                .isEmpty();
        Recording recording = recorded(() -> shop.loadsOneByOne(1, 2, 3, 4));

        assertThat(recording.findings())
                .extracting(Finding::verdict, Finding::count)
                .containsExactly(tuple(Verdict.SEQUENTIAL_LOAD, 4));
        assertThat(recording.findings().get(0).site()).contains("Shop.loadsOneByOne");
    }

    /** D5 and D6. */
    @Test
    void statements_listsAndLiterals_areOneText() {
        Recording recording = recorded(() -> jdbi.useHandle(handle -> {
            for (List<Integer> ids : List.of(List.of(1, 2), List.of(1, 2, 3))) {
                assertThat(handle.createQuery("select name from customers where id in (<ids>)")
                                .bindList("ids", ids)
                                .mapTo(String.class)
                                .list())
                        .hasSameSizeAs(ids);
            }
            for (int id = 1; id <= 3; id++) {
                assertThat(handle.createQuery("select id from customers where name = 'c" + id + "'")
                                .mapTo(Integer.class)
                                .one())
                        .isEqualTo(id);
            }
        }));

        assertThat(recording.statements())
                .extracting(Statement::sql, Statement::count)
                .containsExactly(
                        tuple("select name from customers where id in (...)", 2),
                        tuple("select id from customers where name = ?", 3));
        assertThat(recording.findings()).extracting(Finding::verdict).containsExactly(Verdict.N_PLUS_ONE);
    }

    /** D7. */
    @Test
    void findings_sameValues_areADuplicate() {
        assertThat(recorded(() -> shop.eachByItself(7, 7, 7, 7)).findings())
                .extracting(Finding::verdict, Finding::count)
                .containsExactly(tuple(Verdict.DUPLICATE_QUERY, 4));
        assertThat(recorded(() -> shop.eachByItself(7, 7, 7, 8)).findings())
                .extracting(Finding::verdict)
                .containsExactly(Verdict.N_PLUS_ONE);
        assertThat(recorded(() -> shop.eachByItself(8, 7, 7, 7)).findings())
                .extracting(Finding::verdict)
                .containsExactly(Verdict.N_PLUS_ONE);
    }

    /** D8. */
    @Test
    void findings_loopOfInserts_isOneIfAskedFor() {
        Runnable inserts = () -> jdbi.useHandle(handle ->
                IntStream.range(20, 24).forEach(id -> handle.execute("insert into customers values (?, 'n')", id)));
        assertThat(recorded(inserts).findings()).isEmpty();
        jdbi.useHandle(handle -> handle.execute("delete from customers where id >= 20"));

        assertThat(recorded(recorder.withWrites(), inserts).findings())
                .extracting(Finding::verdict, Finding::count)
                .containsExactly(tuple(Verdict.UNBATCHED_WRITE, 4));
    }

    /* ---- what counts how ---- */

    /** D9 and D10. */
    @Test
    void statements_batches_areOneEach() {
        Recording recording = recorded(() -> jdbi.useHandle(handle -> {
            PreparedBatch prepared = handle.prepareBatch("insert into customers values (?, 'b')");
            IntStream.range(100, 200).forEach(id -> prepared.add(id));
            assertThat(prepared.execute()).hasSize(100);
            assertThat(handle.createBatch()
                            .add("delete from customers where id = 100")
                            .add("delete from customers where id = 101")
                            .execute())
                    .hasSize(2);
        }));

        assertThat(recording.statements())
                .extracting(Statement::sql, Statement::verb, Statement::count)
                .containsExactly(
                        tuple("insert into customers values (?, ?)", "insert", 1),
                        tuple("(a batch of several)", "batch", 1));
    }

    /** D11. */
    @Test
    void statements_oneThatFails_isCountedOnce() {
        Recording recording = recorded(() -> jdbi.useHandle(
                handle -> assertThatThrownBy(() -> handle.execute("insert into customers values (1, 'x')"))
                        .isInstanceOf(JdbiException.class)));

        assertThat(count(recording)).isEqualTo(1);
    }

    /** D22. */
    @Test
    void statements_stream_isOne() {
        Recording recording = recorded(() -> jdbi.useHandle(handle -> {
            try (var names =
                    handle.createQuery("select name from customers").setFetchSize(1).mapTo(String.class).stream()) {
                assertThat(names.count()).isEqualTo(10);
            }
        }));

        assertThat(count(recording)).isEqualTo(1);
    }

    @Test
    void statements_ofTransactions_areThoseOfTheBody() {
        Transactions transactions = Transactions.named("shop").build(jdbi);
        Recording recording = recorded(recorder.threshold(2), () -> {
            for (int id = 1; id <= 3; id++) {
                int of = id;
                assertThat(transactions
                                .inTransaction(tx -> Result.ok(
                                        tx.handle().execute("update customers set name = ? where id = ?", "x", of)))
                                .isOk())
                        .isTrue();
            }
        });

        assertThat(recording.statements()).extracting(Statement::verb).containsExactly("update");
        assertThat(recording.findings()).isEmpty();
    }

    /** A body that runs again reads again what it read. */
    @Test
    void findings_retriesOfATransaction_areNone() {
        Transactions transactions = Transactions.named("shop").build(jdbi);
        var attempts = new ArrayList<Integer>();
        Recording recording = recorded(
                recorder.threshold(2),
                () -> assertThat(transactions
                                .inTransaction(TxOptions.standard().attempts(4), tx -> {
                                    attempts.add(tx.attempt());
                                    assertThat(Shop.find(tx.handle(), 1)).isEqualTo("c1");
                                    if (tx.attempt() < 4) {
                                        throw new UnableToExecuteStatementException(
                                                new SQLException("lost against another", "40001"), null);
                                    }
                                    return Result.ok(1);
                                })
                                .isOk())
                        .isTrue());

        assertThat(attempts).containsExactly(1, 2, 3, 4);
        assertThat(count(recording)).isEqualTo(4);
        assertThat(recording.findings()).isEmpty();
    }

    record Customer(long id, String name) {}

    private static final PageSpec<Customer> CUSTOMERS = PageSpec.named("customers", Customer.class)
            .unique("id", "c.id", ColumnType.LONG, Customer::id)
            .size(2, 10)
            .build();

    private static final Paginator PAGES = Paginator.builder(1, new byte[32]).build();

    private String page(String cursor) {
        Map<String, List<String>> parameters = new HashMap<>(Map.of("size", List.of("2")));
        if (!cursor.isEmpty()) {
            parameters.put("cursor", List.of(cursor));
        }
        return jdbi.withHandle(handle -> KeysetQuery.of(handle, "select c.* from customers c")
                        .countUpTo(100)
                        .fetch(
                                PAGES.parse(CUSTOMERS, parameters, "").orElseThrow(),
                                (rs, context) -> new Customer(rs.getInt("id"), rs.getString("name"))))
                .next()
                .orElse("");
    }

    @Test
    void findings_walkThroughAListing_isNone() {
        Recording recording = recorded(recorder.threshold(2), () -> {
            String cursor = "";
            do {
                cursor = page(cursor);
            } while (!cursor.isEmpty());
        });

        assertThat(count(recording)).isGreaterThanOrEqualTo(5 + 4 + 5);
        assertThat(recording.findings()).isEmpty();
    }

    /** The first orders of each customer, say. */
    @Test
    void findings_firstPagesInALoop_areAnNPlusOne() {
        Recording recording = recorded(
                () -> IntStream.range(0, 3).forEach(i -> assertThat(page("")).isNotEmpty()));

        assertThat(recording.findings()).isNotEmpty();
    }

    /* ---- whose statements ---- */

    /** D12. */
    @Test
    void install_otherLoggers_goOnAndTwiceCountsOnce() {
        var seen = new ArrayList<String>();
        Jdbi other = Jdbi.create(URL);
        other.setSqlLogger(new SqlLogger() {
            @Override
            public void logBeforeExecution(StatementContext context) {
                seen.add("before");
            }

            @Override
            public void logAfterExecution(StatementContext context) {
                seen.add("after");
            }

            @Override
            public void logException(StatementContext context, SQLException e) {
                seen.add("exception");
            }
        });
        StatementRecorder first = StatementRecorder.install(other);
        SlowStatements.install(other, Duration.ofDays(1));
        SqlLogger logger = other.getConfig(SqlStatements.class).getSqlLogger();
        StatementRecorder second = StatementRecorder.install(other);
        assertThat(other.getConfig(SqlStatements.class).getSqlLogger()).isSameAs(logger);

        try (Recording outer = first.start("outer");
                Recording inner = second.start("inner")) {
            other.useHandle(handle -> {
                handle.execute("insert into customers values (11, 'a')");
                assertThatThrownBy(() -> handle.execute("insert into customers values (11, 'a')"))
                        .isInstanceOf(JdbiException.class);
            });
            assertThat(count(outer)).isEqualTo(2);
            assertThat(count(inner)).isEqualTo(2);
        }
        assertThat(seen).containsExactly("before", "after", "before", "exception");
    }

    @Test
    void install_behindALoggerOfOthers_countsOnce() {
        jdbi.setSqlLogger(new SqlLogger() {});
        SqlLogger inner = jdbi.getConfig(SqlStatements.class).getSqlLogger();
        jdbi.setSqlLogger(new SqlLogger() {
            @Override
            public void logAfterExecution(StatementContext context) {
                inner.logAfterExecution(context);
            }
        });

        assertThat(count(recorded(StatementRecorder.install(jdbi), () -> shop.find(1))))
                .isEqualTo(1);
    }

    @Test
    void install_byManyAtOnce_isOfTheSameStatements() throws Exception {
        int threads = 4;
        Jdbi slow = Jdbi.create(keeper);
        for (int i = 0; i < 20_000; i++) { // what takes long to look through, so that they meet
            SlowStatements.install(slow, Duration.ZERO);
        }
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            for (int round = 0; round < 50; round++) {
                Jdbi fresh = Jdbi.create(keeper)
                        .setSqlLogger(slow.getConfig(SqlStatements.class).getSqlLogger());
                var barrier = new CyclicBarrier(threads);
                List<Future<StatementRecorder>> installed = new ArrayList<>();
                for (int i = 0; i < threads; i++) {
                    installed.add(pool.submit(() -> {
                        barrier.await(10, TimeUnit.SECONDS);
                        return StatementRecorder.install(fresh);
                    }));
                }
                Runnable task = () -> {};
                try (Recording recording =
                        installed.get(0).get(10, TimeUnit.SECONDS).start("test")) {
                    assertThat(recording.statements()).isEmpty();
                    for (Future<StatementRecorder> one : installed) {
                        assertThat(one.get(10, TimeUnit.SECONDS).carry(task)).isNotSameAs(task);
                    }
                }
            }
        } finally {
            pool.shutdownNow();
        }
    }

    private static void onAnotherThread(Runnable body) {
        Thread thread = new Thread(body);
        var thrown = new ArrayList<Throwable>();
        thread.setUncaughtExceptionHandler((of, e) -> thrown.add(e));
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        assertThat(thrown).isEmpty();
    }

    /** D13. */
    @Test
    void statements_ofOtherThreads_areOfTheTestAndOfNobodyElse() {
        try (Recording test = recorder.startOnAllThreads("test");
                Recording request = recorder.start("request")) {
            onAnotherThread(() -> shop.find(1));
            onAnotherThread(() -> {
                try (Recording itsOwn = recorder.start("another request")) {
                    shop.find(2);
                    assertThat(count(itsOwn)).isEqualTo(1);
                }
            });
            shop.find(3);

            assertThat(count(test)).isEqualTo(3);
            assertThat(count(request)).isEqualTo(1);
        }
    }

    /** D14. */
    @Test
    void statements_ofTwoTestsAtATime_doNotMix() throws Exception {
        var barrier = new CyclicBarrier(2);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<Integer>> counts = new ArrayList<>();
            for (int test = 1; test <= 2; test++) {
                int size = test;
                counts.add(threads.submit(() -> {
                    try (Recording recording = recorder.startOnAllThreads("test " + size)) {
                        barrier.await(10, TimeUnit.SECONDS);
                        shop.eachByItself(IntStream.rangeClosed(1, size).toArray());
                        onAnotherThread(recorder.carry(() -> shop.find(9)));
                        barrier.await(10, TimeUnit.SECONDS);
                        return count(recording);
                    }
                }));
            }
            assertThat(counts.get(0).get(10, TimeUnit.SECONDS)).isEqualTo(2);
            assertThat(counts.get(1).get(10, TimeUnit.SECONDS)).isEqualTo(3);
        } finally {
            threads.shutdownNow();
        }
    }

    /** D15. */
    @Test
    void pause_whatRunsInIt_isNotRecorded() {
        try (Recording test = recorder.startOnAllThreads("test");
                Recording inner = recorder.start("inner")) {
            recorder.pause(() -> {
                shop.find(1);
                onAnotherThread(recorder.carry(() -> shop.find(2)));
                try (Recording paused = recorder.start("in the pause")) {
                    shop.find(3);
                    assertThat(count(paused)).isEqualTo(1);
                }
            });
            assertThat(count(test)).isZero();
            shop.find(4);
            assertThat(count(test)).isEqualTo(1);
            assertThat(count(inner)).isEqualTo(1);
        }
    }

    @Test
    void pause_recordingOfAllThreadsInIt_isInsteadOfTheOneAround() {
        try (Recording test = recorder.startOnAllThreads("test")) {
            recorder.pause(() -> {
                try (Recording inner = recorder.startOnAllThreads("inner")) {
                    shop.find(1);
                    onAnotherThread(() -> shop.find(2));
                    assertThat(count(inner)).isEqualTo(2);
                }
            });
            assertThat(count(test)).isZero();
            try (Recording inner = recorder.startOnAllThreads("inner")) {
                onAnotherThread(() -> shop.find(2));
                assertThat(count(inner)).isEqualTo(1);
            }
            assertThat(count(test)).isEqualTo(1);
        }
    }

    /** D16. */
    @Test
    void carry_virtualThreads_countForTheirOwner() throws Exception {
        assumeTrue(Runtime.version().feature() >= 21, "virtual threads come with Java 21");
        ExecutorService threads = (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        try (Recording recording = recorder.start("request")) {
            List<Future<?>> tasks = new ArrayList<>();
            for (int id = 1; id <= 5; id++) {
                int of = id;
                tasks.add(threads.submit(recorder.carry(() -> shop.find(of))));
            }
            for (Future<?> task : tasks) {
                assertThat(task.get(10, TimeUnit.SECONDS)).isNull();
            }
            assertThat(recording.findings())
                    .extracting(Finding::verdict, Finding::count)
                    .containsExactly(tuple(Verdict.N_PLUS_ONE, 5));
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void carry_outsideOfRecordings_isTheTaskItself() {
        Runnable task = () -> {};

        assertThat(recorder.carry(task)).isSameAs(task);
    }

    @Test
    void carry_afterItsEnd_countsNowhereAndLeavesTheThreadAsItWas() throws Exception {
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            Runnable task;
            Recording over = recorder.start("over");
            task = recorder.carry(() -> shop.find(1));
            over.close();
            thread.submit(task).get(10, TimeUnit.SECONDS);
            try (Recording test = recorder.startOnAllThreads("test")) {
                thread.submit(() -> shop.find(2)).get(10, TimeUnit.SECONDS);
                thread.submit(task).get(10, TimeUnit.SECONDS);

                assertThat(count(over)).isZero();
                assertThat(count(test)).isEqualTo(2);
            }
        } finally {
            thread.shutdownNow();
        }
    }

    /** D21. */
    @Test
    void start_insideAnother_countsInBothUntilItIsClosed() {
        try (Recording outer = recorder.start("outer")) {
            shop.find(1);
            Recording inner = recorder.start("inner");
            shop.find(2);
            inner.close();
            shop.find(3);
            inner.close();

            assertThat(count(inner)).isEqualTo(1);
            assertThat(count(outer)).isEqualTo(3);
        }
        Recording first = recorder.start("first");
        Recording second = recorder.start("second");
        first.close(); // in the wrong order
        shop.find(4);
        second.close();
        shop.find(5);
        assertThat(count(first)).isZero();
        assertThat(count(second)).isEqualTo(1);
    }

    @Test
    void statements_fromManyThreads_areAllCounted() throws Exception {
        int threads = 4;
        var start = new CountDownLatch(1);
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try (Recording test = recorder.startOnAllThreads("test")) {
            List<Future<?>> tasks = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                tasks.add(pool.submit(() -> {
                    start.await();
                    for (int id = 1; id <= 100; id++) {
                        shop.find(1 + id % 10);
                    }
                    return null;
                }));
            }
            start.countDown();
            for (Future<?> task : tasks) {
                task.get(30, TimeUnit.SECONDS);
            }
            assertThat(count(test)).isEqualTo(400);
            assertThat(test.findings()).hasSize(1);
        } finally {
            pool.shutdownNow();
        }
    }

    /* ---- a service at work ---- */

    @Test
    void reporting_aLoop_isLoggedAndToldOnce() {
        var told = new ArrayList<Finding>();
        StatementRecorder service = recorder.reporting(1, told::add);
        try (LogCapture log = LogCapture.of(StatementRecorder.class)) {
            for (int request = 0; request < 3; request++) {
                assertThat(count(recorded(service, () -> shop.eachByItself(1, 2, 3))))
                        .isEqualTo(3);
            }
            assertThat(told).hasSize(1);
            assertThat(log.only().getFormattedMessage())
                    .startsWith("N_PLUS_ONE: " + Shop.FIND + " ran 3 times in test, at dev.underpin.")
                    .endsWith("; " + Verdict.N_PLUS_ONE.hint());
        }
    }

    @Test
    void reporting_nameOfSeveralLines_isOneLine() {
        StatementRecorder service = recorder.reporting(1, finding -> {});
        try (LogCapture log = LogCapture.of(StatementRecorder.class)) {
            try (Recording recording = service.start("GET /a\nERROR: forged")) {
                shop.eachByItself(1, 2, 3);
                assertThat(count(recording)).isEqualTo(3);
            }
            assertThat(log.only().getFormattedMessage())
                    .contains(" in GET /a ERROR: forged, at ")
                    .doesNotContain("\n");
        }
    }

    @Test
    void reporting_share_isRecordedEvenly() {
        StatementRecorder service = recorder.reporting(0.25, finding -> {});
        int recorded = 0;
        for (int request = 0; request < 100; request++) {
            try (Recording recording = service.start("GET /orders")) {
                shop.find(1);
                recorded += count(recording);
            }
        }
        assertThat(recorded).isEqualTo(25);
        assertThat(count(recorded(recorder.reporting(0, finding -> {}), () -> shop.find(1))))
                .isZero();
    }

    @Test
    void reporting_listenerThatThrows_isLogged() {
        StatementRecorder service = recorder.reporting(1, finding -> {
            throw new IllegalStateException("full");
        });
        try (LogCapture log = LogCapture.of(StatementRecorder.class)) {
            assertThat(count(recorded(service, () -> shop.eachByItself(1, 2, 3))))
                    .isEqualTo(3);
            assertThat(log.events()).hasSize(2);
            assertThat(log.events().get(1).getThrowableProxy().getMessage()).isEqualTo("full");
        }
    }

    @Test
    void record_valuesThatCannotSayWhatTheyAre_harmNoStatement() {
        Recording recording = recorded(() -> jdbi.useHandle(handle -> {
            for (int i = 0; i < 3; i++) {
                Argument mute = new Argument() {
                    @Override
                    public void apply(int position, PreparedStatement statement, StatementContext context)
                            throws SQLException {
                        statement.setInt(position, 1);
                    }

                    @Override
                    public String toString() {
                        throw new IllegalStateException("mute");
                    }
                };
                Query query = handle.createQuery(Shop.FIND).bind("id", mute);
                assertThat(query.mapTo(String.class).one()).isEqualTo("c1");
            }
        }));

        assertThat(recording.findings()).extracting(Finding::count).containsExactly(3);
    }

    public static final class Endless {
        public int getId() {
            return 1;
        }

        @Override
        public String toString() {
            return "in a list of " + List.of(this);
        }
    }

    @Test
    void record_valuesThatHaveThemselves_harmNoStatement() {
        Recording recording = recorded(() -> jdbi.useHandle(handle -> {
            for (int i = 0; i < 3; i++) {
                Query query = handle.createQuery(Shop.FIND).bindBean(new Endless());
                assertThat(query.mapTo(String.class).one()).isEqualTo("c1");
            }
        }));

        assertThat(recording.findings()).extracting(Finding::count).containsExactly(3);
    }

    @Test
    void values_ofStatements_areKeptNowhere() {
        Recording recording = recorded(
                recorder.threshold(2),
                () -> jdbi.useHandle(handle -> {
                    for (int i = 0; i < 3; i++) {
                        assertThat(handle.createQuery(
                                                "select id from customers where name = :name and name <> 'xyzzy-1'")
                                        .bind("name", "xyzzy-2")
                                        .mapTo(Integer.class)
                                        .findFirst())
                                .isEmpty();
                    }
                }));

        assertThat(recording.findings().toString() + recording.statements())
                .contains("customers")
                .doesNotContain("xyzzy");
    }

    @Test
    void settings_outOfBounds_areRefused() {
        assertThatThrownBy(() -> recorder.threshold(1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("times must be at least 2: 1");
        assertThatThrownBy(() -> recorder.reporting(1.1, finding -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("share must be from 0 to 1: 1.1");
        assertThatThrownBy(() -> recorder.reporting(Double.NaN, finding -> {}))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /* ---- what it costs (D19; times are a matter of benchmarks) ---- */

    @Test
    void cost_firstTime_isNoWalkThroughTheStack() {
        Recording once = recorded(() -> shop.find(1));
        Recording twice = recorded(() -> shop.eachByItself(1, 2));

        assertThat(once.statements()).extracting(Statement::site).containsExactly("");
        assertThat(twice.statements()).extracting(Statement::site).doesNotContain("");
    }

    @Test
    void cost_whatCannotBeSuspected_isNoWalkThroughTheStack() {
        Recording recording =
                recorded(() -> jdbi.useHandle(handle -> IntStream.range(0, 3).forEach(i -> {
                    handle.execute("update customers set name = ? where id = ?", "x", i);
                    Shop.byKeys(handle, List.of(1, 2, 3));
                })));

        assertThat(recording.statements()).extracting(Statement::site).containsExactly("", "");
    }

    @Test
    void cost_nothingRecorded_isNoAllocation() {
        var contexts = new ArrayList<StatementContext>();
        Jdbi other = Jdbi.create(URL);
        other.setSqlLogger(new SqlLogger() {
            @Override
            public void logAfterExecution(StatementContext context) {
                contexts.add(context);
            }
        });
        other.useHandle(handle -> Shop.find(handle, 1));
        other.setSqlLogger(SqlLogger.NOP_SQL_LOGGER);
        StatementRecorder installed = StatementRecorder.install(other);
        Recording elsewhere = installed.start("closed on another thread");
        onAnotherThread(elsewhere::close);
        Recording first = installed.start("first");
        Recording second = installed.start("second");
        first.close(); // in the wrong order
        second.close();
        SqlLogger logger = other.getConfig(SqlStatements.class).getSqlLogger();
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        logger.logAfterExecution(contexts.get(0));

        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 10_000; i++) {
            logger.logAfterExecution(contexts.get(0));
        }

        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(10_000);
    }

    @Test
    void statements_textsWithoutEnd_areBounded() {
        Recording recording = recorded(() ->
                jdbi.useHandle(handle -> IntStream.range(0, 1_100).forEach(i -> handle.execute("select 1 as a" + i))));

        assertThat(recording.statements()).hasSize(1_001);
        assertThat(count(recording)).isEqualTo(1_100);
        assertThat(recording.statements().get(1_000))
                .isEqualTo(new Statement("(others)", "select", 100, "", "", false));
    }
}
