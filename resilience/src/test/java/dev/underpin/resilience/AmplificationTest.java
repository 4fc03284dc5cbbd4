package dev.underpin.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * How much more load retries put on a dependency that fails: 20 clients, each of 50 calls a second and of up to three
 * attempts, without a breaker; for a minute, and where the length changes nothing for a quarter of one. Discrete events on virtual time; all else is the real thing.
 */
class AmplificationTest {
    private static final int CLIENTS = 20;
    private static final int MINUTE = 50 * 60;
    private static final int QUARTER = MINUTE / 4;
    private static final Duration INTERVAL = Duration.ofMillis(20);
    private static final Result<String, DomainError> DOWN =
            Result.err(ErrorKind.UNAVAILABLE.code().error());

    private final VirtualTime time = new VirtualTime();
    private final Random random = new Random(23);
    private int attempts;
    private int succeeded;
    private int ended;

    private static RetryBudget unlimited() {
        return RetryBudget.tokens(Integer.MAX_VALUE, 1, 1);
    }

    /** Counts what happens if such a share of attempts fails. */
    private void run(int calls, double failing, Supplier<RetryBudget> budget) {
        for (int i = 0; i < CLIENTS; i++) {
            Pipeline client = Pipeline.named("client-" + i)
                    .time(time)
                    .random(random)
                    .executor(Runnable::run)
                    .breaker(BreakerPolicy.none())
                    .budget(budget.get())
                    .build();
            callOften(client, failing, calls, Duration.ofNanos(random.nextInt(20_000_000)));
        }
        time.advance(Duration.ofSeconds(70));
        assertThat(ended).isEqualTo(CLIENTS * calls);
    }

    private void callOften(Pipeline client, double failing, int times, Duration delay) {
        if (times == 0) {
            return;
        }
        var unused = time.schedule(delay, () -> {
            callOften(client, failing, times - 1, INTERVAL);
            var unusedToo = client.<String>callAsync(Call.idempotent(), attempt -> {
                        attempts++;
                        return CompletableFuture.completedFuture(
                                random.nextDouble() < failing ? DOWN : Result.ok("yes"));
                    })
                    .thenAccept(answer -> {
                        ended++;
                        succeeded += answer.isOk() ? 1 : 0;
                    });
        });
    }

    private double amplification() {
        return (double) attempts / ended;
    }

    private double success() {
        return (double) succeeded / ended;
    }

    @Test
    void outage_withTheStandardBudget_addsNextToNothing() {
        run(MINUTE, 1, RetryBudget::standard);

        assertThat(succeeded).isZero();
        assertThat(amplification()).isBetween(1.001, 1.05);
    }

    /** The control: without the budget the same clients treble the load. */
    @Test
    void outage_withoutABudget_trebles() {
        run(QUARTER, 1, AmplificationTest::unlimited);

        assertThat(amplification()).isEqualTo(3.0);
    }

    @Test
    void outage_withAShare_addsThatShareAndTheMinimum() {
        run(QUARTER, 1, () -> RetryBudget.ratio(0.2, 10));

        assertThat(amplification()).isBetween(1.3, 1.6);
    }

    @Test
    void fiveInAHundredFail_withTheStandardBudget_nearlyAllCallsSucceed() {
        run(QUARTER, 0.05, RetryBudget::standard);

        assertThat(success()).isGreaterThanOrEqualTo(0.999);
        assertThat(amplification()).isBetween(1.04, 1.06);
    }

    /** The control: it is the retries that save them. */
    @Test
    void fiveInAHundredFail_withNextToNoBudget_theyFail() {
        run(QUARTER, 0.05, () -> RetryBudget.ratio(0.0001, 0));

        assertThat(success()).isLessThan(0.98);
    }
}
