package dev.underpin.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BreakerTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final long SECOND_NANOS = SECOND.toNanos();

    /** The middle of the range: open waits are not changed by it. */
    private static final RandomGenerator MIDDLE = () -> Long.MIN_VALUE;

    /** Opens at half of four calls, for a second at first, and closes by two probes. */
    private static final BreakerPolicy SMALL = BreakerPolicy.standard()
            .failureRate(0.5, 4, 4)
            .openFor(SECOND, Duration.ofSeconds(10))
            .probes(2);

    private static final long PROBE_NANOS = 3 * SECOND_NANOS;

    private final VirtualTime time = new VirtualTime();
    private final LongAdder late = new LongAdder();
    private final List<String> transitions = new CopyOnWriteArrayList<>();
    private final PipelineListener listener = new PipelineListener() {
        @Override
        public void onBreaker(String pipeline, PipelineState.Breaker from, PipelineState.Breaker to) {
            transitions.add(from + ">" + to);
        }
    };

    private Breaker breaker(BreakerPolicy policy) {
        return breaker(policy, MIDDLE);
    }

    private Breaker breaker(BreakerPolicy policy, RandomGenerator random) {
        return new Breaker("risk", this, settings(policy), time, random, late);
    }

    private Breaker.Settings settings(BreakerPolicy policy) {
        return new Breaker.Settings(policy, PROBE_NANOS, new Notices("risk", listener, new LongAdder()));
    }

    @CanIgnoreReturnValue
    private Breaker opened(BreakerPolicy policy) {
        Breaker breaker = breaker(policy);
        fail(breaker, 4);
        assertThat(breaker.state(time.nanoTime())).isEqualTo(PipelineState.Breaker.OPEN);
        return breaker;
    }

    private Breaker halfOpen() {
        Breaker breaker = opened(SMALL);
        time.advance(SECOND);
        return breaker;
    }

    @CanIgnoreReturnValue
    private Breaker.Phase acquire(Breaker breaker) {
        Breaker.Phase permit = breaker.tryAcquire(time.nanoTime());
        assertThat(permit).isNotNull();
        return permit;
    }

    private void succeed(Breaker breaker, int calls) {
        for (int i = 0; i < calls; i++) {
            breaker.success(acquire(breaker), 0, time.nanoTime());
        }
    }

    private void fail(Breaker breaker, int calls) {
        fail(breaker, calls, unavailable());
    }

    private void fail(Breaker breaker, int calls, DomainError error) {
        for (int i = 0; i < calls; i++) {
            breaker.failure(acquire(breaker), 0, time.nanoTime(), error);
        }
    }

    private boolean isRefused(Breaker breaker) {
        return breaker.tryAcquire(time.nanoTime()) == null;
    }

    private static DomainError unavailable() {
        return ErrorKind.UNAVAILABLE.code().error();
    }

    private static DomainError unavailable(Duration retryAfter) {
        return DomainError.builder(ErrorKind.UNAVAILABLE.code())
                .retryAfter(retryAfter)
                .build();
    }

    /* ---- closed ---- */

    @Test
    void failure_belowTheMinimumOfCalls_staysClosed() {
        Breaker breaker = breaker(SMALL);

        fail(breaker, 3);

        assertThat(breaker.state(time.nanoTime())).isEqualTo(PipelineState.Breaker.CLOSED);
        fail(breaker, 1);
        assertThat(breaker.state(time.nanoTime())).isEqualTo(PipelineState.Breaker.OPEN);
        assertThat(transitions).containsExactly("CLOSED>OPEN");
    }

    @Test
    void failure_rateReachedByTheLastCalls_opens() {
        Breaker breaker = breaker(SMALL);
        succeed(breaker, 100);

        fail(breaker, 1);
        assertThat(breaker.state(time.nanoTime())).isEqualTo(PipelineState.Breaker.CLOSED);
        fail(breaker, 1);

        assertThat(breaker.state(time.nanoTime())).isEqualTo(PipelineState.Breaker.OPEN);
    }

    @Test
    void release_ofClosedPermits_countsForNothing() {
        Breaker breaker = breaker(BreakerPolicy.standard().failureRate(0.5, 100, 100));
        succeed(breaker, 60);
        fail(breaker, 39);
        for (int i = 0; i < 400; i++) {
            breaker.release(acquire(breaker));
        }

        fail(breaker, 1);

        // 40 of 100, with none of the 400 among them, or it were 1 of 100 and then not open after ten more
        assertThat(breaker.state(time.nanoTime())).isEqualTo(PipelineState.Breaker.CLOSED);
        fail(breaker, 10);
        assertThat(breaker.state(time.nanoTime())).isEqualTo(PipelineState.Breaker.OPEN);
    }

    @Test
    void success_slowCalls_open() {
        Breaker breaker = breaker(SMALL.slow(Duration.ofMillis(100), 0.5));
        succeed(breaker, 2);

        for (int i = 0; i < 2; i++) {
            breaker.success(acquire(breaker), Duration.ofMillis(100).toNanos(), time.nanoTime());
        }
        assertThat(breaker.state(time.nanoTime())).isEqualTo(PipelineState.Breaker.CLOSED);
        for (int i = 0; i < 2; i++) {
            breaker.success(acquire(breaker), Duration.ofMillis(100).toNanos() + 1, time.nanoTime());
        }

        assertThat(breaker.state(time.nanoTime())).isEqualTo(PipelineState.Breaker.OPEN);
    }

    @Test
    void failure_windowIsAPeriod_forgetsWhatIsOlder() {
        Breaker breaker = breaker(SMALL.failureRate(0.5, Duration.ofSeconds(10), 4));
        fail(breaker, 3);
        time.advance(Duration.ofSeconds(9));
        time.jumpWallClock(Duration.ofHours(-2));
        time.advance(SECOND);
        time.jumpWallClock(Duration.ofHours(1));

        fail(breaker, 3);

        assertThat(breaker.state(time.nanoTime())).as("3 of 3").isEqualTo(PipelineState.Breaker.CLOSED);
        time.advance(Duration.ofSeconds(10));
        succeed(breaker, 4);
        fail(breaker, 3);
        assertThat(breaker.state(time.nanoTime())).as("3 of 7").isEqualTo(PipelineState.Breaker.CLOSED);
        fail(breaker, 1);
        assertThat(breaker.state(time.nanoTime())).as("4 of 8").isEqualTo(PipelineState.Breaker.OPEN);
    }

    @Test
    void failure_windowIsAPeriodAndNothingIsForgotten_opens() {
        Breaker breaker = breaker(SMALL.failureRate(0.5, Duration.ofSeconds(10), 4));
        fail(breaker, 3);
        time.advance(Duration.ofSeconds(9));

        fail(breaker, 1);

        assertThat(breaker.state(time.nanoTime())).isEqualTo(PipelineState.Breaker.OPEN);
    }

    @Test
    void failure_errorThatCannotBeShown_counts() {
        DomainError error = new DomainError() {
            @Override
            public ErrorCode code() {
                return ErrorKind.UNAVAILABLE.code();
            }

            @Override
            public String toString() {
                throw new AssertionError("an error value is counted, not written down");
            }
        };
        Breaker breaker = breaker(SMALL);

        fail(breaker, 4, error);

        assertThat(breaker.state(time.nanoTime())).isEqualTo(PipelineState.Breaker.OPEN);
    }

    /* ---- open ---- */

    @ParameterizedTest
    @ValueSource(longs = {-3_600, 0, 3_600})
    void tryAcquire_wallClockJumpsWhileOpen_opensForExactlyTheWait(long jumpSeconds) {
        Breaker breaker = opened(SMALL);

        time.jumpWallClock(Duration.ofSeconds(jumpSeconds));
        time.advance(SECOND.minusNanos(1));

        assertThat(isRefused(breaker)).isTrue();
        assertThat(breaker.rejection(time.nanoTime()).retryAfter()).isPresent();
        time.advance(Duration.ofNanos(1));
        assertThat(isRefused(breaker)).isFalse();
        assertThat(breaker.state(time.nanoTime())).isEqualTo(PipelineState.Breaker.HALF_OPEN);
    }

    @Test
    void open_againAndAgain_waitsTwiceAsLongUpToTheLongest() {
        Breaker breaker = opened(SMALL);
        List<Duration> waits = new ArrayList<>();

        for (int i = 0; i < 6; i++) {
            Duration wait = breaker.rejection(time.nanoTime()).retryAfter().orElseThrow();
            waits.add(wait);
            time.advance(wait.minusNanos(1));
            assertThat(isRefused(breaker)).isTrue();
            time.advance(Duration.ofNanos(1));
            fail(breaker, 2);
        }

        assertThat(waits).extracting(Duration::toSeconds).containsExactly(1L, 2L, 4L, 8L, 10L, 10L);
    }

    @Test
    void open_afterARecovery_waitsAsShortAsAtFirst() {
        Breaker breaker = opened(SMALL);
        time.advance(SECOND);
        fail(breaker, 2);
        time.advance(SECOND.multipliedBy(2));
        succeed(breaker, 2);
        assertThat(breaker.state(time.nanoTime())).isEqualTo(PipelineState.Breaker.CLOSED);

        fail(breaker, 4);

        assertThat(breaker.rejection(time.nanoTime()).retryAfter()).contains(SECOND);
    }

    @Test
    void open_seeds_spreadTheWaitsByHalfEitherWay() {
        List<List<Long>> fleet = new ArrayList<>();
        for (int seed = 0; seed < 200; seed++) {
            Breaker breaker = breaker(SMALL, new Random(seed * 0x9e3779b97f4a7c15L));
            fail(breaker, 4);
            List<Long> waits = new ArrayList<>();
            for (long base : new long[] {1, 2, 4, 8, 10}) {
                Duration wait = breaker.rejection(time.nanoTime()).retryAfter().orElseThrow();
                assertThat(wait.toNanos()).isBetween(base * SECOND_NANOS / 2, base * SECOND_NANOS * 3 / 2);
                waits.add(wait.toNanos());
                time.advance(wait);
                fail(breaker, 2);
            }
            fleet.add(waits);
        }

        assertThat(IntStream.range(0, 5)
                        .mapToObj(i -> fleet.stream()
                                .map(waits -> waits.get(i))
                                .distinct()
                                .count()))
                .as("different waits of 200 instances, first to fifth")
                .containsOnly(200L);
        List<Long> first = fleet.stream().map(waits -> waits.get(0)).sorted().toList();
        assertThat(first.get(20)).isLessThan(SECOND_NANOS * 65 / 100);
        assertThat(first.get(180)).isGreaterThan(SECOND_NANOS * 135 / 100);
    }

    @Test
    void open_errorSaysWhenToComeBack_waitsAtLeastThatLong() {
        Breaker breaker = breaker(SMALL);

        fail(breaker, 4, unavailable(Duration.ofSeconds(4)));

        // and a quarter of it, which is what the middle of the range adds
        assertThat(breaker.rejection(time.nanoTime()).retryAfter()).contains(Duration.ofSeconds(5));
        time.advance(Duration.ofSeconds(5).minusNanos(1));
        assertThat(isRefused(breaker)).isTrue();
        time.advance(Duration.ofNanos(1));
        assertThat(isRefused(breaker)).isFalse();
    }

    @Test
    void open_errorAsksForMoreThanTheLongestWait_waitsThatLong() {
        Breaker breaker = breaker(SMALL);

        fail(breaker, 4, unavailable(Duration.ofDays(1)));

        assertThat(breaker.rejection(time.nanoTime()).retryAfter()).contains(Duration.ofSeconds(10));
    }

    @Test
    void open_manyErrorsThatSayWhenToComeBack_isNotForAllTheSameTime() {
        Set<Duration> waits = ConcurrentHashMap.newKeySet();
        for (int seed = 0; seed < 100; seed++) {
            Breaker breaker = breaker(SMALL, new Random(seed * 0x9e3779b97f4a7c15L));
            fail(breaker, 4, unavailable(Duration.ofSeconds(4)));
            waits.add(breaker.rejection(time.nanoTime()).retryAfter().orElseThrow());
        }

        assertThat(waits)
                .hasSize(100)
                .allSatisfy(wait -> assertThat(wait).isBetween(Duration.ofSeconds(4), Duration.ofSeconds(6)));
    }

    @Test
    void open_laterErrorSaysNothing_forgetsTheHint() {
        Breaker breaker = breaker(SMALL);

        fail(breaker, 3, unavailable(Duration.ofSeconds(4)));
        fail(breaker, 1);

        assertThat(breaker.rejection(time.nanoTime()).retryAfter()).contains(SECOND);
    }

    @Test
    void tryAcquire_openAndAskedVeryOften_refusesAndRecovers() {
        Breaker breaker = opened(SMALL);

        for (int i = 0; i < 100_000; i++) {
            assertThat(breaker.tryAcquire(time.nanoTime())).isNull();
        }

        assertThat(transitions).containsExactly("CLOSED>OPEN");
        time.advance(SECOND);
        succeed(breaker, 2);
        assertThat(breaker.state(time.nanoTime())).isEqualTo(PipelineState.Breaker.CLOSED);
    }

    @Test
    void rejection_openAskedAgain_isTheSameWhileItIsTrue() {
        Breaker breaker = opened(SMALL);

        Rejection first = breaker.rejection(time.nanoTime());
        assertThat(breaker.rejection(time.nanoTime())).isSameAs(first);
        assertThat(first.args())
                .containsEntry("lastError", "SERVICE_UNAVAILABLE")
                .containsEntry("name", "risk");
        time.advance(SECOND.dividedBy(2));

        assertThat(breaker.rejection(time.nanoTime()).retryAfter()).contains(SECOND.dividedBy(2));
    }

    @Test
    void rejection_halfOpen_knowsTheErrorAndNoTime() {
        Breaker breaker = halfOpen();
        acquire(breaker);
        acquire(breaker);
        assertThat(isRefused(breaker)).isTrue();

        Rejection rejection = breaker.rejection(time.nanoTime());

        assertThat(rejection.retryAfter()).isEmpty();
        assertThat(rejection.args()).containsEntry("lastError", "SERVICE_UNAVAILABLE");
        assertThat(breaker.rejection(time.nanoTime())).isSameAs(rejection);
    }

    /* ---- half open ---- */

    @Test
    void tryAcquire_halfOpenUnderManyThreads_givesAsManyPermitsAsProbes() throws Exception {
        Breaker breaker = opened(SMALL.probes(10));
        time.advance(SECOND);
        AtomicInteger permits = new AtomicInteger();

        onThreads(64, i -> {
            for (int call = 0; call < 50; call++) {
                if (breaker.tryAcquire(time.nanoTime()) != null) {
                    permits.incrementAndGet();
                }
            }
        });

        assertThat(permits).hasValue(10);
        assertThat(transitions).containsExactly("CLOSED>OPEN", "OPEN>HALF_OPEN");
    }

    @Test
    void callAsync_halfOpenUnderManyThreads_reachesTheCalleeWithTheProbesOnly() throws Exception {
        AtomicInteger refused = new AtomicInteger();
        Pipeline pipeline = Pipeline.named("risk")
                .time(time)
                .retry(RetryPolicy.none())
                .breaker(SMALL.probes(10))
                .listener(new PipelineListener() {
                    @Override
                    public void onRejected(String pipeline, ErrorCode reason) {
                        refused.incrementAndGet();
                    }
                })
                .build();
        open(pipeline);
        time.advance(Duration.ofSeconds(2));
        List<CompletableFuture<Result<String, DomainError>>> reached = new CopyOnWriteArrayList<>();
        List<CompletableFuture<Result<String, DomainError>>> answers = new CopyOnWriteArrayList<>();

        onThreads(64, i -> {
            for (int call = 0; call < 50; call++) {
                answers.add(pipeline.callAsync(Call.once(), attempt -> {
                    reached.add(new CompletableFuture<>());
                    return reached.get(reached.size() - 1);
                }));
            }
        });

        assertThat(reached).hasSize(10);
        assertThat(answers).hasSize(64 * 50);
        assertThat(answers.stream().filter(CompletableFuture::isDone)).hasSize(64 * 50 - 10);
        assertThat(refused).as("told once for each call").hasValue(64 * 50 - 10);
        reached.forEach(probe -> probe.complete(Result.ok("yes")));
        assertThat(pipeline.state().breaker()).isEqualTo(PipelineState.Breaker.CLOSED);
    }

    @Test
    void success_ofAllProbes_closes() {
        Breaker breaker = halfOpen();

        succeed(breaker, 1);
        assertThat(breaker.state(time.nanoTime())).isEqualTo(PipelineState.Breaker.HALF_OPEN);
        succeed(breaker, 1);

        assertThat(breaker.state(time.nanoTime())).isEqualTo(PipelineState.Breaker.CLOSED);
        assertThat(breaker.notClosedNanos(time.nanoTime())).isZero();
        assertThat(transitions).containsExactly("CLOSED>OPEN", "OPEN>HALF_OPEN", "HALF_OPEN>CLOSED");
    }

    @Test
    void failure_ofOneProbe_isJudgedWithTheOthers() {
        Breaker breaker = breaker(SMALL.failureRate(0.5, 4, 1).probes(3));
        fail(breaker, 1);
        time.advance(SECOND);

        fail(breaker, 1);
        assertThat(breaker.state(time.nanoTime())).isEqualTo(PipelineState.Breaker.HALF_OPEN);
        succeed(breaker, 2);

        assertThat(breaker.state(time.nanoTime())).as("1 of 3").isEqualTo(PipelineState.Breaker.CLOSED);
    }

    @Test
    void release_ofAProbe_givesThePermitToAnother() {
        Breaker breaker = halfOpen();
        Breaker.Phase probe = acquire(breaker);
        acquire(breaker);
        assertThat(isRefused(breaker)).isTrue();

        breaker.release(probe);

        assertThat(isRefused(breaker)).isFalse();
        assertThat(isRefused(breaker)).isTrue();
    }

    @Test
    void call_probeThrowsAnError_countsItAndRecovers() {
        Pipeline pipeline = Pipeline.named("risk")
                .time(time)
                .random(MIDDLE)
                .retry(RetryPolicy.none())
                .breaker(SMALL.probes(1))
                .build();
        open(pipeline);
        time.advance(SECOND);

        assertThatThrownBy(() -> pipeline.call(Call.once(), attempt -> {
                    throw new StackOverflowError();
                }))
                .isInstanceOf(StackOverflowError.class);

        assertThat(pipeline.state().breaker()).isEqualTo(PipelineState.Breaker.OPEN);
        time.advance(SECOND.multipliedBy(2));
        assertThat(pipeline.<String>call(Call.once(), attempt -> Result.ok("yes")))
                .isEqualTo(Result.ok("yes"));
        assertThat(pipeline.state().breaker()).isEqualTo(PipelineState.Breaker.CLOSED);
    }

    @Test
    void tryAcquire_probesNeverReturn_opensAgainAfterTheirTimeAndRecovers() {
        Breaker breaker = halfOpen();
        acquire(breaker);
        time.advance(SECOND);
        Breaker.Phase lost = acquire(breaker);
        time.advance(Duration.ofNanos(PROBE_NANOS - 1));
        assertThat(isRefused(breaker)).isTrue();
        assertThat(breaker.state(time.nanoTime())).isEqualTo(PipelineState.Breaker.HALF_OPEN);

        time.advance(Duration.ofNanos(1));

        assertThat(isRefused(breaker)).isTrue();
        assertThat(breaker.state(time.nanoTime())).isEqualTo(PipelineState.Breaker.OPEN);
        time.advance(SECOND.multipliedBy(2));
        succeed(breaker, 1);
        breaker.failure(lost, 0, time.nanoTime(), unavailable());
        assertThat(late.sum()).isEqualTo(1);
        succeed(breaker, 1);
        assertThat(breaker.state(time.nanoTime())).isEqualTo(PipelineState.Breaker.CLOSED);
    }

    /* ---- late results ---- */

    @Test
    void success_admittedBeforeItOpened_changesNothingAndIsCounted() {
        Breaker breaker = breaker(SMALL);
        List<Breaker.Phase> slow =
                IntStream.range(0, 5).mapToObj(i -> acquire(breaker)).toList();
        fail(breaker, 4);
        breaker.success(slow.get(0), 0, time.nanoTime());
        assertThat(breaker.state(time.nanoTime())).isEqualTo(PipelineState.Breaker.OPEN);
        time.advance(SECOND);
        Breaker.Phase probe = acquire(breaker);

        slow.subList(1, 5).forEach(permit -> breaker.success(permit, 0, time.nanoTime()));

        assertThat(late.sum()).isEqualTo(5);
        assertThat(breaker.state(time.nanoTime())).isEqualTo(PipelineState.Breaker.HALF_OPEN);
        acquire(breaker);
        assertThat(isRefused(breaker)).as("a third of two probes").isTrue();
        breaker.success(probe, 0, time.nanoTime());
        assertThat(breaker.state(time.nanoTime())).isEqualTo(PipelineState.Breaker.HALF_OPEN);
    }

    @Test
    void failure_admittedBeforeItOpened_failsNoProbeAndNoNewClosedPhase() {
        Breaker breaker = breaker(SMALL);
        List<Breaker.Phase> slow =
                IntStream.range(0, 6).mapToObj(i -> acquire(breaker)).toList();
        fail(breaker, 4);
        time.advance(SECOND);
        succeed(breaker, 1);

        slow.subList(0, 2).forEach(permit -> breaker.failure(permit, 0, time.nanoTime(), unavailable()));
        succeed(breaker, 1);
        assertThat(breaker.state(time.nanoTime())).isEqualTo(PipelineState.Breaker.CLOSED);
        slow.subList(2, 6).forEach(permit -> breaker.failure(permit, 0, time.nanoTime(), unavailable()));

        assertThat(breaker.state(time.nanoTime())).isEqualTo(PipelineState.Breaker.CLOSED);
        assertThat(late.sum()).isEqualTo(6);
    }

    @Test
    void release_admittedBeforeItOpened_addsNoProbe() {
        Breaker breaker = breaker(SMALL);
        List<Breaker.Phase> slow =
                IntStream.range(0, 5).mapToObj(i -> acquire(breaker)).toList();
        fail(breaker, 4);
        time.advance(SECOND);
        acquire(breaker);

        slow.forEach(breaker::release);

        acquire(breaker);
        assertThat(isRefused(breaker)).isTrue();
    }

    @Test
    void release_ofAProbeGivenUp_addsNoProbeToTheNextPhase() {
        Breaker breaker = halfOpen();
        List<Breaker.Phase> lost = List.of(acquire(breaker), acquire(breaker));
        time.advance(Duration.ofNanos(PROBE_NANOS));
        assertThat(isRefused(breaker)).isTrue();
        time.advance(SECOND.multipliedBy(2));
        acquire(breaker);

        lost.forEach(breaker::release);

        acquire(breaker);
        assertThat(isRefused(breaker)).isTrue();
    }

    /* ---- others ---- */

    @Test
    void notClosedNanos_reopened_isSinceItWasClosed() {
        Breaker breaker = opened(SMALL);
        time.advance(SECOND);
        fail(breaker, 2);

        time.advance(SECOND);

        assertThat(breaker.notClosedNanos(time.nanoTime())).isEqualTo(2 * SECOND_NANOS);
    }

    @Test
    void breaker_sameNameTwice_sharesNothing() {
        opened(SMALL);

        Breaker other = breaker(SMALL.failureRate(1, 2, 2));

        fail(other, 1);
        assertThat(other.state(time.nanoTime())).isEqualTo(PipelineState.Breaker.CLOSED);
        fail(other, 1);
        assertThat(other.state(time.nanoTime())).isEqualTo(PipelineState.Breaker.OPEN);
    }

    @Test
    void onBreaker_listenerBlocks_holdsUpNoOtherBreakerAndNoOtherCaller() throws Exception {
        CountDownLatch heard = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        PipelineListener blocking = new PipelineListener() {
            @Override
            public void onBreaker(String pipeline, PipelineState.Breaker from, PipelineState.Breaker to) {
                heard.countDown();
                await(goOn);
            }
        };
        var settings = new Breaker.Settings(SMALL, PROBE_NANOS, new Notices("risk", blocking, new LongAdder()));
        Breaker blocked = new Breaker("risk", this, settings, time, MIDDLE, late);
        var threads = Executors.newSingleThreadExecutor();
        Future<?> opening = threads.submit(() -> fail(blocked, 4));
        await(heard);

        assertThat(blocked.state(time.nanoTime())).isEqualTo(PipelineState.Breaker.OPEN);
        assertThat(isRefused(blocked)).isTrue();
        Breaker other = halfOpen();
        succeed(other, 2);
        assertThat(other.state(time.nanoTime())).isEqualTo(PipelineState.Breaker.CLOSED);

        goOn.countDown();
        opening.get();
        threads.shutdown();
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.contains("AutoTransition"));
    }

    @Test
    void breaker_raceOfAMillionCalls_makesOnlyLegalTransitionsAndLosesNoPermit() throws Exception {
        int probes = 3;
        Map<String, LongAdder> seen = new ConcurrentHashMap<>();
        PipelineListener counting = new PipelineListener() {
            @Override
            public void onBreaker(String pipeline, PipelineState.Breaker from, PipelineState.Breaker to) {
                seen.computeIfAbsent(from + ">" + to, key -> new LongAdder()).increment();
            }
        };
        AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1_000_000); // overflows on the way
        var settings = new Breaker.Settings(
                SMALL.failureRate(0.5, 10, 5).probes(probes).openFor(Duration.ofNanos(20), Duration.ofNanos(200)),
                100,
                new Notices("risk", counting, new LongAdder()));
        Breaker breaker = new Breaker("risk", this, settings, time, new Random(7), late);
        Map<Breaker.Phase, AtomicInteger> probing = new ConcurrentHashMap<>();
        LongAdder refused = new LongAdder();
        LongAdder tooMany = new LongAdder();
        LongAdder told = new LongAdder();

        int threads = 4;
        onThreads(threads, number -> {
            Random random = new Random(number);
            for (int call = 0; call < 1_000_000 / threads; call++) {
                Breaker.Phase permit = breaker.tryAcquire(now.incrementAndGet());
                if (permit == null) {
                    refused.increment();
                    continue;
                }
                boolean isProbe = permit.shown() == PipelineState.Breaker.HALF_OPEN;
                AtomicInteger held = probing.computeIfAbsent(permit, key -> new AtomicInteger());
                if (held.incrementAndGet() > probes && isProbe) {
                    tooMany.increment();
                }
                int kind = random.nextInt(100);
                told.increment();
                if (kind < 40) {
                    breaker.success(permit, 1, now.get());
                } else if (kind < 70) {
                    breaker.failure(permit, 1, now.get(), unavailable());
                } else if (kind < 98) {
                    held.decrementAndGet(); // before, since another may take it at once
                    breaker.release(permit);
                } // else it is lost
            }
        });

        assertThat(tooMany.sum()).isZero();
        assertThat(refused.sum() + told.sum()).isEqualTo(1_000_000);
        assertThat(late.sum()).isPositive().isLessThan(told.sum());
        assertThat(seen.keySet()).isSubsetOf("CLOSED>OPEN", "OPEN>HALF_OPEN", "HALF_OPEN>OPEN", "HALF_OPEN>CLOSED");
        long opened = seen.get("CLOSED>OPEN").sum();
        long reopened = seen.get("HALF_OPEN>OPEN").sum();
        long halfOpened = seen.get("OPEN>HALF_OPEN").sum();
        long closed = seen.get("HALF_OPEN>CLOSED").sum();
        // What was entered was left, but for the state it is in.
        assertThat(opened + reopened - halfOpened)
                .isEqualTo(breaker.state(time.nanoTime()) == PipelineState.Breaker.OPEN ? 1 : 0);
        assertThat(halfOpened - reopened - closed)
                .isEqualTo(breaker.state(time.nanoTime()) == PipelineState.Breaker.HALF_OPEN ? 1 : 0);
        assertThat(closed - opened).isEqualTo(breaker.state(time.nanoTime()) == PipelineState.Breaker.CLOSED ? 0 : -1);
        assertThat(Math.min(Math.min(opened, reopened), Math.min(halfOpened, closed)))
                .isGreaterThan(10);
    }

    @Test
    void call_raceThroughAPipeline_endsEachCallOnceAndCountsAllOfThem() throws Exception {
        LongAdder heard = new LongAdder();
        LongAdder refused = new LongAdder();
        Pipeline pipeline = Pipeline.named("risk")
                .time(time)
                .retry(RetryPolicy.none())
                .breaker(SMALL.failureRate(0.5, 10, 5).openFor(Duration.ofNanos(1), Duration.ofNanos(3)))
                .interrupting(false)
                .listener(new PipelineListener() {
                    @Override
                    public void onCall(String pipeline, int attempts, long nanos, StopReason stopped, ErrorCode error) {
                        heard.increment();
                    }

                    @Override
                    public void onRejected(String pipeline, ErrorCode reason) {
                        refused.increment();
                    }
                })
                .build();
        LongAdder reached = new LongAdder();
        LongAdder answered = new LongAdder();
        LongAdder thrown = new LongAdder();
        int calls = 20_000;

        onThreads(4, number -> {
            Random random = new Random(number);
            for (int i = 0; i < calls; i++) {
                time.advance(Duration.ofNanos(1));
                int kind = random.nextInt(10);
                try {
                    Result<String, DomainError> answer = pipeline.call(Call.once(), attempt -> {
                        reached.increment();
                        if (kind == 0) {
                            throw new AssertionError("planned");
                        }
                        return kind < 5
                                ? Result.ok("yes")
                                : Result.err(
                                        kind < 8
                                                ? unavailable()
                                                : ErrorKind.RATE_LIMITED.code().error());
                    });
                    answered.add(answer == null ? 0 : 1);
                } catch (AssertionError e) {
                    thrown.increment();
                }
            }
        });

        assertThat(reached.sum() + refused.sum()).isEqualTo(4L * calls);
        assertThat(answered.sum() + thrown.sum()).isEqualTo(4L * calls);
        assertThat(heard.sum()).isEqualTo(answered.sum() + thrown.sum());
        assertThat(pipeline.state().lateResults()).isLessThan(reached.sum());
    }

    private void open(Pipeline pipeline) {
        for (int i = 0; i < 4; i++) {
            var unused = pipeline.call(Call.once(), attempt -> Result.err(unavailable()));
        }
        assertThat(pipeline.state().breaker()).isEqualTo(PipelineState.Breaker.OPEN);
    }

    /** Runs it on so many threads, which begin together. */
    static void onThreads(int count, java.util.function.IntConsumer work) throws Exception {
        var threads = Executors.newFixedThreadPool(count);
        try {
            CyclicBarrier begin = new CyclicBarrier(count);
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int number = i;
                running.add(threads.submit(() -> {
                    begin.await();
                    work.accept(number);
                    return null;
                }));
            }
            for (Future<?> each : running) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
