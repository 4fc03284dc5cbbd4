package dev.underpin.caching;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A level that does what levels should not do: the one of testkit, which is to stand above this module, is not to be had. */
final class ShakyLevel implements RemoteLevel {
    enum Call {
        BEGIN,
        FILL,
        RELEASE,
        INVALIDATE,
        CLEAR,
        PUBLISH
    }

    enum Fault {
        /** The stage fails, nothing is done. */
        FAIL,
        /** It is done, and the stage fails. */
        LOSE_ANSWER,
        /** It is done when the level is healed. */
        HANG,
        /** It is done, and said so when the level is healed. */
        HANG_ANSWER,
        THROW,
        THROW_ERROR,
        NULL_STAGE,
        NULL_ANSWER
    }

    private final RemoteLevel level;
    private final Map<Call, Fault> faults = new ConcurrentHashMap<>();
    private final Map<Call, Integer> calls = new EnumMap<>(Call.class);
    private final Map<Call, Runnable> before = new ConcurrentHashMap<>();
    private final Map<Call, Runnable> after = new ConcurrentHashMap<>();
    private final Queue<Runnable> hanging = new ArrayDeque<>();
    private volatile UnaryOperator<List<Reply>> replies = UnaryOperator.identity();
    private volatile @Nullable Runnable gap;

    ShakyLevel(RemoteLevel level) {
        this.level = level;
    }

    void inject(Fault fault, Call... of) {
        for (Call call : of.length == 0 ? Call.values() : of) {
            faults.put(call, fault);
        }
    }

    /** Runs that once, when a call of a kind has come and was not made yet. */
    void before(Call call, Runnable action) {
        before.put(call, action);
    }

    /** Runs that after each call of a kind was made, before its answer is there. */
    void after(Call call, Runnable action) {
        after.put(call, action);
    }

    void replies(UnaryOperator<List<Reply>> change) {
        replies = change;
    }

    void entries(UnaryOperator<byte[]> change) {
        replies = found -> found.stream()
                .map(reply ->
                        reply instanceof Reply.Hit hit ? new Reply.Hit(change.apply(hit.entry()), hit.ttl()) : reply)
                .toList();
    }

    void heal() {
        faults.clear();
        before.clear();
        after.clear();
        replies = UnaryOperator.identity();
        List<Runnable> late = List.copyOf(hanging);
        hanging.clear();
        late.forEach(Runnable::run);
    }

    void reportGap() {
        Runnable told = gap;
        if (told != null) {
            told.run();
        }
    }

    int calls(Call call) {
        synchronized (calls) {
            return calls.getOrDefault(call, 0);
        }
    }

    @Override
    public CompletionStage<List<Reply>> begin(String namespace, List<String> keys, Duration lease) {
        return made(Call.BEGIN, () -> level.begin(namespace, keys, lease).thenApply(found -> replies.apply(found)));
    }

    @Override
    public CompletionStage<Boolean> fill(
            String namespace, String key, String token, Collection<String> tags, byte[] entry, Duration ttl) {
        return made(Call.FILL, () -> level.fill(namespace, key, token, tags, entry, ttl));
    }

    @Override
    public CompletionStage<Void> release(String namespace, String key, String token) {
        return made(Call.RELEASE, () -> level.release(namespace, key, token));
    }

    @Override
    public CompletionStage<Void> invalidate(String namespace, List<String> keys, List<String> tags) {
        return made(Call.INVALIDATE, () -> level.invalidate(namespace, keys, tags));
    }

    @Override
    public CompletionStage<Void> clear(String namespace) {
        return made(Call.CLEAR, () -> level.clear(namespace));
    }

    @Override
    public Backplane backplane() {
        return new Backplane() {
            @Override
            public CompletionStage<Void> publish(byte[] message) {
                return made(Call.PUBLISH, () -> level.backplane().publish(message));
            }

            @Override
            public Subscription subscribe(Consumer<byte[]> onMessage, Runnable onGap) {
                gap = onGap;
                return level.backplane().subscribe(onMessage, onGap);
            }
        };
    }

    @SuppressWarnings("NullAway")
    private <T> CompletionStage<T> made(Call call, Supplier<CompletionStage<T>> action) {
        synchronized (calls) {
            calls.merge(call, 1, Integer::sum);
        }
        Runnable first = before.remove(call);
        if (first != null) {
            first.run();
        }
        Fault fault = faults.get(call);
        if (fault == null) {
            CompletionStage<T> answer = action.get();
            after.getOrDefault(call, () -> {}).run();
            return answer;
        }
        return switch (fault) {
            case FAIL -> CompletableFuture.failedFuture(new IOException(call + " fails"));
            case LOSE_ANSWER ->
                action.get().thenCompose(done -> CompletableFuture.failedFuture(new IOException(call + " is lost")));
            case HANG -> later(action);
            case HANG_ANSWER -> {
                CompletionStage<T> made = action.get();
                yield later(() -> made);
            }
            case THROW -> throw new IllegalStateException(call + " throws");
            case THROW_ERROR -> throw new StackOverflowError(call + " throws");
            case NULL_STAGE -> null;
            case NULL_ANSWER -> CompletableFuture.completedFuture(null);
        };
    }

    private <T> CompletionStage<T> later(Supplier<CompletionStage<T>> action) {
        var answer = new CompletableFuture<T>();
        hanging.add(() -> action.get().thenAccept(answer::complete));
        return answer;
    }
}
