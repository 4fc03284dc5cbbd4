package dev.underpin.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.spi.TimeSource;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What code may expect of any time, be it that of the machine or that of a test. */
abstract class TimeSourceContract {
    static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);

    private final TimeSource time = time();

    abstract TimeSource time();

    /** Lets at least so much time pass. */
    abstract void pass(Duration duration);

    @AfterEach
    void clearTheInterruptFlag() {
        Thread.interrupted();
    }

    @Test
    void nanoTime_whileTimePasses_movesByAtLeastAsMuch() {
        long elapsed = time.nanoTime();

        pass(Duration.ofMillis(2));

        assertThat(time.nanoTime() - elapsed).isGreaterThanOrEqualTo(2_000_000);
    }

    @Test
    void sleep_duration_passesAtLeastThatMuch() throws InterruptedException {
        long before = time.nanoTime();

        time.sleep(Duration.ofMillis(2));

        assertThat(time.nanoTime() - before).isGreaterThanOrEqualTo(2_000_000);
    }

    @Test
    void sleep_zeroOrNegative_doesNothing() throws InterruptedException {
        Thread.currentThread().interrupt();

        time.sleep(Duration.ZERO);
        time.sleep(Duration.ofNanos(-1));
        time.sleep(Duration.ofSeconds(Long.MIN_VALUE));

        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void sleep_interrupted_throwsAndClearsTheFlag() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> time.sleep(FOREVER)).isExactlyInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void schedule_task_runsOnceAndItsFutureCompletesWithNull() throws Exception {
        var runs = new AtomicInteger();
        Future<?> task = time.schedule(Duration.ofMillis(1), runs::incrementAndGet);

        pass(Duration.ofMillis(1));

        assertThat((Object) task.get(10, TimeUnit.SECONDS)).isNull();
        assertThat(runs).hasValue(1);
        assertThat(task.isDone()).isTrue();
        assertThat(task.cancel(true)).isFalse();
    }

    @Test
    void schedule_zeroOrNegativeDelay_isDueNow() throws Exception {
        for (Duration delay :
                new Duration[] {Duration.ZERO, Duration.ofNanos(-1), Duration.ofSeconds(Long.MIN_VALUE)}) {
            Future<?> task = time.schedule(delay, () -> {});
            pass(Duration.ZERO);

            assertThat((Object) task.get(10, TimeUnit.SECONDS)).isNull();
        }
    }

    @Test
    void schedule_taskThrows_isKeptInTheFuture() {
        for (Throwable thrown : new Throwable[] {new IllegalStateException("bug"), new AssertionError("bug")}) {
            Future<?> task = time.schedule(Duration.ZERO, () -> TimeSourceContract.<RuntimeException>sneak(thrown));
            pass(Duration.ZERO);

            assertThatThrownBy(() -> task.get(10, TimeUnit.SECONDS))
                    .isExactlyInstanceOf(ExecutionException.class)
                    .hasCause(thrown);
        }
    }

    @Test
    void cancel_pendingTask_isDoneWithoutHavingRun() {
        var runs = new AtomicInteger();
        Future<?> task = time.schedule(Duration.ofHours(1), runs::incrementAndGet);

        assertThat(task.cancel(false)).isTrue();

        assertThat(task.isCancelled()).isTrue();
        assertThat(task.cancel(false)).isFalse();
        assertThatThrownBy(task::get).isInstanceOf(CancellationException.class);
        assertThat(runs).hasValue(0);
    }

    @Test
    void schedule_hugeDelay_isLaterThanOthers() throws Exception {
        Future<?> last = time.schedule(FOREVER, () -> {});
        Future<?> first = time.schedule(Duration.ofMillis(1), () -> {});
        pass(Duration.ofMillis(1));

        assertThat((Object) first.get(10, TimeUnit.SECONDS)).isNull();
        assertThat(last.isDone()).isFalse();
        assertThat(last.cancel(false)).isTrue();
    }

    @Test
    void call_withNull_namesTheArgument() {
        assertThatThrownBy(() -> time.sleep(null)).hasMessage("duration");
        assertThatThrownBy(() -> time.schedule(null, () -> {})).hasMessage("delay");
        assertThatThrownBy(() -> time.schedule(Duration.ZERO, null)).hasMessage("task");
    }

    @SuppressWarnings("unchecked")
    private static <X extends Throwable> void sneak(Throwable thrown) throws X {
        throw (X) thrown;
    }
}
