package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.underpin.batching.LoadScope;
import dev.underpin.batching.Loader;
import dev.underpin.idempotency.Fingerprint;
import dev.underpin.idempotency.IdempotentRequest;
import dev.underpin.idempotency.Operation;
import dev.underpin.idempotency.Replay;
import dev.underpin.pagination.ColumnType;
import dev.underpin.pagination.Page;
import dev.underpin.pagination.PageQuery;
import dev.underpin.pagination.PageSpec;
import dev.underpin.pagination.Paginator;
import dev.underpin.persistence.batching.BatchFetch;
import dev.underpin.persistence.hikari.PoolSettings;
import dev.underpin.persistence.idempotency.IdempotentTransactions;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.spi.Codec;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.StatementContext;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The examples of the README and of the pages beside it. */
class ExamplesTest {
    record Invoice(UUID id, Instant issuedAt, BigDecimal total) {}

    static final PageSpec<Invoice> INVOICES = PageSpec.named("invoices", Invoice.class)
            .sort("issuedAt", "i.issued_at", ColumnType.INSTANT, Invoice::issuedAt)
            .sort("total", "i.total", ColumnType.DECIMAL, Invoice::total)
            .unique("id", "i.id", ColumnType.UUID, Invoice::id)
            .defaultSort("-issuedAt")
            .filterRange("total", "i.total", ColumnType.DECIMAL)
            .build();

    static final RowMapper<Invoice> INVOICE = (rs, context) -> new Invoice(
            rs.getObject("id", UUID.class),
            rs.getObject("issued_at", OffsetDateTime.class).toInstant(),
            rs.getBigDecimal("total"));

    static Page<Invoice> list(Handle handle, PageQuery<Invoice> query, String tenant) {
        return KeysetQuery.of(handle, "select i.* from invoices i")
                .where("i.tenant = :tenant")
                .bind("tenant", tenant)
                .countUpTo(1_000)
                .fetch(query, INVOICE);
    }

    static final ErrorCode NUMBER_TAKEN = ErrorCode.of(ErrorKind.CONFLICT, "NUMBER_TAKEN", "The number is in use");

    static Transactions transactions(Jdbi jdbi) {
        return Transactions.named("billing")
                .constraint("receipts_number", NUMBER_TAKEN)
                .build(jdbi);
    }

    static Result<Long, DomainError> issue(Transactions transactions, long number, Runnable notify) {
        return transactions.inTransaction(tx -> {
            tx.handle().execute("insert into receipts values (?)", number);
            tx.afterCommit(notify);
            return number < 0 ? Result.err(ErrorKind.UNPROCESSABLE.code().error()) : Result.ok(number);
        });
    }

    static final Codec<Long> NUMBER = new Codec<>() {
        @Override
        public byte[] encode(Long value) {
            return Long.toString(value).getBytes(StandardCharsets.US_ASCII);
        }

        @Override
        public Long decode(byte[] bytes) throws IOException {
            try {
                return Long.valueOf(new String(bytes, StandardCharsets.US_ASCII));
            } catch (NumberFormatException e) {
                throw new IOException(e);
            }
        }
    };

    static final Operation<Long> ISSUE = Operation.named("receipts.issue").build(NUMBER);

    static Result<Replay<Long>, DomainError> issueOnce(
            IdempotentTransactions once, Transactions transactions, IdempotentRequest request, long number) {
        return once.execute(ISSUE, request, tx -> issue(transactions, number, () -> {}));
    }

    static Result<Long, DomainError> rename(Handle handle, UUID id, long seenVersion, String name) {
        return Versioned.update(handle, "customers", id, seenVersion, Map.of("name", name));
    }

    record Customer(UUID id, String name, long version) {}

    static final RowMapper<Customer> CUSTOMER =
            (rs, context) -> new Customer(rs.getObject("id", UUID.class), rs.getString("name"), rs.getLong("version"));

