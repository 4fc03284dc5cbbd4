package dev.underpin.batching.graphql;

import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Keys of one loader that leave together. One thread at a time completes their futures, in order: what depends on them runs
 * on it, as it does with other DataLoaders.
 */
final class Group<K, V> {
    private final Rounds rounds;
    private final List<Wanted<K, V>> wanted;
    private final CompletableFuture<List<V>> landed;

    Group(Rounds rounds, List<Wanted<K, V>> wanted) {
        this.rounds = rounds;
        this.wanted = wanted;
        this.landed = new Awaited<>(rounds);
    }

    int size() {
        return wanted.size();
    }

    CompletableFuture<List<V>> landed() {
        return landed;
    }

    /**
     * Asks the scope. What its caller has completed meanwhile is not asked for.
     *
     * @param now whether the scope is flushed then: it is told of all keys first, since it counts the time from the first that is
     *     asked for, and takes what there is when it is over
     */
    void leave(boolean now) {
        wanted.removeIf(CompletableFuture::isDone);
        if (now) {
            wanted.forEach(Wanted::announce);
        }
        wanted.forEach(Wanted::leave);
    }

    /**
     * Completes what is there, and goes on when more is. One future of the scope at a time is listened to: each that is, the
     * executor would complete in a task of its own.
     */
    void land(int from) {
        for (int i = from; i < wanted.size(); i++) {
            CompletableFuture<Result<V, DomainError>> loaded = wanted.get(i).loaded();
            if (!loaded.isDone()) {
                int next = i;
                var unused = loaded.whenComplete((result, thrown) -> {
                    land(next);
                    rounds.goOn();
                });
                return;
            }
            wanted.get(i).arrive();
        }
        rounds.landed();
        var unused = landed.complete(values());
    }

    private List<V> values() {
        List<V> values = new ArrayList<>(wanted.size());
        for (Wanted<K, V> one : wanted) {
            if (!one.isCompletedExceptionally()) {
                V value = one.getNow(null);
                if (value != null) {
                    values.add(value);
                }
            }
        }
        return values;
    }
}
