package dev.underpin.caching;

import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** What a cache loads from: it reads when the load begins, and a test may hold the load between that and its return. */
final class Store implements Function<String, Result<String, DomainError>> {
    private final Map<String, String> rows = new ConcurrentHashMap<>();
    private final Queue<Held> held = new ConcurrentLinkedQueue<>();
    private final AtomicInteger loads = new AtomicInteger();
    private final List<Set<String>> batches = new CopyOnWriteArrayList<>();
    private volatile DomainError error;
    private volatile Throwable thrown;

    @CanIgnoreReturnValue
    Store set(String key, String value) {
        rows.put(key, value);
        return this;
    }

    void delete(String key) {
        rows.remove(key);
    }

    void failWith(DomainError with) {
        error = with;
    }

    void failWith(ErrorKind kind) {
        error = kind.code().error();
    }

    void throwing(Throwable what) {
        thrown = what;
    }

    void work() {
        error = null;
        thrown = null;
    }

    /** Holds the next load after it has read. */
    Held hold() {
        var next = new Held();
        held.add(next);
        return next;
    }

    int loads() {
        return loads.get();
    }

    List<Set<String>> batches() {
        return batches;
    }

    @Override
    public Result<String, DomainError> apply(String key) {
        loads.incrementAndGet();
        String row = rows.get(key);
        return after(
                row == null ? Result.err(ErrorKind.NOT_FOUND.code().error()) : Result.<String, DomainError>ok(row));
    }

    Result<Map<String, String>, DomainError> all(Set<String> keys) {
        batches.add(Set.copyOf(keys));
        Map<String, String> found = new ConcurrentHashMap<>(rows);
        found.keySet().retainAll(keys);
        return after(Result.<Map<String, String>, DomainError>ok(found));
    }

    /** The batches, keys in order. */
    List<List<String>> sortedBatches() {
        List<List<String>> sorted = new ArrayList<>();
        batches.forEach(batch -> sorted.add(List.copyOf(new TreeSet<>(batch))));
        return sorted;
    }

    private <T> Result<T, DomainError> after(Result<T, DomainError> answer) {
        Throwable throwing = thrown;
        DomainError failing = error;
        Held next = held.poll();
        if (next != null) {
            next.pass();
        }
        if (throwing != null) {
            throw Store.<RuntimeException>sneak(throwing);
        }
        return failing == null ? answer : Result.err(failing);
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <X extends Throwable> X sneak(Throwable thrown) throws X {
        throw (X) thrown;
    }

    static DomainError later(ErrorKind kind, Duration retryAfter) {
        return DomainError.builder(kind.code()).retryAfter(retryAfter).build();
    }

    /** A load that waits. */
    static final class Held {
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);

        void pass() {
            begun.countDown();
            await(released);
        }

        void awaitBegun() {
            await(begun);
        }

        void release() {
            released.countDown();
        }

        private static void await(CountDownLatch latch) {
            boolean interrupted = false;
            try {
                for (boolean done = false; !done; ) {
                    try {
                        if (!latch.await(20, TimeUnit.SECONDS)) {
                            throw new AssertionError("waited in vain");
                        }
                        done = true;
                    } catch (InterruptedException e) {
                        interrupted = true;
                    }
                }
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }
}