    static List<Optional<Customer>> customers(Handle handle, String tenant, List<UUID> ids) {
        return KeyedQuery.of(handle, "select c.* from customers c where c.tenant = :tenant and c.id = any(:keys)")
                .bind("tenant", tenant)
                .fetchOne(ids, CUSTOMER, Customer::id);
    }

    record Purchase(long id, UUID customer) {}

    static final RowMapper<Purchase> PURCHASE =
            (rs, context) -> new Purchase(rs.getLong("id"), rs.getObject("customer", UUID.class));

    static Loader<UUID, Customer> customers(Jdbi jdbi) {
        return BatchFetch.byKey(
                Loader.named("customers").maxBatch(500),
                jdbi,
                "select c.* from customers c where c.id = any(:keys)",
                CUSTOMER,
                Customer::id);
    }

    static Loader<UUID, List<Purchase>> recentPurchases(Jdbi jdbi) {
        return BatchFetch.manyByKey(Loader.named("recentPurchases"), jdbi, """
                select p.* from (
                    select p.*, row_number() over (partition by p.customer order by p.id desc) as place
                    from purchases p where p.customer = any(:keys)) p
                where p.place <= 3 order by p.id desc""", PURCHASE, Purchase::customer);
    }

    static Result<String, DomainError> summary(Customer customer, Result<List<Purchase>, DomainError> recent) {
        return recent.map(purchases -> customer.name() + " " + purchases.size());
    }

    static Result<List<String>, DomainError> summaries(
            Transactions transactions,
            Loader<UUID, Customer> customers,
            Loader<UUID, List<Purchase>> purchases,
            List<UUID> ids) {
        return transactions.inTransaction(TxOptions.reading(), tx -> {
            try (LoadScope scope = BatchFetch.open(tx)) {
                return scope.loader(customers).loadAll(ids).values().stream()
                        .collect(Result.toList())
                        .flatMap(all -> Result.traverse(
                                scope.loader(purchases).mapAll(all, Customer::id, ExamplesTest::summary), one -> one));
            }
        });
    }

    private static final Logger LOG = LoggerFactory.getLogger(ExamplesTest.class);

    static Jdbi jdbi(HikariDataSource pool) {
        pool.setMaximumPoolSize(PoolSettings.size(8, 3)); // cores of the database, instances of the service
        pool.setConnectionTimeout(5_000);
        PoolSettings.check(pool, TxOptions.standard()).forEach(problem -> LOG.warn("Pool: {}", problem));
        Jdbi jdbi = Jdbi.create(GuardedDataSource.of(pool));
        SlowStatements.install(jdbi, Duration.ofMillis(500));
        return jdbi;
    }

    static StatementRecorder recorder(Jdbi jdbi, Consumer<StatementRecorder.Finding> metric) {
        return StatementRecorder.install(jdbi).reporting(0.01, metric); // of a hundred requests, one
    }

    static <T> T recorded(StatementRecorder recorder, String route, Supplier<T> handler) {
        try (StatementRecorder.Recording recording = recorder.start(route)) {
            T answer = handler.get();
            LOG.debug(
                    "{}: {} texts of statements", route, recording.statements().size());
            return answer;
        }
    }

    @Test
    void recorded_oneRequestOfAHundred_isToldOnce() {
        var told = new ArrayList<StatementRecorder.Finding>();
        Jdbi jdbi = Jdbi.create("jdbc:h2:mem:");
        StatementRecorder recorder = recorder(jdbi, told::add);
        for (int request = 0; request < 100; request++) {
            int sum = recorded(
                    recorder,
                    "GET /sum",
                    () -> jdbi.withHandle(handle -> IntStream.range(0, 3)
                            .map(i -> handle.createQuery("select x from system_range(:i, :i)")
                                    .bind("i", i)
                                    .mapTo(Integer.class)
                                    .one())
                            .sum()));
            assertThat(sum).isEqualTo(3);
        }

        assertThat(told).hasSize(1).allSatisfy(finding -> {
            assertThat(finding.verdict()).isEqualTo(StatementRecorder.Verdict.N_PLUS_ONE);
            assertThat(finding.recording()).isEqualTo("GET /sum");
        });
    }

