package dev.underpin.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.result.spi.TimeSource;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class BulkheadTest {
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    private final VirtualTime time = new VirtualTime();
    private final List<String> order = new CopyOnWriteArrayList<>();

    private Bulkhead full(int places) {
        return full(places, Integer.MAX_VALUE);
    }

    private Bulkhead full(int places, int maxQueued) {
        Bulkhead bulkhead = new Bulkhead(time, places, maxQueued);
        for (int i = 0; i < places; i++) {
            assertThat(bulkhead.tryEnter()).isTrue();
        }
        return bulkhead;
    }

    @CanIgnoreReturnValue
    private Bulkhead.Waiter callback(Bulkhead bulkhead, String name) {
        return bulkhead.enterLater(MINUTE, entered -> order.add(name + (entered ? " in" : " out")));
    }

    /** {@return a thread that is in the queue} It leaves once it has entered. */
    private Thread waiting(Bulkhead bulkhead, String name) {
        Thread thread = new Thread(() -> {
            Bulkhead.Entry entry = bulkhead.enter(MINUTE);
            order.add(name + " " + entry + (Thread.currentThread().isInterrupted() ? " and interrupted" : ""));
        });
        thread.start();
        while (LockSupport.getBlocker(thread) != bulkhead) {
            Thread.onSpinWait();
        }
        return thread;
    }

    @Test
    void tryEnter_placesAreTaken_isRefusedUntilOneLeaves() {
        Bulkhead bulkhead = full(2);

        assertThat(bulkhead.tryEnter()).isFalse();
        assertThat(bulkhead.inFlight()).isEqualTo(2);
        bulkhead.leave();

        assertThat(bulkhead.tryEnter()).isTrue();
        assertThat(bulkhead.tryEnter()).isFalse();
    }

    @Test
    void enter_noWait_isFullAtOnce() {
        Bulkhead bulkhead = full(1);

        assertThat(bulkhead.enter(0)).isEqualTo(Bulkhead.Entry.FULL);

        assertThat(time.pending()).isZero();
        bulkhead.leave();
        assertThat(bulkhead.enter(0)).isEqualTo(Bulkhead.Entry.ENTERED);
    }

    @Test
    void enterLater_placeIsFree_entersOnTheCallingThread() {
        callback(new Bulkhead(time, 1, 1), "a");

        assertThat(order).containsExactly("a in");
        assertThat(time.pending()).isZero();
    }

    @Test
    void enterLater_queueIsFull_isOutAtOnce() {
        Bulkhead bulkhead = full(1, 1);
        callback(bulkhead, "a");

        callback(bulkhead, "b");

        assertThat(order).containsExactly("b out");
    }

    @Test
    void leave_threadsAndCallbacksWait_letsThemInInOrder() throws Exception {
        Bulkhead bulkhead = full(1);
        Thread a = waiting(bulkhead, "a");
        callback(bulkhead, "b");
        Thread c = waiting(bulkhead, "c");
        callback(bulkhead, "d");

        bulkhead.leave();
        a.join();
        bulkhead.leave();
        bulkhead.leave();
        c.join();
        bulkhead.leave();

        assertThat(order).containsExactly("a ENTERED", "b in", "c ENTERED", "d in");
        assertThat(bulkhead.inFlight()).isEqualTo(1);
        assertThat(time.pending()).isZero();
    }

    @Test
    void tryEnter_anotherWaits_doesNotOvertake() {
        Bulkhead bulkhead = full(1);
        callback(bulkhead, "a");

        bulkhead.leave();

        assertThat(order).containsExactly("a in");
        assertThat(bulkhead.tryEnter()).isFalse();
        assertThat(bulkhead.enter(0)).isEqualTo(Bulkhead.Entry.FULL);
    }

    @Test
    void enter_longEnoughWait_isNotDropped() throws Exception {
        Bulkhead bulkhead = full(2);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            threads.add(waiting(bulkhead, "t"));
        }

        time.advance(Duration.ofNanos(MINUTE - 1));
        for (Thread thread : threads) {
            bulkhead.leave();
            thread.join();
        }

        assertThat(order).hasSize(10).containsOnly("t ENTERED");
        assertThat(bulkhead.inFlight()).isEqualTo(2);
    }

    @Test
    void enter_waitIsOver_isFullAndGetsNoPlaceLater() throws Exception {
        Bulkhead bulkhead = full(1);
        Thread a = waiting(bulkhead, "a");
        callback(bulkhead, "b");

        time.advance(Duration.ofNanos(MINUTE));
        a.join();

        assertThat(order).containsExactlyInAnyOrder("a FULL", "b out");
        bulkhead.leave();
        assertThat(bulkhead.inFlight()).isZero();
        assertThat(bulkhead.tryEnter()).isTrue();
    }

    @Test
    void enter_interrupted_leavesTheQueueWithTheFlagUp() throws Exception {
        Bulkhead bulkhead = full(1);
        Thread a = waiting(bulkhead, "a");
        callback(bulkhead, "b");

        a.interrupt();
        a.join();
        bulkhead.leave();

        assertThat(order).containsExactly("a INTERRUPTED and interrupted", "b in");
        assertThat(time.pending()).isZero();
    }

    @Test
    void giveUp_callback_hearsNothingAndItsPlaceGoesToTheNext() {
        Bulkhead bulkhead = full(1);
        Bulkhead.Waiter a = callback(bulkhead, "a");
        Bulkhead.Waiter b = callback(bulkhead, "b");

        assertThat(bulkhead.giveUp(a)).isTrue();
        assertThat(bulkhead.giveUp(a)).isFalse();
        bulkhead.leave();

        assertThat(order).containsExactly("b in");
        assertThat(bulkhead.giveUp(b)).as("it is in").isFalse();
        assertThat(time.pending()).isZero();
    }

    @Test
    void resize_morePlaces_letsThoseInWhoWait() {
        Bulkhead bulkhead = full(1);
        callback(bulkhead, "a");
        callback(bulkhead, "b");
        callback(bulkhead, "c");

        bulkhead.resize(3);

        assertThat(order).containsExactly("a in", "b in");
        assertThat(bulkhead.tryEnter()).isFalse();
        assertThat(bulkhead.inFlight()).isEqualTo(3);
    }

    @Test
    void resize_fewerPlaces_thoseInStayAndNobodyEntersUntilEnoughHaveLeft() {
        Bulkhead bulkhead = full(3);
        callback(bulkhead, "a");

        bulkhead.resize(1);
        assertThat(bulkhead.inFlight()).isEqualTo(3);
        bulkhead.leave();
        bulkhead.leave();
        assertThat(order).isEmpty();
        bulkhead.leave();

        assertThat(order).containsExactly("a in");
        assertThat(bulkhead.inFlight()).isEqualTo(1);
    }

    @Test
    void enter_noTimerCanBeHad_losesNoPlace() {
        Bulkhead bulkhead = new Bulkhead(refusing(), 1, Integer.MAX_VALUE);
        assertThat(bulkhead.tryEnter()).isTrue();
        assertThatThrownBy(() -> bulkhead.enter(MINUTE)).isInstanceOf(RejectedExecutionException.class);

        bulkhead.leave();

        assertThat(bulkhead.inFlight()).isZero();
        assertThat(bulkhead.tryEnter()).isTrue();
    }

    @Test
    void enter_noTimerCanBeHadButAPlace_passesThePlaceOn() {
        AtomicReference<Bulkhead> self = new AtomicReference<>();
        Bulkhead bulkhead = new Bulkhead(
                new Refusing(() -> {
                    self.get().leave(); // who waits is let in before its timer is refused
                }),
                1,
                Integer.MAX_VALUE);
        self.set(bulkhead);
        assertThat(bulkhead.tryEnter()).isTrue();

        assertThatThrownBy(() -> bulkhead.enter(MINUTE)).isInstanceOf(RejectedExecutionException.class);

        assertThat(bulkhead.inFlight()).isZero();
    }

    /** Threads, callbacks, waits that end, waits given up, interrupts and other sizes at once. */
    @Test
    void bulkhead_manyThreadsInEveryWay_neverTooManyAndNoPlaceLost() throws Exception {
        Bulkhead bulkhead = new Bulkhead(TimeSource.system(), 2, Integer.MAX_VALUE);
        int most = 4;
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger tooMany = new AtomicInteger();
        LongAdder begun = new LongAdder();
        LongAdder ended = new LongAdder();
        Runnable work = () -> {
            if (inside.incrementAndGet() > most) {
                tooMany.incrementAndGet();
            }
            Thread.onSpinWait();
            inside.decrementAndGet();
            ended.increment();
            bulkhead.leave();
        };

        BreakerTest.onThreads(6, number -> {
            Random random = new Random(number);
            for (int i = 0; i < 5_000; i++) {
                begun.increment();
                long wait = random.nextInt(200_000);
                switch (random.nextInt(6)) {
                    case 0 -> {
                        if (bulkhead.tryEnter()) {
                            work.run();
                        } else {
                            ended.increment();
                        }
                    }
                    case 1, 2 -> {
                        if (random.nextInt(20) == 0) {
                            Thread.currentThread().interrupt();
                        }
                        Bulkhead.Entry entry = bulkhead.enter(wait);
                        var unused = Thread.interrupted();
                        if (entry == Bulkhead.Entry.ENTERED) {
                            work.run();
                        } else {
                            ended.increment();
                        }
                    }
                    case 3, 4 -> {
                        Bulkhead.Waiter waiter = bulkhead.enterLater(wait, entered -> {
                            if (entered) {
                                work.run();
                            } else {
                                ended.increment();
                            }
                        });
                        if (random.nextBoolean() && bulkhead.giveUp(waiter)) {
                            ended.increment();
                        }
                    }
                    default -> {
                        bulkhead.resize(1 + random.nextInt(most));
                        ended.increment();
                    }
                }
            }
        });
        bulkhead.resize(1);
        while (ended.sum() < begun.sum()) {
            Thread.onSpinWait(); // the last waits end by their timers
        }

        assertThat(tooMany).hasValue(0);
        assertThat(bulkhead.inFlight()).isZero();
        assertThat(ended.sum()).isEqualTo(begun.sum());
        assertThat(bulkhead.tryEnter()).isTrue();
        assertThat(bulkhead.tryEnter()).isFalse();
    }

    @Test
    void leave_raceWithGiveUp_thePlaceIsNeitherLostNorDoubled() throws Exception {
        Bulkhead bulkhead = new Bulkhead(time, 1, Integer.MAX_VALUE);
        for (int round = 0; round < 2_000; round++) {
            AtomicInteger entered = new AtomicInteger();
            assertThat(bulkhead.tryEnter()).isTrue();
            Bulkhead.Waiter waiter = bulkhead.enterLater(MINUTE, in -> entered.incrementAndGet());
            CountDownLatch begin = new CountDownLatch(1);
            Thread leaving = new Thread(() -> {
                begin.countDown();
                bulkhead.leave();
            });
            leaving.start();
            begin.await();
            boolean gaveUp = bulkhead.giveUp(waiter);
            leaving.join();

            assertThat(entered).hasValue(gaveUp ? 0 : 1);
            assertThat(bulkhead.inFlight()).isEqualTo(entered.get());
            if (!gaveUp) {
                bulkhead.leave();
            }
        }
        assertThat(time.pending()).isZero();
    }

    private TimeSource refusing() {
        return new Refusing(() -> {});
    }

    private final class Refusing implements TimeSource {
        private final Runnable before;

        Refusing(Runnable before) {
            this.before = before;
        }

        @Override
        public Future<?> schedule(Duration delay, Runnable task) {
            before.run();
            throw new RejectedExecutionException("planned");
        }

        @Override
        public Instant instant() {
            return time.instant();
        }

        @Override
        public long nanoTime() {
            return time.nanoTime();
        }

        @Override
        public void sleep(Duration duration) throws InterruptedException {
            time.sleep(duration);
        }
    }
}
