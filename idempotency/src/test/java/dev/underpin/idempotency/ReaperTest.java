package dev.underpin.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReaperTest {
    private static final Duration EVERY = Duration.ofMinutes(1);
    private static final Duration LONGEST = EVERY.multipliedBy(3).dividedBy(2);
    private static final Duration TTL = Duration.ofHours(1);

    private final VirtualTime time = new VirtualTime();
    private final IdempotencyStore rows = IdempotencyStore.inMemory(10_000, time);
    private final StoreOfTest store = new StoreOfTest(rows);
    private final List<String> heard = new CopyOnWriteArrayList<>();

    private Reaper.Builder builder() {
        return Reaper.builder(store)
                .every(EVERY)
                .batch(100)
                .time(time)
                .random(new Random(1))
                .executor(Runnable::run)
                .listener(new Ear(heard));
    }

    private record Ear(List<String> heard) implements IdempotencyListener {
        @Override
        public void onReaped(int deleted, @Nullable RuntimeException failure) {
            heard.add(failure == null ? "" + deleted : failure.getMessage());
        }
    }

    private void expired(int entries) {
        for (int i = 0; i < entries; i++) {
            IdempotencyStore.Key key =
                    IdempotencyStore.Key.of("t", "o", UUID.randomUUID().toString());
            IdempotencyStore.Entry unused =
                    rows.claim(key, Fingerprint.ofBytes(new byte[0]), UUID.randomUUID(), Duration.ofSeconds(30), TTL);
        }
        time.advance(TTL);
    }

    /* ---- when ---- */

    @Test
    void start_nothingExpired_asksAboutOnceInTheInterval() {
        try (Reaper reaper = builder().start()) {
            time.advance(EVERY.dividedBy(2).minusNanos(1));
            assertThat(store.calls()).as("%s, before half the interval", reaper).isEmpty();
            time.advance(EVERY.multipliedBy(100));
        }

        assertThat(store.calls()).hasSizeBetween(90, 110).containsOnly("reap");
        assertThat(heard).hasSameSizeAs(store.calls()).containsOnly("0");
    }

    @Test
    void start_twoProcesses_doNotMeet() {
        List<Instant> first = timesOfCalls(builder().random(new Random(1)));
        List<Instant> second = timesOfCalls(builder().random(new Random(2)));

        assertThat(first).hasSizeGreaterThan(10).doesNotContainAnyElementsOf(second);
        for (int i = 1; i < first.size(); i++) {
            assertThat(Duration.between(first.get(i - 1), first.get(i))).isBetween(EVERY.dividedBy(2), LONGEST);
        }
    }

    private List<Instant> timesOfCalls(Reaper.Builder builder) {
        List<Instant> times = new ArrayList<>();
        Instant start = time.instant();
        store.before(call -> times.add(Instant.EPOCH.plus(Duration.between(start, time.instant()))));
        try (Reaper reaper = builder.start()) {
            time.advance(EVERY.multipliedBy(20));
            assertThat(times).as("calls of %s", reaper).isNotEmpty();
        }
        return times;
    }

    @Test
    void reap_moreThanABatch_goesOnUntilNothingIsLeft() {
        expired(250);
        try (Reaper reaper = builder().start()) {
            time.advance(LONGEST);
            assertThat(heard).as("batches of %s", reaper).startsWith("100", "100", "50");
        }

        assertThat(rows.reap(1)).isZero();
    }

    @Test
    void reap_fullBatch_isFollowedByAPauseAsLongAsItTook() {
        expired(250);
        List<Instant> times = new ArrayList<>();
        store.before(call -> {
            times.add(time.instant());
            time.advance(Duration.ofMillis(40));
        });
        try (Reaper reaper = builder().start()) {
            time.advance(LONGEST);
            assertThat(heard).as("batches of %s", reaper).startsWith("100", "100", "50");
        }

        assertThat(Duration.between(times.get(0), times.get(1))).isEqualTo(Duration.ofMillis(80));
        assertThat(Duration.between(times.get(1), times.get(2))).isEqualTo(Duration.ofMillis(80));
    }

    @Test
    void reap_fullBatchInNoTime_pausesAllTheSame() {
        store.before(call -> {
            assertThat(store.calls()).as("calls without a pause").hasSizeLessThan(1_000);
            expiredForEver();
        });
        try (Reaper reaper = builder().batch(1).start()) {
            for (int i = 0; store.calls().isEmpty() && i < LONGEST.toMillis(); i++) {
                time.advance(Duration.ofMillis(1));
            }
            time.advance(Duration.ofMillis(500));
            assertThat(store.calls()).as("calls of %s", reaper).hasSizeBetween(500, 502);
        }
    }

    private void expiredForEver() {
        IdempotencyStore.Key key = IdempotencyStore.Key.of("t", "o", "k");
        IdempotencyStore.Entry unused =
                rows.claim(key, Fingerprint.ofBytes(new byte[0]), UUID.randomUUID(), Duration.ZERO, Duration.ZERO);
    }

    @Test
    void reap_ofTheStoresClock_deletesWhatThatCallsExpired() {
        var slow = new VirtualTime();
        IdempotencyStore.Key key = IdempotencyStore.Key.of("t", "o", "k");
        IdempotencyStore other = IdempotencyStore.inMemory(10, slow);
        IdempotencyStore.Entry claimed =
                other.claim(key, Fingerprint.ofBytes(new byte[0]), UUID.randomUUID(), Duration.ofSeconds(30), TTL);
        try (Reaper reaper = Reaper.builder(other)
                .time(time)
                .executor(Runnable::run)
                .listener(new Ear(heard))
                .start()) {
            time.jumpWallClock(TTL.multipliedBy(2));
            time.advance(TTL.multipliedBy(2));
            assertThat(heard).as("%s of %s", reaper, claimed).containsOnly("0");
            slow.advance(TTL);
            time.advance(Duration.ofMinutes(2));
        }

        assertThat(heard).contains("1");
    }

    /* ---- what fails ---- */

    @Test
    void reap_storeFails_isToldAndTriedAgain() {
        expired(10);
        store.failAt("reap");
        try (Reaper reaper = builder().start()) {
            time.advance(EVERY.multipliedBy(10));
            assertThat(heard).as("batches of %s", reaper).hasSizeBetween(7, 14).containsOnly("store is down");
            store.failNowhere();
            time.advance(LONGEST);
        }

        assertThat(heard).contains("10");
    }

    @Test
    void reap_anError_endsNothing() {
        store.before(call -> {
            throw new StackOverflowError();
        });
        try (Reaper reaper = builder().start()) {
            time.advance(EVERY.multipliedBy(10));
            assertThat(time.pending()).as("batches of %s to come", reaper).isOne();
        }

        assertThat(store.calls()).hasSizeBetween(7, 14);
    }

    @Test
    void reap_listenerThrows_endsNothing() {
        IdempotencyListener broken = new IdempotencyListener() {
            @Override
            public void onReaped(int deleted, @Nullable RuntimeException failure) {
                throw new IllegalStateException("listener");
            }
        };
        try (Reaper reaper = builder().listener(broken).start()) {
            time.advance(EVERY.multipliedBy(10));
            assertThat(time.pending()).as("batches of %s to come", reaper).isOne();
        }

        assertThat(store.calls()).hasSizeBetween(7, 14);
    }

    @Test
    void reap_executorRefuses_isToldAndTriedAgain() {
        try (Reaper reaper = builder()
                .executor(task -> {
                    throw new RejectedExecutionException("full");
                })
                .start()) {
            time.advance(EVERY.multipliedBy(10));
            assertThat(time.pending()).as("batches of %s to come", reaper).isOne();
        }

        assertThat(heard).hasSizeBetween(7, 14).containsOnly("full");
    }

    @Test
    void reap_noThreadCanBeStarted_isTriedAgain() {
        try (Reaper reaper = builder()
                .executor(task -> {
                    heard.add("asked");
                    throw new OutOfMemoryError("unable to create native thread");
                })
                .start()) {
            time.advance(EVERY.multipliedBy(10));
            assertThat(time.pending()).as("batches of %s to come", reaper).isOne();
        }

        assertThat(heard).hasSizeBetween(7, 14);
    }

    @Test
    void reap_storeHangs_pilesUpNothingAndGoesOn() throws InterruptedException {
        var hanging = new CountDownLatch(1);
        var asked = new CountDownLatch(1);
        List<Thread> threads = new CopyOnWriteArrayList<>();
        store.before(call -> {
            asked.countDown();
            await(hanging);
        });
        try (Reaper reaper =
                builder().executor(task -> threads.add(started(task))).start()) {
            time.advance(LONGEST);
            await(asked);
            time.advance(EVERY.multipliedBy(10));
            assertThat(store.calls()).as("calls of %s", reaper).hasSize(1);
            assertThat(threads).hasSize(1);
            assertThat(time.pending()).isZero();
            hanging.countDown();
            threads.get(0).join();
            time.advance(LONGEST);
            for (Thread thread : threads) {
                thread.join();
            }
        }

        assertThat(store.calls()).hasSizeBetween(2, 4);
    }

    /* ---- close ---- */

    @Test
    void close_betweenBatches_leavesNothing() {
        Reaper reaper = builder().start();
        time.advance(LONGEST);
        int before = store.calls().size();
        reaper.close();
        reaper.close();

        assertThat(time.pending()).isZero();
        time.advance(EVERY.multipliedBy(10));
        assertThat(store.calls()).hasSize(before);
    }

    @Test
    void close_batchIsQueued_doesNotRun() {
        var queue = new ArrayDeque<Runnable>();
        Reaper reaper = builder().executor(queue::add).start();
        time.advance(LONGEST);
        assertThat(queue).hasSize(1);
        reaper.close();
        queue.remove().run();

        assertThat(store.calls()).isEmpty();
        assertThat(time.pending()).isZero();
    }

    @Test
    void close_batchRuns_waitsForItAndItsNotice() throws InterruptedException {
        expired(250);
        var running = new CountDownLatch(1);
        var going = new CountDownLatch(1);
        store.before(call -> {
            running.countDown();
            await(going);
        });
        Reaper reaper = builder().executor(ReaperTest::started).start();
        time.advance(LONGEST);
        await(running);
        Thread closing = started(() -> {
            reaper.close();
            heard.add("closed");
        });
        awaitWaiting(closing);
        going.countDown();
        closing.join();

        assertThat(heard).containsExactly("100", "closed");
        assertThat(time.pending()).as("batches after a full one").isZero();
    }

    @Test
    void close_waiterIsInterrupted_returnsInterrupted() throws InterruptedException {
        var running = new CountDownLatch(1);
        var going = new CountDownLatch(1);
        store.before(call -> {
            running.countDown();
            await(going);
        });
        List<Thread> threads = new CopyOnWriteArrayList<>();
        Reaper reaper = builder().executor(task -> threads.add(started(task))).start();
        time.advance(LONGEST);
        await(running);
        Thread.currentThread().interrupt();
        reaper.close();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(heard).isEmpty();
        going.countDown();
        threads.get(0).join();
        assertThat(heard).containsExactly("0");
        assertThat(time.pending()).isZero();
    }

    @Test
    void close_fromWithinABatch_doesNotWaitForItself() {
        var self = new AtomicReference<Reaper>();
        store.before(call -> self.get().close());
        self.set(builder().start());
        time.advance(EVERY.multipliedBy(10));

        assertThat(store.calls()).hasSize(1);
        assertThat(time.pending()).isZero();
    }

    /* ---- options ---- */

    @Test
    void start_byDefault_hasADaemonThreadOfItsOwnAndAThousandAMinute() throws InterruptedException {
        var thread = new AtomicReference<Thread>();
        var asked = new CountDownLatch(1);
        store.before(call -> {
            thread.set(Thread.currentThread());
            asked.countDown();
        });
        expired(1_001);
        var reaped = new CountDownLatch(2);
        try (Reaper reaper = Reaper.builder(store)
                .time(time)
                .listener(new IdempotencyListener() {
                    @Override
                    public void onReaped(int deleted, @Nullable RuntimeException failure) {
                        heard.add("" + deleted);
                        reaped.countDown();
                    }
                })
                .start()) {
            time.advance(Duration.ofSeconds(30).minusNanos(1));
            assertThat(time.pending()).as("%s is patient", reaper).isOne();
            time.advance(Duration.ofMinutes(1));
            await(asked);
            while (!reaped.await(1, TimeUnit.MILLISECONDS)) {
                time.advance(Duration.ofMillis(1));
            }
        }

        assertThat(heard).startsWith("1000", "1");
        assertThat(thread.get().isDaemon()).isTrue();
        assertThat(thread.get().getName()).isEqualTo("underpin-idempotency");
    }

    @Test
    void options_outOfRange_areRefused() {
        Reaper.Builder builder = Reaper.builder(store);

        assertThatThrownBy(() -> builder.every(Duration.ofNanos(999_999)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("interval must be PT0.001S to PT24H: PT0.000999999S");
        assertThatThrownBy(() -> builder.every(Duration.ofDays(1).plusNanos(1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.batch(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("limit must be at least 1: 0");
        assertThatCode(() -> builder.every(Duration.ofMillis(1))
                        .every(Duration.ofDays(1))
                        .batch(1))
                .doesNotThrowAnyException();
    }

    @CanIgnoreReturnValue
    private static Thread started(Runnable task) {
        Thread thread = new Thread(task, "reaper");
        thread.start();
        return thread;
    }

    private static void awaitWaiting(Thread thread) {
        while (thread.isAlive() && thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