    @Test
    void pages_examples_areCodeOfThisTest() throws IOException {
        String source = Files.readString(Path.of("src/test/java/dev/underpin/persistence/ExamplesTest.java"))
                .replaceAll("\\s+", "");
        String pages = "";
        for (String page : List.of("README", "BATCHING", "READING", "STATEMENTS", "TRANSACTIONS")) {
            pages += Files.readString(Path.of(page + ".md"));
        }
        var examples = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                .matcher(pages)
                .results()
                .map(example -> example.group(1).replaceAll("\\s+", ""))
                .toList();

        assertThat(examples)
                .isNotEmpty()
                .allSatisfy(example -> assertThat(source).contains(example));
    }

    @Test
    void issueOnce_twice_issuesOnce() throws IOException {
        Jdbi jdbi = Jdbi.create("jdbc:h2:mem:once;DB_CLOSE_DELAY=-1");
        String script =
                Files.readString(MigrationsContract.scripts("h2", ".up.sql").get(0));
        jdbi.useHandle(handle -> {
            handle.createScript(script).execute();
            handle.execute("create table receipts (number bigint, constraint receipts_number unique (number))");
        });
        Transactions transactions = transactions(jdbi);
        var once = IdempotentTransactions.of(transactions);
        var request = new IdempotentRequest("tenant", "8e03978e", Fingerprint.ofBytes(new byte[0]));
        var refused = new IdempotentRequest("tenant", "another", Fingerprint.ofBytes(new byte[0]));

        for (int i = 0; i < 2; i++) {
            assertThat(issueOnce(once, transactions, request, 7).orElseThrow()).isEqualTo(new Replay<>(7L, i == 1));
            assertThat(issueOnce(once, transactions, refused, 7)
                            .<String>fold(
                                    replay -> "issued", error -> error.code().name()))
                    .isEqualTo("NUMBER_TAKEN");
        }
    }

    @Test
    void jdbi_ofAPool_warnsOfItsSettingsAndWorks() {
        try (LogCapture log = LogCapture.of(ExamplesTest.class);
                var pool = new HikariDataSource()) {
            pool.setJdbcUrl("jdbc:h2:mem:pool");
            pool.setMaxLifetime(0);
            int one = jdbi(pool)
                    .withHandle(handle ->
                            handle.createQuery("select 1").mapTo(Integer.class).one());

            assertThat(one).isOne();
            assertThat(pool.getMaximumPoolSize()).isEqualTo(5);
            assertThat(log.only().getFormattedMessage()).startsWith("Pool: maxLifetime must not be 0");
        }
    }

    @Test
    void customers_renamedAndMissing_areAnsweredByKey() {
        UUID ada = new UUID(1, 1);
        UUID nobody = new UUID(1, 2);
        try (Handle handle = Jdbi.create("jdbc:h2:mem:").open()) {
            handle.execute("create table customers (id uuid primary key, tenant varchar(20), name varchar(20),"
                    + " version bigint not null)");
            handle.execute("insert into customers values (?, 'acme', 'Ada', 1)", ada);

            assertThat(rename(handle, ada, 1, "Ada L.")).isEqualTo(Result.ok(2L));
            DomainError late = rename(handle, ada, 1, "A.").fold(version -> null, error -> error);
            assertThat(late.code()).isEqualTo(PersistenceErrors.VERSION_CONFLICT);
            assertThat(late.args()).containsEntry("current", 2L);
            assertThat(customers(handle, "acme", List.of(nobody, ada, ada)))
                    .containsExactly(
                            Optional.empty(),
                            Optional.of(new Customer(ada, "Ada L.", 2)),
                            Optional.of(new Customer(ada, "Ada L.", 2)));
            assertThat(customers(handle, "other", List.of(ada))).containsExactly(Optional.empty());
        }
    }

