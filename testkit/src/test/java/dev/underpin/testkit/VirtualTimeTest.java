package dev.underpin.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.ref.WeakReference;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class VirtualTimeTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration END = Duration.ofNanos(Long.MAX_VALUE);
    private static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);

    private final VirtualTime time = new VirtualTime();
    private final List<String> log = new ArrayList<>();

    @AfterEach
    void clearTheInterruptFlag() {
        Thread.interrupted();
    }

    @Nested
    class Readings {
        @Test
        void readings_untilAdvanced_standStill() {
            long nanos = time.nanoTime();

            assertThat(time.instant()).isEqualTo(START).isEqualTo(time.instant());
            assertThat(time.millis()).isEqualTo(START.toEpochMilli());
            assertThat(time.nanoTime()).isEqualTo(nanos);
        }

        @Test
        void advance_duration_movesBothClocksByExactlyThat() {
            long nanos = time.nanoTime();

            time.advance(Duration.ofMillis(1500));
            time.advance(Duration.ofNanos(1));

            assertThat(time.nanoTime() - nanos).isEqualTo(1_500_000_001);
            assertThat(time.instant()).isEqualTo(START.plusNanos(1_500_000_001));
            assertThat(time.millis()).isEqualTo(START.toEpochMilli() + 1500);
        }

        @Test
        void start_given_isTheWallTime() {
            Instant start = Instant.parse("1999-12-31T23:59:59.999999999Z");
            var other = new VirtualTime(start);

            other.advance(Duration.ofNanos(1));

            assertThat(other.instant()).isEqualTo(Instant.parse("2000-01-01T00:00:00Z"));
        }

        @Test
        void withZone_always_isAClockThatMovesWithIt() {
            Clock clock = time.withZone(ZoneOffset.UTC);

            time.advance(Duration.ofHours(30));

            assertThat(LocalDateTime.now(clock)).isEqualTo(LocalDateTime.parse("2026-01-02T06:00:00"));
        }

        @Test
        void nanoTime_aMicrosecondLater_hasOverflowed() {
            long start = time.nanoTime();
            time.advance(Duration.ofNanos(1_001));
            long later = time.nanoTime();

            assertThat(start).isPositive();
            assertThat(later).as("so a comparison by < is wrong").isLessThan(start);
            assertThat(later - start).as("and one by difference is right").isEqualTo(1_001);
        }

        @Test
        void advance_zero_movesNothing() {
            time.advance(Duration.ZERO);

            assertThat(time.instant()).isEqualTo(START);
        }

        @Test
        void advance_negative_isRejected() {
            assertThatThrownBy(() -> time.advance(Duration.ofSeconds(-1)))
                    .isExactlyInstanceOf(IllegalArgumentException.class)
                    .hasMessage("by must not be negative: PT-1S");
            assertThat(time.instant()).isEqualTo(START);
        }

        @Test
        void call_withNull_namesTheArgument() {
            assertThatThrownBy(() -> new VirtualTime(null)).hasMessage("start");
            assertThatThrownBy(() -> time.advance(null)).hasMessage("by");
        }
    }

    @Nested
    class TheEndOfTime {
        @Test
        void advance_tooFar_stopsAtTheEnd() {
            long start = time.nanoTime();
            for (Duration huge : List.of(END.minusNanos(1), Duration.ofNanos(1), Duration.ofNanos(1), FOREVER)) {
                time.advance(huge);
            }

            assertThat(time.nanoTime() - start).isEqualTo(Long.MAX_VALUE);
            assertThat(time.instant()).isEqualTo(START.plus(END));
        }

        @Test
        void advance_forever_stopsAtTheEnd() {
            time.advance(FOREVER);

            assertThat(time.instant()).isEqualTo(START.plus(END));
        }

        @Test
        void advance_nearTheLastInstant_stopsThere() {
            var late = new VirtualTime(Instant.MAX.minusNanos(5));
            long start = late.nanoTime();

            late.advance(Duration.ofNanos(6));

            assertThat(late.instant()).isEqualTo(Instant.MAX);
            assertThat(late.nanoTime() - start).isEqualTo(5);
        }

        @Test
        void start_atTheFirstInstant_works() {
            var early = new VirtualTime(Instant.MIN);
            early.advance(FOREVER);

            assertThat(early.instant()).isEqualTo(Instant.MIN.plus(END));
        }

        @Test
        void schedule_beyondTheEnd_isDueAtTheEnd() {
            time.advance(Duration.ofDays(1));
            record("forever", FOREVER);
            record("end", END);

            time.advance(END.minusDays(1).minusNanos(1));
            assertThat(log).isEmpty();
            time.advance(Duration.ofNanos(1));

            assertThat(log).containsExactly("forever", "end");
        }
    }

    @Nested
    class Tasks {
        @Test
        void advance_window_runsWhatIsDueInOrderOfTimeThenOfScheduling() {
            record("c", Duration.ofSeconds(3));
            record("a1", Duration.ofSeconds(1));
            record("d", Duration.ofSeconds(4));
            record("a2", Duration.ofSeconds(1));
            record("b", Duration.ofSeconds(2));

            time.advance(Duration.ofSeconds(3));
            assertThat(log).containsExactly("a1", "a2", "b", "c");

            time.advance(Duration.ofSeconds(1));
            assertThat(log).containsExactly("a1", "a2", "b", "c", "d");
        }

        @Test
        void advance_justBeforeDue_runsNothing() {
            record("a", Duration.ofSeconds(1));

            time.advance(Duration.ofNanos(999_999_999));
            assertThat(log).isEmpty();
            time.advance(Duration.ofNanos(1));

            assertThat(log).containsExactly("a");
        }

        @Test
        void readings_insideATask_areThoseOfItsDueTime() throws Exception {
            long start = time.nanoTime();
            Future<?> task = time.schedule(Duration.ofSeconds(2), () -> {
                assertThat(time.nanoTime() - start).isEqualTo(2_000_000_000);
                assertThat(time.instant()).isEqualTo(START.plusSeconds(2));
                assertThat(time.millis()).isEqualTo(START.plusSeconds(2).toEpochMilli());
            });

            time.advance(Duration.ofSeconds(10));

            assertThat((Object) task.get(0, TimeUnit.SECONDS)).isNull();
            assertThat(time.instant()).isEqualTo(START.plusSeconds(10));
        }

        @Test
        void tasks_always_runOnTheAdvancingThread() {
            var ranOn = new AtomicReference<Thread>();
            var unused = time.schedule(Duration.ZERO, () -> ranOn.set(Thread.currentThread()));

            time.advance(Duration.ZERO);

            assertThat(ranOn.get()).isSameAs(Thread.currentThread());
        }

        @Test
        void schedule_withoutDelay_runsWithTheNextAdvanceAndNotBefore() {
            record("negative", Duration.ofDays(-1));
            record("zero", Duration.ZERO);
            assertThat(log).isEmpty();

            time.advance(Duration.ZERO);

            assertThat(log).containsExactly("negative", "zero");
            assertThat(time.instant()).isEqualTo(START);
        }

        @Test
        void schedule_insideATask_runsInTheSameAdvanceIfWithinItsWindow() {
            var unused = time.schedule(Duration.ofSeconds(1), () -> {
                record("late", Duration.ofSeconds(3));
                record("within", Duration.ofSeconds(2));
                record("now", Duration.ZERO);
            });
            record("between", Duration.ofSeconds(2));

            time.advance(Duration.ofSeconds(3));
            assertThat(log).containsExactly("now", "between", "within");

            time.advance(Duration.ofSeconds(1));
            assertThat(log).containsExactly("now", "between", "within", "late");
        }

        @Test
        void schedule_periodically_keepsItsBeat() {
            tick(Duration.ofSeconds(10));

            time.advance(Duration.ofSeconds(35));

            assertThat(log).containsExactly("PT10S", "PT20S", "PT30S");
        }

        @Test
        void task_throws_stopsNothing() {
            Future<?> bug = time.schedule(Duration.ofSeconds(1), () -> {
                throw new AssertionError("bug");
            });
            record("next", Duration.ofSeconds(1));

            time.advance(Duration.ofSeconds(2));

            assertThat(log).containsExactly("next");
            assertThat(time.instant()).isEqualTo(START.plusSeconds(2));
            assertThatThrownBy(bug::get).hasRootCauseMessage("bug");
        }

        @Test
        void cancel_pendingTask_neverRuns() {
            Future<?> cancelled = recording("cancelled", Duration.ofSeconds(1));
            record("other", Duration.ofSeconds(1));

            assertThat(cancelled.cancel(false)).isTrue();
            time.advance(Duration.ofSeconds(1));

            assertThat(log).containsExactly("other");
        }

        @Test
        void cancel_byAnEarlierTask_keepsItFromRunning() {
            Future<?> victim = recording("victim", Duration.ofSeconds(1));
            Future<?> sameTime = recording("same time", Duration.ofSeconds(1));
            var unused = time.schedule(Duration.ofMillis(999), () -> victim.cancel(true));

            time.advance(Duration.ofSeconds(1));

            assertThat(log).containsExactly("same time");
            assertThat(sameTime.isCancelled()).isFalse();
        }

        @Test
        void cancel_pendingTask_isNotHeld() {
            var held = new Object[] {new Object()};
            var weak = new WeakReference<>(held[0]);
            Future<?> pending = time.schedule(FOREVER, naming(held[0]));
            held[0] = null;

            assertThat(pending.cancel(false)).isTrue();

            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (weak.get() != null && System.nanoTime() - deadline < 0) {
                System.gc();
            }
            assertThat(weak.get()).isNull();
        }

        private void tick(Duration every) {
            Instant start = START;
            var unused = time.schedule(every, () -> {
                log.add(Duration.between(start, time.instant()).toString());
                tick(every);
            });
        }

        private Runnable naming(Object held) {
            return () -> log.add(held.toString());
        }
    }

    @Nested
    class Sleeping {
        @Test
        void sleep_duration_passesAtOnceAndRunsWhatFallsDueOnThisThread() throws InterruptedException {
            record("a", Duration.ofSeconds(1));
            record("b", Duration.ofSeconds(2));
            record("c", Duration.ofSeconds(3));

            time.sleep(Duration.ofSeconds(2));

            assertThat(log).containsExactly("a", "b");
            assertThat(time.instant()).isEqualTo(START.plusSeconds(2));
        }

        @Test
        void sleep_zero_runsNothing() throws InterruptedException {
            record("due", Duration.ZERO);

            time.sleep(Duration.ZERO);

            assertThat(log).isEmpty();
        }

        @Test
        void sleep_interruptedBefore_passesNoTime() {
            record("due", Duration.ZERO);
            Thread.currentThread().interrupt();

            assertThatThrownBy(() -> time.sleep(Duration.ofSeconds(1)))
                    .isExactlyInstanceOf(InterruptedException.class)
                    .hasMessage("sleep interrupted");

            assertThat(Thread.interrupted()).isFalse();
            assertThat(time.instant()).isEqualTo(START);
            assertThat(log).isEmpty();
        }

        @Test
        void sleep_interruptedByATask_endsAtItsTime() {
            Thread sleeper = Thread.currentThread();
            var unused = time.schedule(Duration.ofSeconds(3), sleeper::interrupt);
            record("with it", Duration.ofSeconds(3));
            record("later", Duration.ofSeconds(4));

            assertThatThrownBy(() -> time.sleep(Duration.ofSeconds(10))).isInstanceOf(InterruptedException.class);

            assertThat(Thread.interrupted()).isFalse();
            assertThat(time.instant()).isEqualTo(START.plusSeconds(3));
            assertThat(log).isEmpty();
            time.advance(Duration.ofSeconds(1));
            assertThat(log).containsExactly("with it", "later");
        }

        @Test
        void sleep_interruptedByATaskAtItsEnd_throws() {
            var unused = time.schedule(Duration.ofSeconds(3), Thread.currentThread()::interrupt);

            assertThatThrownBy(() -> time.sleep(Duration.ofSeconds(3))).isInstanceOf(InterruptedException.class);
        }

        @Test
        void advance_interrupted_goesOnAndKeepsTheFlag() {
            var unused = time.schedule(Duration.ofSeconds(1), Thread.currentThread()::interrupt);
            record("later", Duration.ofSeconds(2));

            time.advance(Duration.ofSeconds(3));

            assertThat(Thread.interrupted()).isTrue();
            assertThat(log).containsExactly("later");
            assertThat(time.instant()).isEqualTo(START.plusSeconds(3));
        }
    }

    @Nested
    class InsideATask {
        @Test
        void advance_withinTheOuterWindow_runsWhatFallsDueAndTheOuterEndsWhereItWould() {
            var unused = time.schedule(Duration.ofSeconds(1), () -> {
                time.advance(Duration.ofSeconds(2));
                log.add("inner ended at " + time.instant());
            });
            record("at 2", Duration.ofSeconds(2));
            record("at 4", Duration.ofSeconds(4));

            time.advance(Duration.ofSeconds(10));

            assertThat(log).containsExactly("at 2", "inner ended at 2026-01-01T00:00:03Z", "at 4");
            assertThat(time.instant()).isEqualTo(START.plusSeconds(10));
        }

        @Test
        void advance_beyondTheOuterWindow_isWhereTheOuterEnds() {
            var unused = time.schedule(Duration.ofSeconds(1), () -> time.advance(Duration.ofSeconds(20)));
            record("at 21", Duration.ofSeconds(21));
            record("at 22", Duration.ofSeconds(22));

            time.advance(Duration.ofSeconds(10));

            assertThat(time.instant()).isEqualTo(START.plusSeconds(21));
            assertThat(log).containsExactly("at 21");
        }

        @Test
        void sleep_insideATask_passesItsTime() {
            var unused = time.schedule(Duration.ofSeconds(1), () -> {
                try {
                    time.sleep(Duration.ofSeconds(1));
                    log.add("woke at " + time.instant());
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            record("meanwhile", Duration.ofMillis(1500));

            time.advance(Duration.ofSeconds(1));

            assertThat(log).containsExactly("meanwhile", "woke at 2026-01-01T00:00:02Z");
            assertThat(time.instant()).isEqualTo(START.plusSeconds(2));
        }

        @Test
        void pending_countsWhatHasNeitherBegunNorBeenCancelled() {
            assertThat(time.pending()).isZero();
            record("first", Duration.ofSeconds(1));
            Future<?> second = recording("second", Duration.ofSeconds(2));
            record("third", Duration.ofSeconds(3));
            assertThat(time.pending()).isEqualTo(3);

            time.advance(Duration.ofSeconds(1));
            assertThat(time.pending()).isEqualTo(2);
            second.cancel(false);

            assertThat(time.pending()).isOne();
        }

        @Test
        void jumpWallClock_movesNothingElse() {
            long nanos = time.nanoTime();
            record("late", Duration.ofSeconds(1));

            time.jumpWallClock(Duration.ofHours(2));
            time.jumpWallClock(Duration.ofHours(-3));

            assertThat(time.instant()).isEqualTo(START.minus(Duration.ofHours(1)));
            assertThat(time.nanoTime()).isEqualTo(nanos);
            assertThat(log).isEmpty();
            time.advance(Duration.ofSeconds(1));
            assertThat(log).containsExactly("late");
        }

        @Test
        void cancel_byTheTaskItself_isWithoutEffectOnOthers() {
            var self = new AtomicReference<Future<?>>();
            self.set(time.schedule(Duration.ofSeconds(1), () -> {
                self.get().cancel(false);
                log.add("ran");
            }));
            record("next", Duration.ofSeconds(1));

            time.advance(Duration.ofSeconds(1));

            assertThat(log).containsExactly("ran", "next");
            assertThat(self.get().isCancelled()).isTrue();
        }
    }

    private void record(String name, Duration delay) {
        var unused = recording(name, delay);
    }

    private Future<?> recording(String name, Duration delay) {
        return time.schedule(delay, () -> log.add(name));
    }
}
