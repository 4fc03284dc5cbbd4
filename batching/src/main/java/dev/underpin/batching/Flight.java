package dev.underpin.batching;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.nio.channels.ClosedByInterruptException;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** One run of a batch function, and what came of it. Confined to the thread that runs it; holds no lock. */
final class Flight<K, V> {
    private final Batch<K, V> batch;
    private final LoadScope scope;
    private final int keys;
    private final long startNanos;
    private long tookNanos;
    private @Nullable Answer<K, V> answer;
    private @Nullable Throwable thrown;
    private @Nullable BitSet forgotten;

    Flight(Batch<K, V> batch, LoadScope scope) {
        this.batch = batch;
        this.scope = scope;
        this.keys = batch.slots().length;
        this.startNanos = batch.loader.loader.listener == null ? 0 : System.nanoTime();
    }

    void run() {
        try {
            answer = batch.loader.loader.call(batch.keys(), scope);
        } catch (Throwable e) {
            thrown = e;
        }
        if (batch.loader.loader.listener != null) {
            tookNanos = System.nanoTime() - startNanos;
        }
    }

    void runIn(Executor context) {
        try {
            context.execute(this::run);
        } catch (RuntimeException | Error e) {
            thrown = e;
        }
        if (answer == null && thrown == null) {
            thrown = new IllegalStateException("The context of the scope did not run the batch before it returned");
        }
    }

    boolean hasThrown() {
        return thrown != null;
    }

    /** {@return whether it failed in a way in which an interrupt of its thread may show} */
    boolean isCutShort() {
        if (thrown != null) {
            return true;
        }
        Answer<K, V> answer = Objects.requireNonNull(this.answer);
        try {
            return answer.failure() != null || batch.keys().stream().anyMatch(key -> isCancelled(answer.of(key)));
        } catch (RuntimeException | Error e) { // of a map: comes again when the results are stored
            return false;
        }
    }

    private static boolean isCancelled(Result<?, DomainError> result) {
        return result instanceof Result.Err<?, DomainError> err && err.error().kind() == ErrorKind.CANCELLED;
    }

    /** {@return whether the function says by what it throws that its thread was interrupted} */
    boolean wasInterrupted() {
        Throwable cause = thrown;
        for (int depth = 0; cause != null && depth < 50; depth++) {
            if (cause instanceof ExecutionException || cause instanceof CompletionException) {
                return false; // another thread was
            }
            if (cause instanceof InterruptedException || cause instanceof ClosedByInterruptException) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }

    /** Writes the results into the slots. */
    void store() {
        Loader<K, V> loader = batch.loader.loader;
        Slot<K, V>[] slots = batch.slots();
        Answer<K, V> answer = this.answer;
        if (answer == null) {
            answer = new Answer.Failed<>(failed());
        }
        for (int i = 0; i < slots.length; i++) {
            Result<V, DomainError> result;
            boolean kept = false;
            try {
                result = answer.of(slots[i].key);
                kept = answer.isKept(result);
            } catch (Throwable e) { // of a map, or of what makes errors
                thrown = thrown == null ? e : thrown;
                result = Result.err(failed());
            }
            if (!kept) {
                forgotten = forgotten == null ? new BitSet(slots.length) : forgotten;
                forgotten.set(i);
            }
            slots[i].finish(result);
        }
        if (loader.keepsExtras && loader.remembers) {
            storeExtras(answer);
        }
        this.answer = answer;
    }

    /** What was asked for is no extra, even if it has been cleared meanwhile. */
    private void storeExtras(Answer<K, V> answer) {
        try {
            Set<Object> asked = new HashSet<>();
            for (Slot<K, V> slot : batch.slots()) {
                asked.add(slot.identity());
            }
            for (K key : answer.keys()) {
                Result<V, DomainError> result = answer.of(key);
                if (answer.isKept(result) && !asked.contains(batch.loader.loader.identity(key))) {
                    batch.loader.extra(key, result);
                }
            }
        } catch (Throwable e) { // of a map or a key: what was asked for is there
            thrown = thrown == null ? e : thrown;
        }
    }

    private DomainError failed() {
        return new LoadError(
                BatchingErrors.BATCH_FAILED, batch.loader.loader.name, batch.someKeys(), List.of(), thrown);
    }

    /** Takes slots out of the table whose results are not to be remembered. Needs the lock. */
    void forget() {
        if (forgotten != null) {
            Slot<K, V>[] slots = batch.slots();
            for (int i = forgotten.nextSetBit(0); i >= 0; i = forgotten.nextSetBit(i + 1)) {
                batch.loader.forget(slots[i]);
            }
        }
    }

    /** Tells the listener. */
    void listen() {
        BatchListener listener = batch.loader.loader.listener;
        if (listener != null) {
            ErrorCode code = answer == null || answer.failure() == null
                    ? null
                    : answer.failure().code();
            try {
                listener.onBatch(batch.loader.loader.name, keys, tookNanos, code);
            } catch (Throwable e) {
                // a listener of metrics must not fail a load
            }
        }
    }

    /** An {@code Error} flies on the thread that made it. */
    void rethrow() {
        if (thrown instanceof Error error) {
            throw error;
        }
    }
}
