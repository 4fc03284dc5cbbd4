package dev.underpin.batching;

import static dev.underpin.batching.Recorded.assertFailed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** What the end of a scope means for who waits, who asks and what runs. */
class ClosingTest {
    private final Recorded source = new Recorded();
    private final VirtualTime time = new VirtualTime();

    @Test
    void close_keysQueuedAndReady_allFail() throws Exception {
        try (var threads = new Threads()) {
            // bound, so that nobody else runs what is ready
            var scope = LoadScope.builder()
                    .time(time)
                    .bind(String.class, "connection")
                    .open();
            var loader =
                    scope.loader(Loader.named("numbers").maxBatch(2).build((List<Integer> keys) -> source.get(keys)));
            var futures = List.of(loader.loadAsync(1), loader.loadAsync(2), loader.loadAsync(3));
            var waiting = threads.start(() -> loader.load(4, java.time.Duration.ofDays(1)));
            var derived = futures.get(2).thenApply(value -> value);
            var joining = threads.start(derived::join);
            threads.started.forEach(Threads::awaitBlockedOrEnded);
            scope.close();
            for (var future : futures) {
                assertFailed(future.join(), BatchingErrors.SCOPE_CLOSED);
            }
            var late = waiting.get();
            assertThat(late.isOk() || Recorded.error(late).is(BatchingErrors.SCOPE_CLOSED))
                    .isTrue();
            assertFailed(joining.get(), BatchingErrors.SCOPE_CLOSED);
        }
    }

    @Test
    void close_taskWaits_itFails() throws Exception {
        try (var threads = new Threads()) {
            var scope = LoadScope.builder().time(time).executor(threads).open();
            var loader = scope.loader(source.loader());
            var task = scope.fork(() -> loader.load(1));
            Threads.awaitBlocked(threads.last());
            scope.close();
            assertFailed(task.get(), BatchingErrors.SCOPE_CLOSED);
        }
        assertThat(source.batches).isEmpty();
    }

    @Test
    void load_afterwards_fails() {
        var scope = LoadScope.builder().time(time).executor(Runnable::run).open();
        var loader = scope.loader(source.loader());
        var unused = loader.load(1);
        scope.close();
        scope.close();
        assertFailed(loader.load(1), BatchingErrors.SCOPE_CLOSED);
        assertFailed(loader.load(2), BatchingErrors.SCOPE_CLOSED);
        assertFailed(loader.loadAsync(3).join(), BatchingErrors.SCOPE_CLOSED);
        assertFailed(loader.loadAll(List.of(4, 5)).get(5), BatchingErrors.SCOPE_CLOSED);
        assertFailed(scope.loader(source.loader("another")).load(1), BatchingErrors.SCOPE_CLOSED);
        assertThat(loader.prime(6, "six")).isFalse();
        loader.expect(List.of(7)).clear(7);
        loader.clearAll();
        scope.flush();
        assertThatIllegalStateException().isThrownBy(() -> scope.fork(() -> 1)).withMessage("The scope is closed");
        assertThat(source.batches).containsExactly(List.of(1));
    }

    @Test
    void close_batchRuns_endsAsItDoes() throws Exception {
        var began = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        try (var threads = new Threads()) {
            var scope = LoadScope.builder().time(time).executor(threads).open();
            var loader = scope.loader(Loader.named("slow").build((List<Integer> keys) -> {
                began.countDown();
                Threads.await(goOn);
                return source.get(keys);
            }));
            var future = loader.loadAsync(1);
            scope.flush();
            Threads.await(began);
            scope.close();
            assertThat(future).isNotDone();
            assertFailed(loader.load(1), BatchingErrors.SCOPE_CLOSED);
            var joining = threads.start(future::join);
            goOn.countDown();
            assertThat(joining.get()).isEqualTo(Result.ok("v1"));
        }
    }

    @Test
    void get_batchRunsInAClosedScope_endsWithItsTime() {
        var began = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        try (var threads = new Threads()) {
            var scope = LoadScope.builder().executor(threads).open();
            var future = scope.loader(Loader.named("slow").build((List<Integer> keys) -> {
                        began.countDown();
                        Threads.await(goOn);
                        return source.get(keys);
                    }))
                    .loadAsync(1);
            scope.flush();
            Threads.await(began);
            scope.close();
            assertThatThrownBy(() -> future.get(1, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            goOn.countDown();
            assertThat(future.join()).isEqualTo(Result.ok("v1"));
        }
    }

    @Test
    void close_cancelledFuture_isNotTouched() {
        var scope = LoadScope.builder().time(time).open();
        var loader = scope.loader(source.loader());
        var cancelled = loader.loadAsync(1);
        var other = loader.loadAsync(1);
        assertThat(cancelled.cancel(false)).isTrue();
        scope.close();
        assertThat(cancelled).isCancelled();
        assertFailed(other.join(), BatchingErrors.SCOPE_CLOSED);
        assertThat(other.cancel(false)).isFalse();
    }

    @Test
    void close_loadsInWhatWasRegistered_fail() {
        var scope = LoadScope.builder().time(time).open();
        var loader = scope.loader(source.loader());
        var next = loader.loadAsync(1).thenApply(value -> loader.load(2));
        scope.close();
        assertFailed(next.join(), BatchingErrors.SCOPE_CLOSED);
    }

    @Test
    void close_idleScope_isNotWatchedAnyMore() {
        var scope = LoadScope.builder().time(time).open();
        var loader = scope.loader(source.loader());
        var unused = loader.load(1);
        var queued = loader.loadAsync(2);
        scope.close();
        assertFailed(queued.join(), BatchingErrors.SCOPE_CLOSED);
        time.advance(java.time.Duration.ofDays(1));
        assertThat(source.batches).containsExactly(List.of(1));
    }
}
