package dev.underpin.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetryBudgetTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private static int withdrawals(RetryBudget budget, boolean throttled, long now) {
        int count = 0;
        while (count < 10_000 && budget.withdraw(throttled, now) > 0) {
            count++;
        }
        return count;
    }

    /* ---- tokens ---- */

    @Test
    void withdraw_standard_paysForThirtyFiveRetriesOrAHundredThrottledOnes() {
        assertThat(withdrawals(RetryBudget.standard(), false, 0)).isEqualTo(35);
        assertThat(withdrawals(RetryBudget.standard(), true, 0)).isEqualTo(100);
    }

    @Test
    void withdraw_tellsWhatItCost() {
        RetryBudget budget = RetryBudget.tokens(20, 14, 5);

        assertThat(budget.withdraw(false, 0)).isEqualTo(14);
        assertThat(budget.withdraw(false, 0)).isZero();
        assertThat(budget.withdraw(true, 0)).isEqualTo(5);
        assertThat(budget.left(0)).isEqualTo(1);
        assertThat(budget.withdraw(true, 0)).isZero();
        assertThat(budget.left(0)).isEqualTo(1);
    }

    @Test
    void succeeded_atOnce_givesOneToken() {
        RetryBudget budget = RetryBudget.tokens(14, 14, 5);
        assertThat(budget.withdraw(false, 0)).isEqualTo(14);
        for (int i = 0; i < 13; i++) {
            budget.succeeded(0);
        }

        assertThat(budget.withdraw(false, 0)).isZero();
        budget.succeeded(0);
        assertThat(budget.withdraw(false, 0)).isEqualTo(14);
    }

    @Test
    void succeeded_byARetry_givesBackWhatThatCost() {
        RetryBudget budget = RetryBudget.tokens(100, 14, 5);
        int cost = budget.withdraw(false, 0);
        cost = budget.withdraw(true, 0) > 0 ? 5 : cost;

        budget.succeeded(cost);

        assertThat(budget.left(0)).isEqualTo(86);
    }

    @Test
    void succeeded_full_staysFull() {
        RetryBudget budget = RetryBudget.tokens(100, 14, 5);
        budget.succeeded(0);
        budget.succeeded(14);
        assertThat(budget.left(0)).isEqualTo(100);

        assertThat(budget.withdraw(true, 0)).isEqualTo(5);
        budget.succeeded(14);
        assertThat(budget.left(0)).isEqualTo(100);
    }

    @Test
    void withdraw_byManyThreads_isNeverMoreThanThereIs() throws Exception {
        RetryBudget budget = RetryBudget.tokens(5_000, 1, 1);

        assertThat(byThreads(() -> withdrawals(budget, false, 0))).isEqualTo(5_000);
        assertThat(budget.left(0)).isZero();
        assertThat(byThreads(() -> {
                    for (int i = 0; i < 1_000; i++) {
                        budget.succeeded(0);
                    }
                    return 0;
                }))
                .isZero();
        assertThat(budget.left(0)).isEqualTo(4_000);
    }

    private static int byThreads(IntSupplier work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            var start = new CountDownLatch(1);
            List<Future<Integer>> results = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                results.add(threads.submit(() -> {
                    start.await();
                    return work.getAsInt();
                }));
            }
            start.countDown();
            int sum = 0;
            for (Future<Integer> result : results) {
                sum += result.get(30, TimeUnit.SECONDS);
            }
            return sum;
        } finally {
            threads.shutdownNow();
        }
    }

    /* ---- ratio ---- */

    @Test
    void withdraw_ratioWithoutCalls_isTheMinimumOfTenSeconds() {
        assertThat(withdrawals(RetryBudget.ratio(0.2, 3), false, 0)).isEqualTo(30);
        assertThat(withdrawals(RetryBudget.ratio(0.2, 0), false, 0)).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 15_000_000_000L, Long.MIN_VALUE, -1, Long.MAX_VALUE, Long.MAX_VALUE - 2_000_000_000L})
    void withdraw_ratioWithCalls_isTheirShareWhateverTheOrigin(long origin) {
        RetryBudget budget = RetryBudget.ratio(0.2, 0);
        for (int i = 0; i < 100; i++) {
            budget.call(origin + i * SECOND / 20); // over five seconds
        }

        assertThat(budget.left(origin + 5 * SECOND)).isEqualTo(20);
        assertThat(withdrawals(budget, false, origin + 5 * SECOND)).isEqualTo(20);
        assertThat(budget.left(origin + 9 * SECOND)).isZero();
        assertThat(budget.withdraw(false, origin + 9 * SECOND)).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Long.MAX_VALUE - 2_000_000_000L})
    void left_afterTenSeconds_isWhatThoseHold(long origin) {
        RetryBudget budget = RetryBudget.ratio(0.5, 1);
        for (int i = 0; i < 100; i++) {
            budget.call(origin);
        }
        assertThat(withdrawals(budget, false, origin)).isEqualTo(60);

        assertThat(budget.left(origin + 9 * SECOND)).isZero();
        assertThat(budget.left(origin + 11 * SECOND)).isEqualTo(10);
        budget.call(origin + 40 * SECOND);
        assertThat(budget.left(origin + 40 * SECOND)).isEqualTo(10.5);
        assertThat(budget.left(origin + 400_000 * SECOND)).isEqualTo(10);
    }

    @Test
    void succeeded_ratio_changesNothing() {
        RetryBudget budget = RetryBudget.ratio(0.5, 1);
        int cost = budget.withdraw(true, 0);

        budget.succeeded(cost);

        assertThat(cost).isEqualTo(1);
        assertThat(budget.left(0)).isEqualTo(9);
    }

    @Test
    void count_byManyThreads_losesNone() throws Exception {
        RetryBudget budget = RetryBudget.ratio(1, 0);

        assertThat(byThreads(() -> {
                    for (int i = 0; i < 5_000; i++) {
                        budget.call(i * 1_000_000L);
                    }
                    return 0;
                }))
                .isZero();

        assertThat(budget.left(5 * SECOND)).isEqualTo(20_000);
    }

    /* ---- configuration ---- */

    @Test
    void aValueThatCannotBe_isRefusedByName() {
        assertThatThrownBy(() -> RetryBudget.tokens(0, 1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("capacity must be at least 1: 0");
        assertThatThrownBy(() -> RetryBudget.tokens(10, 0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("cost must be at least 1: 0");
        assertThatThrownBy(() -> RetryBudget.tokens(10, 1, 11))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("throttleCost must not be above the capacity of 10: 11");
        for (double share : new double[] {0, -0.1, 1.1, Double.NaN}) {
            assertThatThrownBy(() -> RetryBudget.ratio(share, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("share must be above 0 and at most 1");
        }
        assertThatThrownBy(() -> RetryBudget.ratio(1, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("minPerSecond must be at least 0: -1");
        assertThat(RetryBudget.tokens(10, 10, 10).left(0)).isEqualTo(10);
        assertThat(RetryBudget.ratio(1, 0).left(0)).isZero();
    }

    @Test
    void describe_isItsSettings() {
        assertThat(RetryBudget.standard().describe())
                .isEqualTo(Map.of("budget.capacity", "500", "budget.cost", "14", "budget.throttle-cost", "5"));
        assertThat(RetryBudget.ratio(0.00001, 3).describe())
                .isEqualTo(Map.of("budget.share", "0.000010", "budget.min-per-second", "3"));
    }

    /* ---- in a pipeline: scenario 23 ---- */

    private final VirtualTime time = new VirtualTime();
    private final AtomicInteger attempts = new AtomicInteger();
    private final List<StopReason> reasons = new ArrayList<>();

    private Pipeline pipeline(RetryBudget budget) {
        return Pipeline.named("risk")
                .time(time)
                .budget(budget)
                .breaker(BreakerPolicy.none())
                .listener(new PipelineListener() {
                    @Override
                    public void onCall(
                            String pipeline, int attempts, long nanos, StopReason stopped, @Nullable ErrorCode error) {
                        reasons.add(stopped);
                    }
                })
                .build();
    }

    /** {@return how many attempts a call took, of which so many fail} */
    private int call(Pipeline pipeline, int failing) {
        attempts.set(0);
        Result<String, DomainError> unused = pipeline.call(
                Call.idempotent(),
                attempt -> attempts.incrementAndGet() <= failing
                        ? Result.err(ErrorKind.UNAVAILABLE.code().error())
                        : Result.ok("yes"));
        return attempts.get();
    }

    @Test
    void call_budgetEmpty_makesItsFirstAttemptAndReturnsItsError() {
        Pipeline pipeline = pipeline(RetryBudget.tokens(28, 14, 5));
        assertThat(call(pipeline, 3)).isEqualTo(3);

        assertThat(call(pipeline, 3)).isEqualTo(1);
        assertThat(call(pipeline, 3)).isEqualTo(1);

        assertThat(reasons).containsExactly(StopReason.ATTEMPTS, StopReason.BUDGET, StopReason.BUDGET);
        assertThat(pipeline.state().budget()).isZero();
    }

    @Test
    void call_successesAfterAnEmptyBudget_payForRetriesAgain() {
        Pipeline pipeline = pipeline(RetryBudget.tokens(14, 14, 5));
        assertThat(call(pipeline, 3)).isEqualTo(2);
        for (int i = 0; i < 13; i++) {
            assertThat(call(pipeline, 0)).isEqualTo(1);
        }
        assertThat(call(pipeline, 3)).isEqualTo(1);
        assertThat(call(pipeline, 0)).isEqualTo(1);

        assertThat(call(pipeline, 1)).isEqualTo(2);
        assertThat(pipeline.state().budget())
                .as("the retry gave back what it cost")
                .isEqualTo(14);
    }

    @Test
    void call_twoPipelinesWithOneBudget_payFromIt() {
        RetryBudget budget = RetryBudget.tokens(28, 14, 5);
        Pipeline one = pipeline(budget);
        Pipeline other = pipeline(budget);

        assertThat(call(one, 3)).isEqualTo(3);

        assertThat(call(other, 3)).isEqualTo(1);
    }

    @Test
    void reconfigure_otherFigures_keepsWhatWasUsed() {
        Pipeline pipeline = pipeline(RetryBudget.tokens(100, 14, 5));
        assertThat(call(pipeline, 3)).isEqualTo(3);

        pipeline.reconfigure(builder -> builder.budget(RetryBudget.tokens(500, 10, 5)));
        assertThat(pipeline.state().budget()).isEqualTo(72);
        pipeline.reconfigure(builder -> builder.budget(RetryBudget.tokens(50, 10, 5)));
        assertThat(pipeline.state().budget()).isEqualTo(50);
        pipeline.reconfigure(builder -> builder.budget(RetryBudget.ratio(0.5, 1)));
        assertThat(pipeline.state().budget()).isEqualTo(10);
    }

    @Test
    void reconfigure_anotherShare_keepsWhatWasCounted() {
        Pipeline pipeline = pipeline(RetryBudget.ratio(0.5, 1));
        assertThat(call(pipeline, 3)).isEqualTo(3);

        pipeline.reconfigure(builder -> builder.budget(RetryBudget.ratio(1, 1)));

        assertThat(pipeline.state().budget()).isEqualTo(10 + 1 - 2);
    }

    @Test
    void reconfigure_aBudgetThatIsShared_isSharedFromThenOn() {
        RetryBudget tokens = RetryBudget.tokens(28, 14, 5);
        RetryBudget share = RetryBudget.ratio(0.5, 1);
        for (RetryBudget shared : List.of(tokens, share)) {
            Pipeline one = pipeline(shared);
            Pipeline other = pipeline(RetryBudget.standard());
            assertThat(call(one, 1)).isEqualTo(2);
            double left = one.state().budget();

            other.reconfigure(builder -> builder.budget(shared));
            other.reconfigure(builder -> builder.deadline(Duration.ofSeconds(1)));

            assertThat(one.state().budget()).isEqualTo(left);
            assertThat(call(other, 3)).isEqualTo(3);
            assertThat(one.state().budget())
                    .isLessThan(left)
                    .isEqualTo(other.state().budget());
        }
    }
}