    @Test
    void summaries_customersWithAndWithoutPurchases_takeTwoStatements() throws SQLException {
        try (Connection keeper = DriverManager.getConnection("jdbc:h2:mem:summaries")) {
            Jdbi jdbi = Jdbi.create("jdbc:h2:mem:summaries");
            List<UUID> ids = List.of(new UUID(1, 1), new UUID(1, 2), new UUID(1, 3));
            jdbi.useHandle(handle -> {
                handle.execute("create table customers (id uuid primary key, name varchar(20), version bigint)");
                handle.execute("create table purchases (id bigint primary key, customer uuid)");
                ids.forEach(id -> handle.execute(
                        "insert into customers values (?, ?, 1)", id, "c" + id.getLeastSignificantBits()));
                for (int i = 0; i < 5; i++) {
                    handle.execute("insert into purchases values (?, ?)", i, ids.get(i % 4 == 0 ? 1 : 0));
                }
            });
            var statements = new AtomicInteger();
            jdbi.setSqlLogger(new SqlLogger() {
                @Override
                public void logBeforeExecution(StatementContext context) {
                    statements.incrementAndGet();
                }
            });

            assertThat(summaries(transactions(jdbi), customers(jdbi), recentPurchases(jdbi), ids))
                    .isEqualTo(Result.ok(List.of("c1 3", "c2 2", "c3 0")));
            assertThat(statements).hasValue(2);
            assertThat(keeper.isClosed()).isFalse();
        }
    }

    @Test
    void issue_onceTwiceAndWrong_isWhatItSays() throws SQLException {
        try (Connection keeper = DriverManager.getConnection("jdbc:h2:mem:receipts")) {
            Jdbi jdbi = Jdbi.create("jdbc:h2:mem:receipts");
            jdbi.useHandle(handle -> handle.execute(
                    "create table receipts (number bigint, constraint receipts_number unique (number))"));
            Transactions transactions = transactions(jdbi);
            var notified = new AtomicInteger();

            assertThat(issue(transactions, 1, notified::incrementAndGet)).isEqualTo(Result.ok(1L));
            String second = issue(transactions, 1, notified::incrementAndGet)
                    .fold(number -> "issued", error -> error.code().name());
            assertThat(second).isEqualTo("NUMBER_TAKEN");
            assertThat(issue(transactions, -1, notified::incrementAndGet).isOk())
                    .isFalse();
            assertThat(notified).hasValue(1);
            assertThat(keeper.isClosed()).isFalse();
        }
    }

    @Test
    void list_secondPage_isWhatTheFirstDidNotHave() {
        Paginator paginator = Paginator.builder(1, new byte[32]).build();
        try (Handle handle = Jdbi.create("jdbc:h2:mem:").open()) {
            handle.execute("create table invoices (id uuid primary key, tenant text not null,"
                    + " issued_at timestamp(9) with time zone not null, total numeric(12, 2) not null)");
            for (int day = 1; day <= 3; day++) {
                handle.execute(
                        "insert into invoices values (?, 'acme', ?, ?)",
                        UUID.randomUUID(),
                        OffsetDateTime.of(2026, 1, day, 8, 0, 0, 0, ZoneOffset.UTC),
                        new BigDecimal(10 * day));
            }
            Map<String, List<String>> params = Map.of("total[gte]", List.of("10"), "size", List.of("2"));
            Page<Invoice> first =
                    list(handle, paginator.parse(INVOICES, params, "acme").orElseThrow(), "acme");
            Page<Invoice> second = list(
                    handle,
                    paginator
                            .parse(
                                    INVOICES,
                                    Map.of(
                                            "total[gte]", List.of("10"),
                                            "size", List.of("2"),
                                            "cursor", List.of(first.next().orElseThrow())),
                                    "acme")
                            .orElseThrow(),
                    "acme");

            assertThat(first.items())
                    .extracting(Invoice::total)
                    .containsExactly(new BigDecimal("30.00"), new BigDecimal("20.00"));
            assertThat(first.total()).hasValue(3);
            assertThat(second.items()).extracting(Invoice::total).containsExactly(new BigDecimal("10.00"));
        }
    }
}
