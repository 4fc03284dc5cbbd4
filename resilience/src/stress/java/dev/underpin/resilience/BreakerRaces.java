package dev.underpin.resilience;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** Two threads at one breaker. Outcomes that are not named are forbidden. */
final class BreakerRaces {
    private static final DomainError ERROR = ErrorKind.UNAVAILABLE.code().error();

    private BreakerRaces() {}

    /** A breaker that opens by its second failure, for 1 ns, and closes by its only probe. */
    private abstract static class Small {
        final LongAdder late = new LongAdder();
        final AtomicInteger transitions = new AtomicInteger();
        final Breaker breaker = new Breaker(
                "risk",
                this,
                new Breaker.Settings(
                        BreakerPolicy.standard()
                                .failureRate(1, 2, 2)
                                .openFor(Duration.ofNanos(1), Duration.ofNanos(1))
                                .probes(1),
                        1_000,
                        new Notices(
                                "risk",
                                new PipelineListener() {
                                    @Override
                                    public void onBreaker(
                                            String pipeline, PipelineState.Breaker from, PipelineState.Breaker to) {
                                        transitions.incrementAndGet();
                                    }
                                },
                                new LongAdder())),
                new StoppedTime(),
                () -> Long.MIN_VALUE,
                late);

        final Breaker.Phase acquired(long now) {
            Breaker.Phase permit = breaker.tryAcquire(now);
            if (permit == null) {
                throw new IllegalStateException("no permit at " + now);
            }
            return permit;
        }

        final void open() {
            breaker.failure(acquired(0), 0, 0, ERROR);
            breaker.failure(acquired(0), 0, 0, ERROR);
        }

        final boolean is(PipelineState.Breaker state) {
            return breaker.state(0) == state;
        }
    }

    @JCStressTest
    @Outcome(id = {"1, 0", "0, 1"}, expect = ACCEPTABLE, desc = "one of them is the probe")
    @State
    public static class LastPermit extends Small {
        public LastPermit() {
            open();
        }

        @Actor
        public void one(II_Result r) {
            r.r1 = breaker.tryAcquire(10) == null ? 0 : 1;
        }

        @Actor
        public void other(II_Result r) {
            r.r2 = breaker.tryAcquire(10) == null ? 0 : 1;
        }
    }

    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "it opened, once")
    @State
    public static class TwoRecordsAtTheThreshold extends Small {
        private final Breaker.Phase first = acquired(0);
        private final Breaker.Phase second = acquired(0);

        @Actor
        public void one() {
            breaker.failure(first, 0, 0, ERROR);
        }

        @Actor
        public void other() {
            breaker.failure(second, 0, 0, ERROR);
        }

        @Arbiter
        public void afterwards(I_Result r) {
            r.r1 = is(PipelineState.Breaker.OPEN) ? transitions.get() : -1;
        }
    }

    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "the success came first, and it stayed closed")
    @Outcome(id = {"1, 0", "1, 1"}, expect = ACCEPTABLE, desc = "it opened; the success came meanwhile, or late")
    @State
    public static class SuccessWhileItOpens extends Small {
        private final Breaker.Phase last;
        private final Breaker.Phase well;

        public SuccessWhileItOpens() {
            breaker.failure(acquired(0), 0, 0, ERROR);
            last = acquired(0);
            well = acquired(0);
        }

        @Actor
        public void opens() {
            breaker.failure(last, 0, 0, ERROR);
        }

        @Actor
        public void succeeds() {
            breaker.success(well, 0, 0);
        }

        @Arbiter
        public void afterwards(II_Result r) {
            r.r1 = is(PipelineState.Breaker.OPEN) ? transitions.get() : is(PipelineState.Breaker.CLOSED) ? 0 : -1;
            r.r2 = (int) late.sum();
        }
    }

    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "the probe decided, the late failure was only counted")
    @State
    public static class LateFailureWhileItCloses extends Small {
        private final Breaker.Phase stale = acquired(0);
        private final Breaker.Phase probe;

        public LateFailureWhileItCloses() {
            open();
            probe = acquired(10);
        }

        @Actor
        public void closes() {
            breaker.success(probe, 0, 10);
        }

        @Actor
        public void late() {
            breaker.failure(stale, 0, 10, ERROR);
        }

        @Arbiter
        public void afterwards(II_Result r) {
            r.r1 = is(PipelineState.Breaker.CLOSED) ? 1 : 0;
            r.r2 = (int) late.sum();
        }
    }

    @JCStressTest
    @Outcome(id = {"0, 1", "1, 0"}, expect = ACCEPTABLE, desc = "the permit given back was taken, then or afterwards")
    @State
    public static class ReleaseAndAcquire extends Small {
        private final Breaker.Phase probe;

        public ReleaseAndAcquire() {
            open();
            probe = acquired(10);
        }

        @Actor
        public void gives() {
            breaker.release(probe);
        }

        @Actor
        public void takes(II_Result r) {
            r.r1 = breaker.tryAcquire(10) == null ? 0 : 1;
        }

        @Arbiter
        public void afterwards(II_Result r) {
            r.r2 = breaker.tryAcquire(10) != null && is(PipelineState.Breaker.HALF_OPEN) ? 1 : 0;
        }
    }
}
