package dev.underpin.resilience;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Three threads, each of which gives back only what it has itself: every history must be one that a single thread could
 * have made.
 */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class PermitsLincheckTest {
    private static final int THREADS = 3;

    @Test
    void bulkhead_everyHistory_isOneOfASingleThread() {
        new StressOptions().threads(THREADS).iterations(10).invocationsPerIteration(1_000).check(Places.class);
        new ModelCheckingOptions().threads(THREADS).iterations(10).invocationsPerIteration(1_000).check(Places.class);
    }

    @Test
    void breaker_everyHistoryOfHalfOpen_isOneOfASingleThread() {
        new StressOptions().threads(THREADS).iterations(10).invocationsPerIteration(1_000).check(Probes.class);
    }

    /** A bulkhead of two places. */
    @Param(name = "thread", gen = ThreadIdGen.class)
    public static class Places {
        private final Bulkhead bulkhead = new Bulkhead(new StoppedTime(), 2, 10);
        private final boolean[] inside = new boolean[THREADS + 2];

        @Operation
        public boolean enter(@Param(name = "thread") int thread) {
            boolean entered = !inside[thread] && bulkhead.tryEnter();
            inside[thread] |= entered;
            return entered;
        }

        @Operation
        public boolean leave(@Param(name = "thread") int thread) {
            boolean leaves = inside[thread];
            if (leaves) {
                inside[thread] = false;
                bulkhead.leave();
            }
            return leaves;
        }

        @Operation
        public int inFlight() {
            return bulkhead.inFlight();
        }
    }

    /** A half-open breaker of two probes. */
    @Param(name = "thread", gen = ThreadIdGen.class)
    public static class Probes {
        private static final DomainError ERROR = ErrorKind.UNAVAILABLE.code().error();

        private final Breaker breaker = new Breaker(
                "risk",
                this,
                new Breaker.Settings(
                        BreakerPolicy.standard()
                                .failureRate(1, 2, 2)
                                .openFor(Duration.ofNanos(1), Duration.ofNanos(1))
                                .probes(2),
                        1_000,
                        new Notices("risk", null, new LongAdder())),
                new StoppedTime(),
                () -> Long.MIN_VALUE,
                new LongAdder());
        private final Breaker.Phase[] permits = new Breaker.Phase[THREADS + 2];

        public Probes() {
            for (int i = 0; i < 2; i++) {
                Breaker.Phase permit = breaker.tryAcquire(0);
                breaker.failure(permit, 0, 0, ERROR);
            }
        }

        /** {@return whether it got one} At a time at which it is no longer open, unless it opened again. */
        @Operation
        public boolean acquire(@Param(name = "thread") int thread) {
            if (permits[thread] != null) {
                return false;
            }
            permits[thread] = breaker.tryAcquire(1);
            return permits[thread] != null;
        }

        @Operation
        public void release(@Param(name = "thread") int thread) {
            if (permits[thread] != null) {
                breaker.release(permits[thread]);
                permits[thread] = null;
            }
        }

        @Operation
        public void succeed(@Param(name = "thread") int thread) {
            if (permits[thread] != null) {
                breaker.success(permits[thread], 0, 1);
                permits[thread] = null;
            }
        }

        @Operation
        public void fail(@Param(name = "thread") int thread) {
            if (permits[thread] != null) {
                breaker.failure(permits[thread], 0, 1, ERROR);
                permits[thread] = null;
            }
        }
    }
}
