package dev.underpin.idempotency;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.Retry;
import dev.underpin.result.spi.Codec;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One execution under a lease. Steps are taken by the thread of the body; the heartbeat tells it, from another thread, that
 * the lease was renewed or lost.
 */
final class LeasedRun implements Execution {
    private static final byte[] BEGUN = {};
    private static final int SHARES_OF_SAFETY = 6;

    private final IdempotencyStore store;
    private final Operation<?> operation;
    private final Notices notices;
    private final IdempotencyStore.Key key;
    private final UUID owner;
    private final Map<String, byte[]> recovered;

    // Of the thread of the body.
    private final Set<String> names = new HashSet<>();
    private boolean begun;
    private boolean inDoubt;

    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Thread worker; // guarded by lock: whom a lost lease interrupts
    private boolean interrupted; // guarded by lock: whether it has
    private volatile boolean lost;

    LeasedRun(
            IdempotencyStore store,
            Operation<?> operation,
            Notices notices,
            IdempotencyStore.Key key,
            UUID owner,
            Map<String, byte[]> recovered) {
        this.store = store;
        this.operation = operation;
        this.notices = notices;
        this.key = key;
        this.owner = owner;
        this.recovered = recovered;
    }

    @Override
    public <T> Result<T, DomainError> step(
            String name,
            Codec<T> codec,
            Function<? super String, ? extends Result<? extends T, ? extends DomainError>> body) {
        Result<T, DomainError> known = known(name, codec);
        if (known != null) {
            return known;
        }
        begun = true;
        return noted(name, codec, Result.widen(body.apply(downstreamKey(key, name))));
    }

    private <T> Result<T, DomainError> noted(String name, Codec<T> codec, Result<T, DomainError> result) {
        if (!isAnswer(result)) {
            return result;
        }
        Result<T, DomainError> refusal =
                note(name, Outcome.encode(result, codec, Outcome.UNLIMITED), Retry.IF_IDEMPOTENT);
        return refusal == null ? result : refusal;
    }

    @Override
    public <T> Result<T, DomainError> stepNoting(
            String name,
            Codec<T> codec,
            Function<? super Note<T>, ? extends Result<? extends T, ? extends DomainError>> body) {
        Result<T, DomainError> known = known(name, codec);
        if (known != null) {
            return known;
        }
        Note<T> note = (transaction, value) -> {
            boolean held =
                    transaction.advance(key, owner, name, Outcome.encode(Result.ok(value), codec, Outcome.UNLIMITED));
            if (!held) {
                lose();
            }
            return held;
        };
        Result<T, DomainError> result = Result.widen(body.apply(note));
        begun |= result.isOk() || mayHaveHappened(result); // else it was undone
        return result.isOk() ? result : noted(name, codec, result);
    }

    /** {@return what is known of a step that is done if it is repeated, or why it is not run; null if it is} */
    private <T> @Nullable Result<T, DomainError> known(String name, Codec<T> codec) {
        byte[] earlier = earlier(name);
        if (earlier != null && earlier.length > 0) {
            return Outcome.decode(earlier, codec);
        }
        return lost ? refused() : null;
    }

    @Override
    public <T> Result<T, DomainError> stepOnce(
            String name, Codec<T> codec, Supplier<? extends Result<? extends T, ? extends DomainError>> body) {
        byte[] earlier = earlier(name);
        if (earlier != null) {
            inDoubt |= earlier.length == 0;
            return earlier.length == 0
                    ? Result.err(IdempotencyErrors.IDEMPOTENCY_OUTCOME_UNKNOWN.error())
                    : Outcome.decode(earlier, codec);
        }
        if (lost) {
            return refused();
        }
        Result<T, DomainError> refusal = note(name, BEGUN, Retry.SAME_CALL);
        if (refusal == null && lost) { // while that was being written, which then says more than is true
            refusal = note(name, Outcome.notDone(), Retry.SAME_CALL);
            return refusal == null ? refused() : refusal;
        }
        return refusal == null ? once(name, codec, body) : refusal;
    }

