package dev.underpin.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.spi.TimeSource;
import dev.underpin.testkit.VirtualTime;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CutoffTest {
    private static final Duration MILLI = Duration.ofMillis(1);

    private final VirtualTime time = new VirtualTime();
    private final Cutoff cutoff = new Cutoff(time);

    private Cutoff.Slot arm(int millis) {
        return cutoff.arm(time.nanoTime() + millis * MILLI.toNanos());
    }

    @Test
    void disarm_beforeItsTime_nothingIsInterrupted() {
        Cutoff.Slot slot = arm(5);
        time.advance(MILLI.multipliedBy(5).minusNanos(1));

        assertThat(cutoff.disarm(slot)).isFalse();

        time.advance(MILLI.multipliedBy(10));
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void arm_timeIsOver_interruptsAtItsTimeAndTheFlagIsDownAfterwards() {
        Cutoff.Slot slot = arm(5);

        assertThatThrownBy(() -> time.sleep(Duration.ofSeconds(1))).isInstanceOf(InterruptedException.class);

        assertThat(cutoff.disarm(slot)).isTrue();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        time.advance(Duration.ofSeconds(1));
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void disarm_interruptedAndNobodyListened_takesTheFlagDown() {
        Cutoff.Slot slot = arm(5);
        time.advance(MILLI.multipliedBy(5));
        assertThat(Thread.currentThread().isInterrupted()).isTrue();

        assertThat(cutoff.disarm(slot)).isTrue();

        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void disarm_interruptedFromElsewhere_leavesTheFlag() {
        Cutoff.Slot slot = arm(5);
        Thread.currentThread().interrupt();

        assertThat(cutoff.disarm(slot)).isFalse();

        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void arm_dueAlready_interruptsAtOnce() {
        Cutoff.Slot slot = arm(0);
        time.advance(Duration.ZERO);

        assertThat(cutoff.disarm(slot)).isTrue();
    }

    @Test
    void arm_earlierThanAllOthers_isInterruptedInTime() {
        Cutoff.Slot late = arm(100);
        Cutoff.Slot early = arm(5);

        time.advance(MILLI.multipliedBy(5));

        assertThat(cutoff.disarm(early)).isTrue();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        time.advance(MILLI.multipliedBy(94));
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        time.advance(MILLI);
        assertThat(cutoff.disarm(late)).isTrue();
    }

    @Test
    void disarm_bothAttemptsOfAThreadAreCut_leavesTheInterruptOfTheOuterOne() {
        Cutoff.Slot outer = arm(5);
        Cutoff.Slot inner = arm(5);
        time.advance(MILLI.multipliedBy(5));

        assertThat(cutoff.disarm(inner)).isTrue();
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        assertThat(cutoff.disarm(outer)).isTrue();

        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void arm_moreThanSixteenOnes_interruptsEachThatIsDue() {
        List<Cutoff.Slot> slots = new ArrayList<>();
        for (int i = 1; i <= 100; i++) {
            slots.add(arm(i));
        }
        assertThat(time.pending()).isEqualTo(1);

        time.advance(MILLI.multipliedBy(50));

        Collections.reverse(slots);
        assertThat(slots.stream().map(cutoff::disarm).filter(fired -> fired)).hasSize(50);
        assertThat(slots).doesNotHaveDuplicates();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void arm_veryOften_keepsOneTask() {
        int most = 0;
        for (int i = 0; i < 100_000; i++) {
            Cutoff.Slot slot = arm(5);
            if (i % 100 == 0) {
                time.advance(MILLI);
                most = Math.max(most, time.pending());
            }
            assertThat(cutoff.disarm(slot)).isFalse();
        }

        assertThat(most).isEqualTo(1);
        time.advance(Duration.ofSeconds(1));
        assertThat(time.pending()).isZero();
    }

    @Test
    void arm_shortOnesBesideALongOne_keepsOneTask() {
        Cutoff.Slot longOne = arm(60_000);
        int most = 0;
        for (int i = 0; i < 1_000; i++) {
            Cutoff.Slot slot = arm(5);
            time.advance(MILLI.multipliedBy(4));
            assertThat(cutoff.disarm(slot)).isFalse();
            time.advance(MILLI.multipliedBy(4));
            most = Math.max(most, time.pending());
        }

        assertThat(most).isEqualTo(1);
        assertThat(cutoff.disarm(longOne)).isFalse();
    }

    @Test
    void arm_timeSourceRefusesOnce_worksTheNextTime() {
        AtomicInteger refusals = new AtomicInteger(1);
        Cutoff unlucky = new Cutoff(new TimeSource() {
            @Override
            public Future<?> schedule(Duration delay, Runnable task) {
                if (refusals.getAndDecrement() > 0) {
                    throw new RejectedExecutionException("planned");
                }
                return time.schedule(delay, task);
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
        });
        assertThatThrownBy(() -> unlucky.arm(time.nanoTime())).isInstanceOf(RejectedExecutionException.class);

        Cutoff.Slot slot = unlucky.arm(time.nanoTime() + MILLI.toNanos());
        time.advance(MILLI);

        assertThat(unlucky.disarm(slot)).isTrue();
        time.advance(MILLI);
        assertThat(Thread.currentThread().isInterrupted())
                .as("by the attempt that was never made")
                .isFalse();
    }

    /** The window in which an interrupt could come too late is hit from both sides: due times of 0 to 20 us. */
    @Test
    void disarm_raceWithTheTimer_noInterruptComesLater() throws Exception {
        Cutoff real = new Cutoff(TimeSource.system());
        int before = ManagementFactory.getThreadMXBean().getThreadCount();
        AtomicInteger afterwards = new AtomicInteger();
        AtomicInteger cut = new AtomicInteger();
        AtomicInteger inTime = new AtomicInteger();

        BreakerTest.onThreads(2, number -> {
            for (int i = 0; i < 50_000; i++) {
                Cutoff.Slot slot = real.arm(System.nanoTime() + i % 64 * 300L);
                for (int spin = i % 97; spin > 0; spin--) {
                    Thread.onSpinWait();
                }
                (real.disarm(slot) ? cut : inTime).incrementAndGet();
                if (Thread.interrupted()) {
                    afterwards.incrementAndGet();
                }
            }
        });

        assertThat(afterwards).hasValue(0);
        assertThat(cut.get()).isPositive();
        assertThat(inTime.get()).isPositive();
        // The two of this test may still be ending; the timer is one for all.
        assertThat(ManagementFactory.getThreadMXBean().getThreadCount()).isLessThanOrEqualTo(before + 3);
    }

    /** Each thread waits for its interrupt: one that is lost hangs the test. */
    @Test
    void arm_manyThreadsWaitForTheirInterrupts_noneIsLost() throws Exception {
        Cutoff real = new Cutoff(TimeSource.system());
        CountDownLatch never = new CountDownLatch(1);
        AtomicInteger interrupts = new AtomicInteger();

        BreakerTest.onThreads(20, number -> {
            for (int i = 0; i < 100; i++) {
                Cutoff.Slot slot = real.arm(System.nanoTime() + (number * 7 + i) % 50 * 10_000L);
                try {
                    never.await();
                } catch (InterruptedException e) {
                    interrupts.incrementAndGet();
                }
                assertThat(real.disarm(slot)).isTrue();
            }
        });

        assertThat(interrupts).hasValue(2_000);
    }

    /** The outer attempt is being cut, its interrupt delivered and not yet noted, while the inner one takes its own down. */
    @Test
    void disarm_whileTheOuterAttemptIsBeingCut_leavesItsInterrupt() throws Exception {
        var outerIsCut = new CountDownLatch(1);
        var noted = new CountDownLatch(1);
        var flag = new AtomicInteger();
        var armed = new CountDownLatch(1);
        var thread =
                new Thread(() -> {
                    Cutoff.Slot inner = arm(5);
                    Cutoff.Slot outer = arm(5);
                    armed.countDown();
                    awaitUninterruptibly(outerIsCut);
                    var unused = cutoff.disarm(inner);
                    flag.set(Thread.currentThread().isInterrupted() ? 1 : -1);
                    var unusedToo = cutoff.disarm(outer);
                }) {
                    private final AtomicInteger interrupts = new AtomicInteger();

                    @Override
                    public void interrupt() {
                        super.interrupt();
                        if (interrupts.incrementAndGet() == 2) {
                            outerIsCut.countDown();
                            awaitUninterruptibly(noted);
                        }
                    }
                };
        thread.start();
        armed.await();
        var timer = new Thread(() -> time.advance(MILLI.multipliedBy(5)));
        timer.start();
        outerIsCut.await();
        thread.join(100); // who does not wait for the note is through by then, and has lost the interrupt
        noted.countDown();
        thread.join();
        timer.join();

        assertThat(flag).hasValue(1);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        boolean interrupted = false;
        while (latch.getCount() > 0) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
