package dev.underpin.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * A server that does 250 requests a second, one after the other, and is asked for 212, stands still for ten seconds; a
 * quarter of the figures that are mostly taken, at the same ratio, to save time. Its clients give an attempt a second and make up to three. Whether they are served again when it goes on depends on what
 * waits in its queue then, and on how much they add. Discrete events on virtual time, through the headers of the attempts.
 */
class MetastableRecoveryTest {
    private static final Duration SERVICE = Duration.ofMillis(4);
    private static final Duration ALWAYS = Duration.ofDays(1);
    private static final int PER_SECOND = 212;
    private static final int STALL_BEGINS = 3;
    private static final int STALL_ENDS = 13;
    private static final int END = 43;

    private final VirtualTime time = new VirtualTime();
    private final long start = time.nanoTime();
    private final Random random = new Random(5);

    /** Of the calls that began in a tenth of a second. */
    private final int[] called = new int[END * 10 + 1];

    private final int[] served = new int[END * 10 + 1];

    private final LoadShedder.Builder server =
            LoadShedder.named("server").time(time).executor(Runnable::run).maxConcurrent(1);
    private boolean dropsExpired;
    private RetryBudget budget = RetryBudget.standard();

    private Duration now() {
        return Duration.ofNanos(time.nanoTime() - start);
    }

    private void run() {
        LoadShedder door = server.build();
        Pipeline client = Pipeline.named("server")
                .time(time)
                .random(random)
                .executor(Runnable::run)
                .attemptTimeout(Duration.ofSeconds(1))
                .breaker(BreakerPolicy.none())
                .budget(budget)
                .build();
        arrive(client, door);
        time.advance(Duration.ofSeconds(END));
    }

    private void arrive(Pipeline client, LoadShedder door) {
        // Arrivals without memory: exponential times between them.
        long gap = (long) (-Math.log(1 - random.nextDouble()) * 1e9 / PER_SECOND);
        var unused = time.schedule(Duration.ofNanos(gap), () -> {
            int slot = (int) (now().toMillis() / 100);
            called[slot]++;
            var unusedToo = client.<String>callAsync(Call.idempotent(), attempt -> request(attempt, door))
                    .thenAccept(answer -> served[slot] += answer.isOk() ? 1 : 0);
            arrive(client, door);
        });
    }

    /** A client that gives up closes nothing at the server: it keeps a copy. */
    private CompletableFuture<Result<String, DomainError>> request(Attempt attempt, LoadShedder door) {
        Deadline deadline = dropsExpired
                ? Deadline.parse(attempt.headers().get(Deadline.HEADER), time).orElseThrow()
                : Deadline.after(ALWAYS, time);
        return door.callAsync(deadline, this::work).copy();
    }

    private CompletableFuture<Result<String, DomainError>> work() {
        var answer = new CompletableFuture<Result<String, DomainError>>();
        boolean stalled = now().toSeconds() >= STALL_BEGINS && now().toSeconds() < STALL_ENDS;
        Duration until = stalled ? Duration.ofSeconds(STALL_ENDS).minus(now()) : Duration.ZERO;
        var unused = time.schedule(until.plus(SERVICE), () -> answer.complete(Result.ok("yes")));
        return answer;
    }

    private double success(int fromTenth, int toTenth) {
        int all = 0;
        int well = 0;
        for (int i = fromTenth; i < toTenth; i++) {
            all += called[i];
            well += served[i];
        }
        return (double) well / all;
    }

    /** {@return how many tenths of a second after the stall calls began to be served, and were from then on} */
    private int recovery() {
        int from = (END - 5) * 10; // the last ones may not have ended
        int tenth = from;
        while (tenth > 0 && success(tenth - 1, tenth) >= 0.99) {
            tenth--;
        }
        return tenth == from ? Integer.MAX_VALUE : Math.max(0, tenth - STALL_ENDS * 10);
    }

    @Test
    void stall_withBudgetAndDroppingOfExpiredWork_isOverWithinASecond() {
        server.maxQueued(Integer.MAX_VALUE, ALWAYS);
        dropsExpired = true;

        run();

        assertThat(success(0, STALL_BEGINS * 10 - 20)).isEqualTo(1);
        assertThat(success(STALL_BEGINS * 10 + 10, STALL_ENDS * 10 - 30)).isZero();
        assertThat(recovery()).isLessThanOrEqualTo(10);
    }

    @Test
    void stall_withABoundedQueue_isOverAtOnce() {
        // A queue of a fifth of a second: until that has moved on, some are still turned away.
        server.maxQueued(50, ALWAYS);

        run();

        assertThat(success(STALL_BEGINS * 10 + 10, STALL_ENDS * 10 - 30)).isLessThan(0.01);
        assertThat(recovery()).isLessThanOrEqualTo(2);
    }

    @Test
    void stall_withAllThree_isOverAtOnce() {
        server.maxQueued(50, Duration.ofSeconds(1));
        dropsExpired = true;

        run();

        assertThat(recovery()).isLessThanOrEqualTo(2);
    }

    /** The control: the server works for those who have gone, and they come back three times. */
    @Test
    void stall_withoutBudgetAndDropping_isNotOverLongAfter() {
        server.maxQueued(Integer.MAX_VALUE, ALWAYS);
        budget = RetryBudget.tokens(Integer.MAX_VALUE, 1, 1);

        run();

        assertThat(success(0, STALL_BEGINS * 10 - 20)).isEqualTo(1);
        assertThat(success((END - 15) * 10, (END - 5) * 10)).isLessThan(0.05);
    }
}