    /** Runs a step whose beginning is noted. */
    private <T> Result<T, DomainError> once(
            String name, Codec<T> codec, Supplier<? extends Result<? extends T, ? extends DomainError>> body) {
        begun = true;
        boolean before = inDoubt;
        inDoubt = true; // until its end is known and noted
        Result<T, DomainError> result = Result.widen(body.get());
        boolean isAnswer = isAnswer(result);
        if (!isAnswer && mayHaveHappened(result)) {
            return result;
        }
        byte[] data = isAnswer ? Outcome.encode(result, codec, Outcome.UNLIMITED) : Outcome.notDone();
        Result<T, DomainError> refusal = note(name, data, Retry.IF_IDEMPOTENT);
        inDoubt = before || refusal != null;
        return refusal == null ? result : refusal;
    }

    static String downstreamKey(IdempotencyStore.Key key, String step) {
        return key.hex() + ':' + step;
    }

    /** {@return what an earlier run noted of a step, or null if it has yet to be done} */
    private byte @Nullable [] earlier(String name) {
        if (!isOfThisThread()) {
            throw new IllegalStateException("A step belongs to the thread of its body, while that runs: " + name);
        }
        Bytes.requireUnicode("name", name); // else it would not be found again
        if (!names.add(name)) {
            throw new IllegalStateException("name must be unique within an execution: " + name);
        }
        byte[] data = recovered.get(name);
        return data == null || Outcome.isNotDone(data) ? null : data;
    }

    private boolean isAnswer(Result<?, DomainError> result) {
        return !(result instanceof Result.Err<?, DomainError> err) || operation.keeps(err.error());
    }

    /** {@return whether an effect is possible} What a client refused, or a server before it began, had none. */
    private static boolean mayHaveHappened(Result<?, DomainError> result) {
        return result instanceof Result.Err<?, DomainError> err
                && switch (err.error().retry()) {
                    case SAME_CALL, HIGHER_LEVEL -> false;
                    case IF_IDEMPOTENT -> true;
                    case NO ->
                        err.error().kind() == ErrorKind.INTERNAL || err.error().kind() == ErrorKind.CANCELLED;
                };
    }

    /** {@return null, or why the note could not be written} */
    private <T> @Nullable Result<T, DomainError> note(String name, byte[] data, Retry retry) {
        try {
            if (store.advance(key, owner, name, data)) {
                return null;
            }
        } catch (RuntimeException e) {
            notices.storeFailed(operation.name(), e);
            return Result.err(Idempotency.storeFailed(e, retry));
        }
        lose();
        return refused();
    }

    private static <T> Result<T, DomainError> refused() {
        ErrorCode code = IdempotencyErrors.IDEMPOTENCY_LEASE_LOST;
        return Result.err(code.error());
    }

    /* ---- the thread of the body, around it ---- */

    void start() {
        lock.lock();
        try {
            worker = Thread.currentThread();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the time in which a lost lease interrupts this thread, and takes back an interrupt that came of it. */
    void end() {
        lock.lock();
        try {
            if (interrupted) {
                Thread.interrupted();
            }
            interrupted = false;
            worker = null;
        } finally {
            lock.unlock();
        }
    }

    private boolean isOfThisThread() {
        lock.lock();
        try {
            return Thread.currentThread().equals(worker);
        } finally {
            lock.unlock();
        }
    }

    boolean isLost() {
        return lost;
    }

    /** {@return whether a step that must not be repeated was begun, and its end is not known} */
    boolean isInDoubt() {
        return inDoubt;
    }

    /** {@return whether no step was begun, by this run or an earlier one} */
    boolean isUntouched() {
        return !begun && recovered.isEmpty();
    }

    IdempotencyStore.Key key() {
        return key;
    }

    UUID owner() {
        return owner;
    }

    String operation() {
        return operation.name();
    }

    /* ---- the heartbeat ---- */

    Duration lease() {
        return operation.lease();
    }

    /** {@return how long the worker may rely on a lease that was asked for a moment ago} */
    long reliableNanos() {
        long nanos = lease().toNanos();
        return nanos - nanos / SHARES_OF_SAFETY;
    }

    /** Cancels the body: no further step is run, and its thread is interrupted. */
    void lose() {
        lock.lock();
        try {
            if (!lost && worker != null && !Thread.currentThread().equals(worker)) {
                worker.interrupt();
                interrupted = true;
            }
            lost = true;
        } finally {
            lock.unlock();
        }
    }
}
