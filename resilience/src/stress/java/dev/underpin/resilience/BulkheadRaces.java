package dev.underpin.resilience;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.III_Result;

/** Two threads at one place. */
final class BulkheadRaces {
    private BulkheadRaces() {}

    private abstract static class Taken {
        final AtomicInteger entered = new AtomicInteger();
        final Bulkhead bulkhead = new Bulkhead(new StoppedTime(), 1, 10);

        Taken() {
            if (!bulkhead.tryEnter()) {
                throw new IllegalStateException("no place");
            }
        }

        final Bulkhead.Waiter later() {
            return bulkhead.enterLater(1_000, in -> entered.addAndGet(in ? 1 : 100));
        }
    }

    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "the place was passed on, once")
    @State
    public static class LeaveAndEnter extends Taken {
        @Actor
        public void leaves() {
            bulkhead.leave();
        }

        @Actor
        public void enters() {
            var unused = later();
        }

        @Arbiter
        public void afterwards(II_Result r) {
            r.r1 = entered.get();
            r.r2 = bulkhead.inFlight();
        }
    }

    @JCStressTest
    @Outcome(id = "1, 0, 0", expect = ACCEPTABLE, desc = "it gave up first, and the place is free")
    @Outcome(id = "0, 1, 1", expect = ACCEPTABLE, desc = "it was let in first")
    @State
    public static class LeaveAndGiveUp extends Taken {
        private final Bulkhead.Waiter waiter = later();

        @Actor
        public void leaves() {
            bulkhead.leave();
        }

        @Actor
        public void givesUp(III_Result r) {
            r.r1 = bulkhead.giveUp(waiter) ? 1 : 0;
        }

        @Arbiter
        public void afterwards(III_Result r) {
            r.r2 = entered.get();
            r.r3 = bulkhead.inFlight();
        }
    }
}
