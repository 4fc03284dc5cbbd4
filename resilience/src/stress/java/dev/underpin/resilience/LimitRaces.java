package dev.underpin.resilience;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** Two threads at one permit, or one token. */
final class LimitRaces {
    private LimitRaces() {}

    @JCStressTest
    @Outcome(id = {"1, 0", "0, 1"}, expect = ACCEPTABLE, desc = "one of them got it")
    @State
    public static class LastPermitOfAKey {
        private final RateLimiter<String> limiter = RateLimiter.named("api")
                .limit(1, Duration.ofSeconds(1))
                .maxKeys(2)
                .time(new StoppedTime())
                .build();

        @Actor
        public void one(II_Result r) {
            r.r1 = limiter.tryAcquire("a").isOk() ? 1 : 0;
        }

        @Actor
        public void other(II_Result r) {
            r.r2 = limiter.tryAcquire("a").isOk() ? 1 : 0;
        }
    }

    @JCStressTest
    @Outcome(id = {"1, 1, 0", "1, 0, 0"}, expect = ACCEPTABLE, desc = "what was taken of the key is counted")
    @Outcome(id = "0, 1, 0", expect = ACCEPTABLE, desc = "both shared a permit, and the other one got it")
    @State
    public static class TakeAndSweep {
        private final StoppedTime time = new StoppedTime();
        private final RateLimiter<String> limiter = RateLimiter.named("api")
                .limit(1, Duration.ofSeconds(1))
                .maxKeys(1)
                .time(time)
                .build();

        public TakeAndSweep() {
            var unused = limiter.tryAcquire("a");
            time.nanos = 2_000_000_000; // and it is back
        }

        @Actor
        public void takes(III_Result r) {
            r.r1 = limiter.tryAcquire("a").isOk() ? 1 : 0;
        }

        @Actor
        public void sweeps(III_Result r) {
            r.r2 = limiter.tryAcquire("b").isOk() ? 1 : 0;
        }

        @Arbiter
        public void afterwards(III_Result r) {
            r.r3 = limiter.tryAcquire("a").isOk() ? 1 : 0;
        }
    }

    @JCStressTest
    @Outcome(id = {"14, 0, 1", "0, 14, 1"}, expect = ACCEPTABLE, desc = "15 tokens pay for one of them")
    @State
    public static class TwoWithdraw {
        private final RetryBudget budget = RetryBudget.tokens(15, 14, 5);

        @Actor
        public void one(III_Result r) {
            r.r1 = budget.withdraw(false, 0);
        }

        @Actor
        public void other(III_Result r) {
            r.r2 = budget.withdraw(false, 0);
        }

        @Arbiter
        public void afterwards(III_Result r) {
            r.r3 = (int) budget.left(0);
        }
    }

    @JCStressTest
    @Outcome(id = {"14, 0", "0, 14"}, expect = ACCEPTABLE, desc = "the last token came in time, or not")
    @State
    public static class WithdrawAndSucceed {
        private final RetryBudget budget = RetryBudget.tokens(14, 14, 1);

        public WithdrawAndSucceed() {
            var unused = budget.withdraw(true, 0); // 13 are left
        }

        @Actor
        public void withdraws(II_Result r) {
            r.r1 = budget.withdraw(false, 0);
        }

        @Actor
        public void succeeds() {
            budget.succeeded(0);
        }

        @Arbiter
        public void afterwards(II_Result r) {
            r.r2 = (int) budget.left(0);
        }
    }
}
