package dev.underpin.resilience;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import java.util.concurrent.FutureTask;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** An attempt and the timer. */
final class CutoffRaces {
    private CutoffRaces() {}

    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "the attempt ended in time")
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "it was cut, and its flag is down")
    @State
    public static class DisarmAndFire {
        private final StoppedTime time = new StoppedTime();
        private final Cutoff cutoff = new Cutoff(time);
        private final FutureTask<?> timer;

        public DisarmAndFire() {
            // A plan for a slot that is free again: the attempt below finds it, and makes none of its own.
            var unused = cutoff.disarm(cutoff.arm(0));
            timer = time.scheduled;
        }

        @Actor
        public void attempt(II_Result r) {
            Cutoff.Slot slot = cutoff.arm(0);
            r.r1 = cutoff.disarm(slot) ? 1 : 0;
            r.r2 = Thread.interrupted() ? 1 : 0;
        }

        @Actor
        public void timer() {
            timer.run();
        }
    }

    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "the timer that was planned cut it")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "the timer was over, so another was planned")
    @State
    public static class ArmAndFire {
        private final StoppedTime time = new StoppedTime();
        private final Cutoff cutoff = new Cutoff(time);
        private final FutureTask<?> timer;

        public ArmAndFire() {
            var unused = cutoff.disarm(cutoff.arm(0));
            timer = time.scheduled;
        }

        @Actor
        public void attempt(II_Result r) {
            Cutoff.Slot slot = cutoff.arm(0);
            boolean another = time.scheduled != timer;
            while (!another && !Thread.currentThread().isInterrupted()) {
                Thread.onSpinWait(); // hangs if neither comes
                another = time.scheduled != timer;
            }
            boolean cut = cutoff.disarm(slot);
            r.r1 = cut ? 1 : 0;
            r.r2 = another && !cut ? 1 : 0;
        }

        @Actor
        public void timer() {
            timer.run();
        }
    }
}
