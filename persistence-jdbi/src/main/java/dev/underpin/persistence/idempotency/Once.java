package dev.underpin.persistence.idempotency;

import dev.underpin.idempotency.IdempotencyErrors;
import dev.underpin.idempotency.IdempotencyListener;
import dev.underpin.idempotency.IdempotencyStore;
import dev.underpin.idempotency.IdempotentRequest;
import dev.underpin.idempotency.Operation;
import dev.underpin.idempotency.Replay;
import dev.underpin.persistence.PersistenceErrors;
import dev.underpin.persistence.Transactions;
import dev.underpin.persistence.Tx;
import dev.underpin.persistence.internal.Database;
import dev.underpin.persistence.internal.Framed;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.Result;
import dev.underpin.result.Retry;
import java.io.UncheckedIOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * One request: a look at its key, and if that is free a transaction, of which this is the body and what goes out with its
 * begin and commit. Of one thread.
 *
 * @param <P> the type of what is prepared
 * @param <T> the type of the answer
 */
final class Once<P, T> implements Function<Tx, Result<Result<T, DomainError>, DomainError>>, Framed {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
    private static final int MOST_LOST = 3;
    private static final Set<ErrorCode> OURS = Set.of(
            IdempotencyErrors.IDEMPOTENCY_KEY_REUSED,
            IdempotencyErrors.IDEMPOTENCY_IN_PROGRESS,
            IdempotencyErrors.IDEMPOTENCY_OUTCOME_UNKNOWN,
            IdempotencyErrors.IDEMPOTENCY_ANSWER_NOT_KEPT,
            IdempotencyErrors.IDEMPOTENCY_ANSWER_UNREADABLE,
            IdempotencyErrors.IDEMPOTENCY_STORE_FAILED);

    private final Transactions transactions;
    private final Operation<T> operation;
    private final IdempotentRequest request;
    private final Supplier<? extends Result<? extends P, ? extends DomainError>> prepare;
    private final BiFunction<? super Tx, ? super P, ? extends Result<? extends T, ? extends DomainError>> body;
    private final JdbiIdempotencyStore store;
    private final IdempotencyStore.Key key;
    private @Nullable Result<P, DomainError> prepared;

    // Of one attempt of the transaction.
    private @Nullable KeyTable table;
    private KeyTable.Claim claim;
    private boolean busy;
    private IdempotencyStore.@Nullable Entry found;
    private byte @Nullable [] outcome;
    private boolean lost;

    // What came of it.
    private @Nullable Result<Replay<T>, DomainError> met;
    private @Nullable RuntimeException failure;
    private long bodyNanos;
    private @Nullable ErrorCode told;

    Once(
            Transactions transactions,
            Operation<T> operation,
            IdempotentRequest request,
            Supplier<? extends Result<? extends P, ? extends DomainError>> prepare,
            BiFunction<? super Tx, ? super P, ? extends Result<? extends T, ? extends DomainError>> body) {
        this.transactions = transactions;
        this.operation = operation;
        this.request = request;
        this.prepare = prepare;
        this.body = body;
        this.store = JdbiIdempotencyStore.on(transactions.jdbi());
        this.key = IdempotencyStore.Key.of(request.tenant(), operation.name(), request.key());
        this.claim = newClaim();
    }

    private KeyTable.Claim newClaim() {
        return new KeyTable.Claim(key, request.fingerprint(), UUID.randomUUID(), operation.ttl());
    }

    /** {@return the answer, or that somebody else is at it} */
    Result<Replay<T>, DomainError> attempt() {
        met = null;
        Result<Replay<T>, DomainError> answer = null;
        for (int i = 0; answer == null; i++) {
            lost = false;
            answer = looked();
            if (answer == null) {
                answer = executed();
            }
            if (lost && i < MOST_LOST) { // the row of who was faster says more
                answer = null;
            }
        }
        told = answer instanceof Result.Err<Replay<T>, DomainError> err
                ? err.error().code()
                : null;
        return answer;
    }

    /** {@return what there is to say without a transaction; null if the request has to be executed} */
    private @Nullable Result<Replay<T>, DomainError> looked() {
        try {
            KeyTable.Look look = store.callTwice((asked, handle) -> asked.probe(handle, key));
            met = look.busy() ? inProgress() : look.entry().map(this::answered).orElse(null);
            return met;
        } catch (JdbiException | UncheckedIOException e) { // there is no answer, or none that can be read
            failure = e;
            met = Result.err(DomainError.builder(IdempotencyErrors.IDEMPOTENCY_STORE_FAILED)
                    .retry(Retry.SAME_CALL)
                    .cause(e)
                    .build());
            return met;
        }
    }

    /** {@return what is answered in view of an entry; null if it may be claimed} */
    private @Nullable Result<Replay<T>, DomainError> answered(IdempotencyStore.Entry entry) {
        return isFree(entry) ? null : operation.answer(request, entry);
    }

    /** Notes of steps are of an execution that was not in one transaction: who goes on behind them knows them. */
    private boolean isFree(IdempotencyStore.Entry entry) {
        boolean nobodys = entry.state() == IdempotencyStore.State.RELEASED
                || (entry.state() == IdempotencyStore.State.RUNNING
                        && entry.leaseLeft().isZero());
        return nobodys && entry.steps().isEmpty() && request.fingerprint().matches(entry.fingerprint());
    }

