package dev.underpin.result.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.lang.ref.WeakReference;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SystemTimeTest {
    private static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);

    private final TimeSource time = TimeSource.system();

    @AfterEach
    void clearTheInterruptFlag() {
        Thread.interrupted();
    }

    @Test
    void system_always_isTheSame() {
        assertThat(time).isSameAs(TimeSource.system());
    }

    @Test
    void instantAndMillis_areTheClockOfTheMachine() {
        Instant before = Instant.now();
        Instant instant = time.instant();
        Instant after = Instant.now();
        long millisBefore = System.currentTimeMillis();
        long millis = time.millis();
        long millisAfter = System.currentTimeMillis();

        assertThat(instant).isBetween(before, after);
        assertThat(millis).isBetween(millisBefore, millisAfter);
    }

    @Test
    void nanoTime_isTheElapsedTimeOfTheMachine() {
        long before = System.nanoTime();
        long reading = time.nanoTime();
        long after = System.nanoTime();

        assertThat(reading - before).isNotNegative();
        assertThat(after - reading).isNotNegative();
    }

    @Test
    void sleep_duration_passes() throws InterruptedException {
        long before = System.nanoTime();
        time.sleep(Duration.ofMillis(2));

        assertThat(System.nanoTime() - before).isGreaterThanOrEqualTo(2_000_000);
    }

    @Test
    void sleep_zeroOrNegative_doesNothing() throws InterruptedException {
        Thread.currentThread().interrupt();

        time.sleep(Duration.ZERO);
        time.sleep(Duration.ofSeconds(Long.MIN_VALUE));

        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void sleep_interruptedBefore_throwsAndClearsTheFlag() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> time.sleep(FOREVER)).isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void sleep_interruptedMeanwhile_throws() throws InterruptedException {
        var thrown = new AtomicReference<Exception>();
        var sleeping = new Thread(() -> {
            try {
                time.sleep(FOREVER);
            } catch (InterruptedException e) {
                thrown.set(e);
            }
        });
        sleeping.start();
        while (sleeping.isAlive() && sleeping.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        assertThat(thrown.get()).isNull();

        sleeping.interrupt();
        sleeping.join(10_000);

        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    }

    @Test
    void schedule_zeroOrNegative_runsAtOnceOnTheOneDaemonThread() throws Exception {
        for (Duration delay : List.of(Duration.ZERO, Duration.ofNanos(-1), Duration.ofSeconds(Long.MIN_VALUE))) {
            var ranOn = new AtomicReference<Thread>();

            time.schedule(delay, () -> ranOn.set(Thread.currentThread())).get(10, TimeUnit.SECONDS);

            assertThat(ranOn.get().getName()).isEqualTo("underpin-time");
            assertThat(ranOn.get().isDaemon()).isTrue();
        }
        assertThat(Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getName().equals("underpin-time")))
                .hasSize(1);
    }

    @Test
    void schedule_delay_runsNotBefore() throws Exception {
        long before = System.nanoTime();
        var ranAt = new AtomicReference<Long>();

        time.schedule(Duration.ofMillis(2), () -> ranAt.set(System.nanoTime())).get(10, TimeUnit.SECONDS);

        assertThat(ranAt.get() - before).isGreaterThanOrEqualTo(2_000_000);
    }

    @Test
    void schedule_hugeDelay_isLaterThanEverythingElse() throws Exception {
        Future<?> last = time.schedule(FOREVER, () -> {});

        time.schedule(Duration.ZERO, () -> {}).get(10, TimeUnit.SECONDS);

        assertThat(last.isDone()).isFalse();
        assertThat(last.cancel(false)).isTrue();
    }

    @Test
    void schedule_taskThrows_isKeptInTheFutureAndTheThreadLives() throws Exception {
        var first = new AtomicReference<Thread>();
        for (Throwable thrown : List.of(new IllegalStateException("bug"), new AssertionError("bug"))) {
            Future<?> failing = time.schedule(Duration.ZERO, () -> {
                first.set(Thread.currentThread());
                SystemTimeTest.<RuntimeException>sneak(thrown);
            });
            assertThatThrownBy(() -> failing.get(10, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasCause(thrown);
        }

        var next = new AtomicReference<Thread>();
        time.schedule(Duration.ZERO, () -> next.set(Thread.currentThread())).get(10, TimeUnit.SECONDS);

        assertThat(next.get()).isSameAs(first.get());
    }

    @Test
    void cancel_pendingTask_neverRunsAndIsNotHeld() throws Exception {
        var ran = new CountDownLatch(1);
        var held = new Object[] {new Object()};
        var heldByTask = new WeakReference<>(held[0]);
        Future<?> pending = time.schedule(FOREVER, holding(held[0], ran));
        held[0] = null;

        assertThat(pending.cancel(false)).isTrue();
        assertThat(pending.isCancelled()).isTrue();

        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (heldByTask.get() != null && System.nanoTime() - deadline < 0) {
            System.gc();
        }
        assertThat(heldByTask.get()).isNull();
        assertThat(ran.getCount()).isEqualTo(1);
    }

    @Test
    void schedule_null_isNamed() {
        assertThatThrownBy(() -> time.schedule(null, () -> {}))
                .isExactlyInstanceOf(NullPointerException.class)
                .hasMessage("delay");
        assertThatThrownBy(() -> time.schedule(Duration.ZERO, null))
                .isExactlyInstanceOf(NullPointerException.class)
                .hasMessage("task");
        assertThatThrownBy(() -> time.sleep(null))
                .isExactlyInstanceOf(NullPointerException.class)
                .hasMessage("duration");
    }

    /** Needs a JVM of its own: in this one another test may have started the thread. */
    @Test
    void thread_inAFreshJvm_startsWithTheFirstScheduleInheritsNothingAndDoesNotKeepTheJvmAlive() throws Exception {
        Process probe = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        location(TimeSource.class) + File.pathSeparator + location(Probe.class),
                        Probe.class.getName())
                .redirectErrorStream(true)
                .start();
        String printed = new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(probe.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(printed.lines())
                .containsExactly(
                        "after reading and sleeping: 0 threads",
                        "after scheduling: 1 thread",
                        "inherited: null",
                        "context loader: its own");
        assertThat(probe.exitValue()).isZero();
    }

    /** What the test above runs. */
    static final class Probe {
        private Probe() {}

        public static void main(String[] args) throws Exception {
            TimeSource time = TimeSource.system();
            time.sleep(Duration.ofNanos(1));
            if (time.instant() == null || time.millis() == time.nanoTime()) {
                throw new AssertionError();
            }
            System.out.println("after reading and sleeping: " + threads() + " threads");

            var inheritable = new InheritableThreadLocal<String>();
            inheritable.set("of the first caller");
            Thread.currentThread().setContextClassLoader(new ClassLoader() {});
            var seen = new AtomicReference<String>("unset");
            var loader = new AtomicReference<ClassLoader>();
            time.schedule(Duration.ZERO, () -> {
                        seen.set(inheritable.get());
                        loader.set(Thread.currentThread().getContextClassLoader());
                    })
                    .get();
            System.out.println("after scheduling: " + threads() + " thread");
            System.out.println("inherited: " + seen.get());
            System.out.println("context loader: "
                    + (TimeSource.class.getClassLoader().equals(loader.get()) ? "its own" : loader.get()));
            var unused = time.schedule(Duration.ofHours(1), () -> {});
        }

        private static long threads() {
            return Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().equals("underpin-time"))
                    .count();
        }
    }

    private static Path location(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    private static Runnable holding(Object held, CountDownLatch ran) {
        return () -> {
            assertThat(held).isNotNull();
            ran.countDown();
        };
    }

    @SuppressWarnings("unchecked")
    private static <X extends Throwable> void sneak(Throwable thrown) throws X {
        throw (X) thrown;
    }
}
