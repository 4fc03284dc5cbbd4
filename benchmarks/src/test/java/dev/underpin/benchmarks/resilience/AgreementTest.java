package dev.underpin.benchmarks.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import dev.failsafe.CircuitBreakerOpenException;
import dev.underpin.resilience.Pipeline;
import dev.underpin.resilience.ResilienceErrors;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** All contestants answer the same, after as many attempts. */
class AgreementTest {
    @Test
    void success_anyContestant_isTheAnswer() {
        var benchmark = new SuccessBenchmark();

        assertThat(Stream.of(
                        benchmark.baseline(),
                        benchmark.ours(),
                        benchmark.byHand(),
                        benchmark.oursByTurns(),
                        benchmark.breakerOnly(),
                        benchmark.resilience4j(),
                        benchmark.failsafe(),
                        benchmark.timedOurs(),
                        benchmark.timedFailsafe(),
                        benchmark.allOurs(),
                        benchmark.allResilience4j(),
                        benchmark.allFailsafe()))
                .allSatisfy(answer -> assertThat(answer).isSameAs(Service.WELL));
    }

    @Test
    void notFound_anyContestantAndManyCalls_isTheError() {
        var benchmark = new FailureBenchmark();

        for (int i = 0; i < 2 * Peers.WINDOW; i++) {
            assertThat(Stream.of(
                            benchmark.notFoundOurs(),
                            benchmark.notFoundByHand(),
                            benchmark.notFoundResilience4j(),
                            benchmark.notFoundFailsafe()))
                    .allSatisfy(answer -> assertThat(answer).isSameAs(Service.NOT_FOUND));
        }
    }

    /** Each has a service of its own, as in a measurement: the one good answer of a round must not always be another's. */
    @Test
    void unavailable_anyContestantAndManyCalls_isTheErrorAndOpensNothing() {
        assertThat(wellOf(FailureBenchmark::unavailableOurs)).isEqualTo(20);
        assertThat(wellOf(FailureBenchmark::unavailableByHand)).isEqualTo(20);
        assertThat(wellOf(FailureBenchmark::unavailableResilience4j)).isEqualTo(20);
        assertThat(wellOf(FailureBenchmark::unavailableFailsafe)).isEqualTo(20);
        int ofRepeated = wellOf(FailureBenchmark::retriedOurs);
        assertThat(ofRepeated).isBetween(20 * Peers.ATTEMPTS - 3, 20 * Peers.ATTEMPTS);
        assertThat(wellOf(FailureBenchmark::retriedByHand)).isEqualTo(ofRepeated);
        assertThat(wellOf(FailureBenchmark::retriedResilience4j)).isEqualTo(ofRepeated);
        assertThat(wellOf(FailureBenchmark::retriedFailsafe)).isEqualTo(ofRepeated);
    }

    /** {@return how many answers are good in twenty rounds} */
    private static int wellOf(Function<FailureBenchmark, Result<String, DomainError>> contestant) {
        var benchmark = new FailureBenchmark();
        int well = 0;
        for (int i = 0; i < 20 * Service.ROUND; i++) {
            Result<String, DomainError> answer = contestant.apply(benchmark);
            assertThat(answer).isIn(Service.UNAVAILABLE, Service.WELL);
            well += answer.isOk() ? 1 : 0;
        }
        return well;
    }

    @Test
    void repeated_anyContestant_makesAsManyAttempts() {
        var calls = new AtomicInteger();
        Supplier<Result<String, DomainError>> service = () -> {
            calls.incrementAndGet();
            return Service.UNAVAILABLE;
        };
        Pipeline ours =
                Ours.waiting().retry(Ours.repeating()).budget(Ours.plenty()).build();

        assertThat(Stream.<Supplier<Result<String, DomainError>>>of(
                        () -> ours.call(Ours.CALL, Ours.body(service)),
                        () -> new ByHand(service, Peers.ATTEMPTS).call(),
                        Peers.retried(service),
                        () -> Peers.failsafeRetried().get(service::get)))
                .allSatisfy(call -> {
                    calls.set(0);
                    assertThat(call.get()).isSameAs(Service.UNAVAILABLE);
                    assertThat(calls).hasValue(Peers.ATTEMPTS);
                });
    }

    @Test
    void open_anyContestant_refuses() {
        var benchmark = new OpenBenchmark();

        assertThat(error(benchmark.ours()).code()).isEqualTo(ResilienceErrors.CIRCUIT_OPEN);
        assertThat(error(benchmark.byHand()).kind()).isEqualTo(ResilienceErrors.CIRCUIT_OPEN.kind());
        assertThat(benchmark.resilience4j())
                .isInstanceOfSatisfying(
                        CallNotPermittedException.class,
                        e -> assertThat(e.getStackTrace()).isNotEmpty());
        assertThat(benchmark.untraced())
                .isInstanceOfSatisfying(
                        CallNotPermittedException.class,
                        e -> assertThat(e.getStackTrace()).isEmpty());
        assertThat(benchmark.failsafe()).isInstanceOf(CircuitBreakerOpenException.class);
    }

    @Test
    void async_anyContestant_isTheAnswer() {
        var benchmark = new AsyncBenchmark();
        try {
            assertThat(Stream.of(
                            benchmark.baseline(),
                            benchmark.ours(),
                            benchmark.resilience4j(),
                            benchmark.untimedResilience4j(),
                            benchmark.failsafe(),
                            benchmark.untimedFailsafe()))
                    .allSatisfy(answer -> assertThat(answer).isSameAs(Service.WELL));
        } finally {
            benchmark.stop();
        }
    }

    @Test
    void timeout_anyContestant_isTheAnswer() {
        var benchmark = new TimeoutBenchmark();
        try {
            assertThat(Stream.of(benchmark.ours(), benchmark.byHand(), benchmark.failsafe()))
                    .allSatisfy(answer -> assertThat(answer).isSameAs(Service.WELL));
        } finally {
            benchmark.stop();
        }
    }

    @Test
    void keyed_anyContestant_hasAPermit() {
        var benchmark = new KeyedLimitBenchmark();
        benchmark.clients = 1000;
        benchmark.draw();

        assertThat(LongStream.range(0, 1000)
                        .mapToObj(i -> benchmark.baseline())
                        .distinct()
                        .count())
                .as("keys drawn in the first thousand")
                .isBetween(200L, 600L);
        assertThat(benchmark.ours().isOk()).isTrue();
        assertThat(benchmark.byHand()).isNotPositive();
        assertThat(benchmark.bucket4j()).isTrue();
    }

    @Test
    void backoff_anyContestant_staysBelowTheLimit() {
        var benchmark = new BackoffBenchmark();

        for (int i = 0; i < 100; i++) {
            assertThat(benchmark.ours()).isBetween(0L, 20_000_000_000L);
            assertThat(benchmark.byHand()).isBetween(0L, 20_000_000_000L);
            assertThat(benchmark.resilience4j()).isBetween(25L, 20_000L);
        }
    }

    @Test
    void listener_anyContestant_isTheAnswer() {
        var benchmark = new ListenerBenchmark();

        assertThat(Stream.of(
                        benchmark.silentOurs(),
                        benchmark.silentResilience4j(),
                        benchmark.heardOurs(),
                        benchmark.heardResilience4j()))
                .allSatisfy(answer -> assertThat(answer).isSameAs(Service.WELL));
    }

    private static DomainError error(Result<String, DomainError> answer) {
        return ((Result.Err<String, DomainError>) answer).error();
    }
}
