package dev.underpin.batching.graphql;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A future that dispatches when somebody waits for it, as do those that come from it. */
class Awaited<T> extends CompletableFuture<T> {
    final Rounds rounds;

    Awaited(Rounds rounds) {
        this.rounds = rounds;
    }

    @Override
    public final <U> CompletableFuture<U> newIncompleteFuture() {
        return new Awaited<>(rounds);
    }

    @Override
    public T join() {
        if (!isDone()) {
            rounds.dispatch();
        }
        return super.join();
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        if (!isDone()) {
            rounds.dispatch();
        }
        return super.get();
    }

    @Override
    public final T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        if (!isDone()) {
            rounds.dispatch();
        }
        return super.get(timeout, unit);
    }
}
