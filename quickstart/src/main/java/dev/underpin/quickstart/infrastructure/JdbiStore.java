package dev.underpin.quickstart.infrastructure;

import dev.underpin.idempotency.Execution;
import dev.underpin.idempotency.Replay;
import dev.underpin.pagination.PageSpec;
import dev.underpin.persistence.StatementRecorder;
import dev.underpin.persistence.StatementRecorder.Recording;
import dev.underpin.persistence.StatementRecorder.Statement;
import dev.underpin.persistence.Transactions;
import dev.underpin.persistence.Tx;
import dev.underpin.persistence.TxOptions;
import dev.underpin.persistence.idempotency.IdempotentTransactions;
import dev.underpin.quickstart.application.Counted;
import dev.underpin.quickstart.application.Once;
import dev.underpin.quickstart.application.OrderIdCodec;
import dev.underpin.quickstart.application.OrderSummary;
import dev.underpin.quickstart.application.Store;
import dev.underpin.quickstart.domain.OrderError;
import dev.underpin.quickstart.domain.OrderId;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jdbi.v3.core.Jdbi;

/** The store: how transactions run, and what comes of them. Thread-safe; a session is not. */
final class JdbiStore implements Store {
    private static final TxOptions READ = limited(TxOptions.reading());
    static final TxOptions WRITE = limited(TxOptions.standard());
    /** Who loses has lost against one that was committed, so ten that meet need ten attempts at most. */
    private static final TxOptions WRITE_IN_TURN =
            limited(TxOptions.serializable()).attempts(10);

    private final Map<Mode, Transactions> transactions = new EnumMap<>(Mode.class);
    private final CustomerActivities activities;
    private final StatementRecorder recorder;
    private final boolean hasSnapshotsOnly;

    /**
     * A store.
     *
     * @param jdbi the database, with its schema
     * @param hasSnapshotsOnly whether what the database calls serializable are snapshots, as on H2
     */
    JdbiStore(Jdbi jdbi, boolean hasSnapshotsOnly) {
        for (Mode mode : Mode.values()) {
            transactions.put(
                    mode,
                    Transactions.named("shop")
                            .constraint("orders_reference_key", OrderError.REFERENCE_TAKEN)
                            .constraint("orders_customer_fkey", OrderError.CUSTOMER_GONE)
                            .listener(new TransactionLog())
                            .defaults(options(mode))
                            .build(jdbi));
        }
        this.activities = new CustomerActivities(jdbi);
        this.recorder = StatementRecorder.install(jdbi);
        this.hasSnapshotsOnly = hasSnapshotsOnly;
    }

    /** A client waits for an answer: whatever happens in the database, no transaction takes longer than this. */
    private static TxOptions limited(TxOptions options) {
        return options.timeouts(
                /* statement= */ Duration.ofSeconds(5), /* lock= */ Duration.ofSeconds(2), Duration.ofSeconds(10));
    }

    @Override
    public <T> Result<T, DomainError> inTransaction(
            Mode mode, Function<? super Session, ? extends Result<? extends T, ? extends DomainError>> work) {
        return transactions(mode)
                .<T>inTransaction(tx -> work.apply(session(tx)))
                .mapError(JdbiStore::withField);
    }

    @Override
    public Result<OrderId, DomainError> inStep(
            Execution run,
            String step,
            Mode mode,
            Function<? super Session, ? extends Result<OrderId, ? extends DomainError>> work) {
        return IdempotentTransactions.of(transactions(mode))
                .step(run, step, OrderIdCodec.ORDER_ID, tx -> work.apply(session(tx)))
                .mapError(JdbiStore::withField);
    }

    @Override
    public <T, A> Result<Replay<A>, DomainError> inTransaction(
            Once<T, A> once, Function<? super Session, ? extends Result<? extends T, ? extends DomainError>> work) {
        return IdempotentTransactions.of(transactions(Mode.WRITE))
                .listener(new IdempotencyLog())
                .<A>execute(
                        once.operation(),
                        once.request(),
                        tx -> Result.<T, DomainError>widen(work.apply(session(tx)))
                                .map(once.answer()))
                .mapError(JdbiStore::withField);
    }

    @Override
    public <T> Result<Counted<T>, DomainError> counted(String name, Supplier<Result<T, DomainError>> work) {
        try (Recording recording = recorder.start(name)) {
            return work.get()
                    .map(value -> new Counted<>(
                            value,
                            recording.statements().stream()
                                    .mapToInt(Statement::count)
                                    .sum(),
                            recording.findings().stream()
                                    .map(finding -> finding.verdict().name())
                                    .distinct()
                                    .toList()));
        }
    }

    private Transactions transactions(Mode mode) {
        return Objects.requireNonNull(transactions.get(mode));
    }

    private Session session(Tx tx) {
        return new JdbiSession(tx, tx.handle(), activities, hasSnapshotsOnly);
    }

    private static TxOptions options(Mode mode) {
        return switch (mode) {
            case READ -> READ;
            case WRITE -> WRITE;
            case WRITE_IN_TURN -> WRITE_IN_TURN;
        };
    }

    /** {@return the same error, with the field that a violated constraint is about} */
    private static DomainError withField(DomainError error) {
        if (error.is(OrderError.REFERENCE_TAKEN)) {
            return new OrderError.ReferenceTaken();
        }
        return error.is(OrderError.CUSTOMER_GONE) ? new OrderError.CustomerGone() : error;
    }

    @Override
    public PageSpec<OrderSummary> orders() {
        return OrderListings.ALL;
    }

    @Override
    public PageSpec<OrderSummary> ordersOfCustomer() {
        return OrderListings.OF_CUSTOMER;
    }
}
