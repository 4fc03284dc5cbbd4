package dev.underpin.caching;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The calls of a remote level: each ends in time, and after some failures in a row the level is left alone for a while. */
final class RemoteCalls {
    private static final Logger LOG = LoggerFactory.getLogger(CacheAside.class);

    /** How long one call may take. */
    private static final Duration TIMEOUT = Duration.ofMillis(50);

    /** So many failures in a row, and the level is left alone. */
    private static final int FAILURES = 5;

    private static final long PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

    private final String name;
    private final Clock clock;
    private final Notices notices;
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicLong pausedUntilNanos = new AtomicLong();

    RemoteCalls(String name, Clock clock, Notices notices) {
        this.name = name;
        this.clock = clock;
        this.notices = notices;
    }

    /** {@return whether the level may be called}: after a pause, exactly one caller finds out whether it works again. */
    boolean allowed() {
        if (failures.get() < FAILURES) {
            return true;
        }
        long until = pausedUntilNanos.get();
        long now = clock.now();
        return now >= until && pausedUntilNanos.compareAndSet(until, now + PAUSE_NANOS);
    }

    <T> CompletableFuture<T> make(Supplier<? extends CompletionStage<T>> call) {
        return make(call, unwanted -> {});
    }

    /**
     * Makes a call.
     *
     * @param late hears an answer that comes when its time is over
     * @return completes in time, with the answer or exceptionally
     */
    <T> CompletableFuture<T> make(Supplier<? extends CompletionStage<T>> call, Consumer<? super T> late) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        long began = clock.now();
        try {
            var unused = call.get().whenComplete((value, failure) -> {
                if (failure != null) {
                    answer.completeExceptionally(failure);
                } else if (!answer.complete(value)) {
                    late.accept(value);
                }
            });
            if (!answer.isDone()) {
                Future<?> timer = clock.time()
                        .schedule(
                                TIMEOUT,
                                () -> answer.completeExceptionally(new TimeoutException("no answer in " + TIMEOUT)));
                var unusedStage =
                        answer.whenComplete((value, failure) -> timer.cancel(/* mayInterruptIfRunning= */ false));
            }
        } catch (Throwable thrown) { // whatever it is: who invalidates must not lose that with it
            answer.completeExceptionally(thrown);
        }
        return answer.whenComplete((value, failure) -> settle(clock.now() - began, failure));
    }

    <T> @Nullable T await(CompletableFuture<T> answer) {
        return await(answer, unwanted -> {});
    }

    /** {@return the answer, or null if there is none} Who is interrupted does not wait, and a later answer is late. */
    <T> @Nullable T await(CompletableFuture<T> answer, Consumer<? super T> late) {
        try {
            return answer.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            var unused = answer.thenAccept(late);
            return null;
        } catch (ExecutionException e) {
            return null;
        }
    }

    private void settle(long nanos, @Nullable Throwable failure) {
        if (failure == null) {
            failures.set(0);
            notices.remote(nanos, null);
            return;
        }
        LOG.debug("{}: the remote level failed", name, failure);
        pausedUntilNanos.set(clock.now() + PAUSE_NANOS); // first: who sees the number of failures must see a pause
        if (failures.incrementAndGet() == FAILURES) {
            LOG.warn("{}: the remote level failed {} times in a row and is left alone for a while", name, FAILURES);
        }
        notices.remote(nanos, CachingErrors.CACHE_REMOTE_FAILED);
    }
}