    private static <T> Result<T, DomainError> inProgress() {
        return Result.err(DomainError.builder(IdempotencyErrors.IDEMPOTENCY_IN_PROGRESS)
                .retry(Retry.SAME_CALL)
                .retryAfter(RETRY_AFTER)
                .build());
    }

    private Result<Replay<T>, DomainError> executed() {
        Result<P, DomainError> ready = prepared;
        if (ready == null) {
            ready = Result.widen(prepare.get());
            prepared = ready;
        }
        if (ready instanceof Result.Err<P, DomainError> err) {
            return Result.err(err.error());
        }
        Result<Result<T, DomainError>, DomainError> ended = transactions.inTransaction(this);
        if (ended instanceof Result.Ok<Result<T, DomainError>, DomainError> committed) {
            return committed.value().map(value -> new Replay<>(value, false));
        }
        return met == null ? Result.err(((Result.Err<Result<T, DomainError>, DomainError>) ended).error()) : met;
    }

    /* ---- the transaction ---- */

    @Override
    public @Nullable Sql opening(Database database) {
        table = Objects.requireNonNull(KeyTable.of(database)); // it was looked into before
        claim = newClaim();
        busy = false;
        found = null;
        outcome = null;
        met = null;
        return table.opening(claim);
    }

    @Override
    public void opened(ResultSet rows) throws SQLException {
        boolean isRow = !rows.getMetaData().getColumnLabel(1).equalsIgnoreCase("busy");
        if (rows.next() && isRow) {
            found = table().entry(rows);
        } else if (!isRow) {
            busy = rows.getBoolean(1);
        }
    }

    @Override
    public Result<Result<T, DomainError>, DomainError> apply(Tx tx) {
        if (!table().claimsWithBegin()) {
            claimWithin(tx);
        }
        met = met();
        if (met != null) {
            tx.setRollbackOnly(); // whatever errors the service commits on: to undo what the claim left
            return Result.err(IdempotencyErrors.IDEMPOTENCY_IN_PROGRESS.error());
        }
        long start = transactions.time().nanoTime();
        Result<T, DomainError> result = tx.nested(inner -> body.apply(inner, ready()));
        bodyNanos = transactions.time().nanoTime() - start;
        if (result instanceof Result.Err<T, DomainError> err && !operation.keeps(err.error())) {
            tx.setRollbackOnly();
            return Result.err(err.error());
        }
        outcome = operation.encode(result);
        if (!table().claimsWithBegin()) {
            table().completeWithin(tx.handle(), claim, outcome);
        }
        return Result.ok(result);
    }

    private void claimWithin(Tx tx) {
        try {
            found = table().claimWithin(tx.handle(), claim);
            busy = found == null;
        } catch (JdbiException e) {
            DomainError error = PersistenceErrors.of(e);
            boolean another = error.is(PersistenceErrors.LOCK_TIMEOUT)
                    || error.is(PersistenceErrors.ALREADY_EXISTS)
                    || error.is(PersistenceErrors.SERIALIZATION_FAILED);
            if (!another) {
                throw e;
            }
            busy = true;
        }
    }

    /** {@return what was met in place of a free key; null if the key is ours} */
    private @Nullable Result<Replay<T>, DomainError> met() {
        if (busy) {
            return inProgress();
        }
        IdempotencyStore.Entry entry = found;
        if (entry == null || entry.owner().equals(claim.owner())) {
            return null;
        }
        // A row that was not claimed may look free by now; who has only that row has nothing.
        return table().claimsByLock() ? answered(entry) : operation.answer(request, entry);
    }

    private P ready() {
        return Objects.requireNonNull(prepared).fold(value -> value, error -> {
            throw new IllegalStateException(error.message());
        });
    }

    @Override
    public @Nullable Sql closing(Database database) {
        return outcome == null ? null : table().closing(claim, outcome);
    }

    @Override
    public Optional<DomainError> refusal(SQLException refused) {
        if (outcome == null || !table().isRefusal(refused)) {
            return Optional.empty();
        }
        lost = true;
        met = inProgress();
        return Optional.of(IdempotencyErrors.IDEMPOTENCY_IN_PROGRESS.error());
    }

    @Override
    public Optional<Boolean> outcome(Duration left) {
        try {
            return Optional.of(store.call(left, (asked, handle) -> asked.isCompletedBy(handle, key, claim.owner())));
        } catch (JdbiException e) {
            return Optional.empty(); // the transaction is still open, or nobody answers
        }
    }

    private KeyTable table() {
        return Objects.requireNonNull(table);
    }

    /* ---- what came of it ---- */

    boolean isInProgress() {
        return IdempotencyErrors.IDEMPOTENCY_IN_PROGRESS.equals(told) && met != null;
    }

    /** Tells of the outcome, once. */
    void tell(IdempotencyListener listener) {
        try {
            if (failure != null) {
                listener.onStoreFailed(operation.name(), failure);
            }
            if (met == null) {
                listener.onExecuted(operation.name(), bodyNanos, told);
            } else if (told == null || !OURS.contains(told)) {
                listener.onReplayed(operation.name());
            } else {
                listener.onRejected(operation.name(), told);
            }
        } catch (RuntimeException e) {
            // A listener only counts: what it throws changes no outcome.
        }
    }
}
