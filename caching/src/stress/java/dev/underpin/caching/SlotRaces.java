package dev.underpin.caching;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** Two threads at one slot. */
@SuppressWarnings("FutureReturnValueIgnored")
final class SlotRaces {
    private SlotRaces() {}

    private abstract static class OneSlot {
        final Slot<Integer, Integer> slot = new Slot<>(new ConcurrentHashMap<>(), 1, 0, 0);
        final AtomicInteger heard = new AtomicInteger();

        final boolean fill() {
            slot.result = Result.ok(7);
            return slot.finish(slot);
        }
    }

    @JCStressTest
    @Outcome(id = "1, 7", expect = ACCEPTABLE, desc = "heard of it once, and saw what it holds")
    @State
    public static class FinishAndHook extends OneSlot {
        private volatile int seen;

        @Actor
        public void finishes() {
            var unused = fill();
        }

        @Actor
        public void hooks() {
            var unused = slot.whenComplete((value, failure) -> {
                heard.incrementAndGet();
                seen = value.result == null ? -1 : value.result.orElse(-1);
            });
        }

        @Arbiter
        public void afterwards(II_Result r) {
            r.r1 = heard.get();
            r.r2 = seen;
        }
    }

    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "the load was first")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "its end was first")
    @State
    public static class FinishAndFinish extends OneSlot {
        @Actor
        public void loads(ZZ_Result r) {
            r.r1 = fill();
        }

        @Actor
        public void revokes(ZZ_Result r) {
            r.r2 = slot.finish(
                    slot.failed(Result.err(ErrorKind.TIMEOUT.code().error())));
        }
    }

    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "one of them runs the load")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "one of them runs the load")
    @State
    public static class StartAndStart extends OneSlot {
        @Actor
        public void first(ZZ_Result r) {
            r.r1 = slot.start();
        }

        @Actor
        public void second(ZZ_Result r) {
            r.r2 = slot.start();
        }
    }

    @JCStressTest
    @Outcome(id = "1, 0, 0", expect = ACCEPTABLE, desc = "begun, and then too late")
    @Outcome(id = "0, 0, 0", expect = ACCEPTABLE, desc = "too late to begin it")
    @State
    public static class StartAndRevoke extends OneSlot {
        @Actor
        public void starts(III_Result r) {
            r.r1 = slot.start() ? 1 : 0;
        }

        @Actor
        public void revokes() {
            slot.finish(slot.failed(Result.err(ErrorKind.TIMEOUT.code().error())));
        }

        @Arbiter
        public void afterwards(III_Result r) {
            r.r2 = slot.start() ? 1 : 0;
            r.r3 = slot.owner() == null ? 0 : 1;
        }
    }

    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "one of them sets the timer")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "one of them sets the timer")
    @State
    public static class ArmAndArm extends OneSlot {
        @Actor
        public void first(ZZ_Result r) {
            r.r1 = slot.arm();
        }

        @Actor
        public void second(ZZ_Result r) {
            r.r2 = slot.arm();
        }
    }

    /** A load that finds a tag not invalidated, and keeps what it read, must have read what the store held afterwards. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "read the new value; whether or not it is kept")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "read the new value; whether or not it is kept")
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "read the old value, and it is not kept")
    @State
    public static class LoadAndTag {
        private final Tags tags = new Tags();
        private volatile int store;
        private long sequence;
        private Tags.Cell cell;

        @Actor
        public void loads(II_Result r) {
            sequence = tags.sequence();
            r.r1 = store;
            cell = tags.cells(List.of("tag"), null)[0];
        }

        @Actor
        public void invalidates() {
            store = 1;
            tags.remove("tag", 0);
        }

        @Arbiter
        public void afterwards(II_Result r) {
            r.r2 = cell.touched() > sequence ? 0 : 1;
        }
    }
}
