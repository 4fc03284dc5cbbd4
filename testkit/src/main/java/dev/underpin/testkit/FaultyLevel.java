package dev.underpin.testkit;

import dev.underpin.caching.Backplane;
import dev.underpin.caching.RemoteLevel;
import dev.underpin.caching.RemoteLevel.Reply.Hit;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A remote level whose calls and messages fail when a test says so: around an
 * {@link dev.underpin.caching.InMemoryLevel}, or around any other.
 *
 * <p>As it is made, it is the level itself. {@link #inject} makes calls of a kind fail, or every so many of them;
 * {@link #heal} ends that, and lets what hangs go on. Each node of a test may have its own around the same level: then the
 * faults are those of its connection. Faults at random rates are made by {@link Faults}, in the loader. Thread-safe; no
 * lock is held while a call is made.
 */
@SuppressWarnings("exports") // optional: see module-info
public final class FaultyLevel implements RemoteLevel {
    /** What is called. */
    public enum Call {
        /** {@link RemoteLevel#begin} */
        BEGIN,
        /** {@link RemoteLevel#fill} */
        FILL,
        /** {@link RemoteLevel#release} */
        RELEASE,
        /** {@link RemoteLevel#invalidate} */
        INVALIDATE,
        /** {@link RemoteLevel#clear} */
        CLEAR,
        /** {@link Backplane#publish} */
        PUBLISH
    }

    /** What happens to a call. */
    public enum Fault {
        /** It fails, and was not made. */
        FAIL,
        /** It is made, and its answer is lost: it fails. */
        LOSE_ANSWER,
        /** It is made when {@link #heal} is called, and does not complete before. */
        HANG,
        /** It is made, and does not complete before {@link #heal}. */
        HANG_ANSWER,
        /**
         * Nobody hears the message, and nobody says so: of {@link Call#PUBLISH} alone. Backplanes do that and report it soon,
         * for which there is {@link #gap}.
         */
        DROP,
        /** The message is heard twice: of {@link Call#PUBLISH} alone. */
        DUPLICATE,
        /**
         * The message is heard after the next one that is not delayed, or at {@link #heal}: of {@link Call#PUBLISH} alone.
         */
        DELAY
    }

    private static final Set<Fault> OF_MESSAGES = EnumSet.of(Fault.DROP, Fault.DUPLICATE, Fault.DELAY);

    private final RemoteLevel level;
    private final Backplane backplane = new FaultyBackplane();
    private final Map<Backplane.Subscription, Runnable> gaps = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Call, Injected> injected = new EnumMap<>(Call.class);
    private final Map<Call, Integer> calls = new EnumMap<>(Call.class);
    private final Queue<Runnable> hanging = new ArrayDeque<>();
    private final Queue<Runnable> delayed = new ArrayDeque<>();
    private volatile UnaryOperator<List<Reply>> answers = UnaryOperator.identity();

    /**
     * No faults yet.
     *
     * @param level what is called
     */
    public FaultyLevel(RemoteLevel level) {
        this.level = Objects.requireNonNull(level, "level");
    }

    /**
     * Makes that happen to the calls of a kind from now on, in place of what was injected before.
     *
     * @param call the kind
     * @param fault what happens
     * @throws IllegalArgumentException if the fault is one of messages, and the call is none
     */
    public void inject(Call call, Fault fault) {
        inject(call, fault, 1);
    }

    /**
     * Makes that happen to every so many calls of a kind from now on, in place of what was injected before.
     *
     * @param call the kind
     * @param fault what happens
     * @param every 1 for each call, 3 for the third and sixth from now and so on
     * @throws IllegalArgumentException if the fault is one of messages, and the call is none
     */
    public void inject(Call call, Fault fault, int every) {
        Objects.requireNonNull(call, "call");
        if (OF_MESSAGES.contains(fault) && call != Call.PUBLISH) {
            throw new IllegalArgumentException("fault must be one of calls for " + call + ": " + fault);
        }
        if (every < 1) {
            throw new IllegalArgumentException("every must be at least 1: " + every);
        }
        lock.lock();
        try {
            injected.put(call, new Injected(Objects.requireNonNull(fault, "fault"), every));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Changes what {@link #begin} answers from now on, also to what no level answers.
     *
     * @param change of the replies, which it does not change in place
     */
    public void answers(UnaryOperator<List<Reply>> change) {
        answers = Objects.requireNonNull(change, "change");
    }

    /**
     * Changes the bytes of the hits from now on.
     *
     * @param change of the bytes, which it does not change in place
     */
    public void entries(UnaryOperator<byte[]> change) {
        Objects.requireNonNull(change, "change");
        answers(replies -> replies.stream()
                .map(reply -> reply instanceof Hit hit ? new Hit(change.apply(hit.entry()), hit.ttl()) : reply)
                .toList());
    }

    /** Tells those who subscribed here that messages may have been lost. */
    public void gap() {
        runAll(gaps.values());
    }

    /** One that throws keeps none of the others; it is thrown when all have run. */
    private static void runAll(Iterable<Runnable> calls) {
        RuntimeException first = null;
        for (Runnable call : calls) {
            try {
                call.run();
            } catch (RuntimeException e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }

    /**
     * Ends all faults. Then makes the calls that hang, in the order they came, and delivers the messages that are late: what
     * a network does with them.
     */
    public void heal() {
        Queue<Runnable> late;
        lock.lock();
        try {
            injected.clear();
            answers = UnaryOperator.identity();
            late = new ArrayDeque<>(hanging);
            late.addAll(delayed);
            hanging.clear();
            delayed.clear();
        } finally {
            lock.unlock();
        }
        runAll(late);
    }

    /**
     * {@return how many calls of a kind have come here, those among them that failed and that hang}
     *
     * @param call the kind
     */
    public int calls(Call call) {
        lock.lock();
        try {
            return calls.getOrDefault(call, 0);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public CompletionStage<List<Reply>> begin(String namespace, List<String> keys, Duration lease) {
        return call(Call.BEGIN, () -> level.begin(namespace, keys, lease)).thenApply(replies -> answers.apply(replies));
    }

    @Override
    public CompletionStage<Boolean> fill(
            String namespace, String key, String token, Collection<String> tags, byte[] entry, Duration ttl) {
        return call(Call.FILL, () -> level.fill(namespace, key, token, tags, entry, ttl));
    }

    @Override
    public CompletionStage<Void> release(String namespace, String key, String token) {
        return call(Call.RELEASE, () -> level.release(namespace, key, token));
    }

    @Override
    public CompletionStage<Void> invalidate(String namespace, List<String> keys, List<String> tags) {
        return call(Call.INVALIDATE, () -> level.invalidate(namespace, keys, tags));
    }

    @Override
    public CompletionStage<Void> clear(String namespace) {
        return call(Call.CLEAR, () -> level.clear(namespace));
    }

    @Override
    public Backplane backplane() {
        return backplane;
    }

    private <T> CompletionStage<T> call(Call call, Supplier<CompletionStage<T>> action) {
        return call(call, next(call), action);
    }

    private <T> CompletionStage<T> call(Call call, @Nullable Fault fault, Supplier<CompletionStage<T>> action) {
        if (fault == Fault.FAIL) {
            return failed(call);
        }
        if (fault == Fault.LOSE_ANSWER) {
            return action.get().thenCompose(lost -> failed(call));
        }
        if (fault == Fault.HANG) {
            return hang(action);
        }
        CompletionStage<T> made = action.get();
        return fault == Fault.HANG_ANSWER ? hang(() -> made) : made;
    }

    private static <T> CompletionStage<T> failed(Call call) {
        return CompletableFuture.failedFuture(new IOException(call + " fails, as the test says"));
    }

    private <T> CompletionStage<T> hang(Supplier<CompletionStage<T>> action) {
        var answer = new CompletableFuture<T>();
        later(
                hanging,
                () -> action.get().whenComplete((value, failure) -> {
                    if (failure == null) {
                        answer.complete(value);
                    } else {
                        answer.completeExceptionally(failure);
                    }
                }));
        return answer;
    }

    private void later(Queue<Runnable> queue, Runnable action) {
        lock.lock();
        try {
            queue.add(action);
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Fault next(Call call) {
        lock.lock();
        try {
            calls.merge(call, 1, Integer::sum);
            Injected next = injected.get(call);
            return next != null && ++next.seen % next.every == 0 ? next.fault : null;
        } finally {
            lock.unlock();
        }
    }

    private static final class Injected {
        final Fault fault;
        final int every;
        int seen;

        Injected(Fault fault, int every) {
            this.fault = fault;
            this.every = every;
        }
    }

    /** The backplane of the level, whose messages suffer what is injected. */
    private final class FaultyBackplane implements Backplane {
        @Override
        public CompletionStage<Void> publish(byte[] message) {
            byte[] sent = message.clone();
            Supplier<CompletionStage<Void>> send = () -> level.backplane().publish(sent);
            Fault fault = next(Call.PUBLISH);
            if (fault == Fault.DELAY) {
                later(delayed, () -> {
                    var unused = send.get();
                });
                return CompletableFuture.completedFuture(null);
            }
            if (fault == Fault.DROP) {
                return CompletableFuture.completedFuture(null);
            }
            if (fault == Fault.DUPLICATE) {
                return send.get().thenCompose(once -> send.get()).thenRun(this::deliverDelayed);
            }
            return call(Call.PUBLISH, fault, () -> send.get().thenRun(this::deliverDelayed));
        }

        private void deliverDelayed() {
            Queue<Runnable> late;
            lock.lock();
            try {
                late = new ArrayDeque<>(delayed);
                delayed.clear();
            } finally {
                lock.unlock();
            }
            runAll(late);
        }

        @Override
        public Subscription subscribe(Consumer<byte[]> onMessage, Runnable onGap) {
            Subscription subscription = level.backplane().subscribe(onMessage, onGap);
            gaps.put(subscription, Objects.requireNonNull(onGap, "onGap"));
            return () -> {
                gaps.remove(subscription);
                subscription.close();
            };
        }
    }
}
