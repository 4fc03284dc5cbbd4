package dev.underpin.java21;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.resilience.BreakerPolicy;
import dev.underpin.resilience.Call;
import dev.underpin.resilience.Pipeline;
import dev.underpin.resilience.PipelineListener;
import dev.underpin.resilience.PipelineState;
import dev.underpin.resilience.RetryBudget;
import dev.underpin.resilience.StopReason;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Ten thousand virtual threads through every stage of a pipeline: none of them takes its carrier along. */
@Timeout(90)
class PipelinePinningTest {
    private static final int THREADS = 10_000;
    private static final int WARM_UP = 1_000;
    private static final Duration ATTEMPT = Duration.ofSeconds(2);

    @Test
    void call_tenThousandVirtualThreads_pinNoCarrier() throws Exception {
        LongAdder heard = new LongAdder();
        LongAdder retries = new LongAdder();
        Pipeline pipeline = Pipeline.named("risk")
                .deadline(Duration.ofMinutes(1))
                .attemptTimeout(ATTEMPT)
                .budget(RetryBudget.tokens(1_000_000, 14, 5))
                .breaker(BreakerPolicy.standard().failureRate(0.9, 100, 100))
                .rateLimit(1_000_000, Duration.ofSeconds(1))
                .maxConcurrent(100, Duration.ofMinutes(1))
                .listener(new PipelineListener() {
                    @Override
                    public void onCall(String name, int attempts, long nanos, StopReason stopped, ErrorCode error) {
                        heard.increment();
                    }

                    @Override
                    public void onRetry(String name, int attempt, long delayNanos, ErrorCode error) {
                        retries.increment();
                    }
                })
                .build();
        CountDownLatch never = new CountDownLatch(1);
        List<Result<Integer, DomainError>> answers = new ArrayList<>();

        // What loads classes for the first time waits for others that do, and is pinned while it does: once in a
        // process.
        List<Result<Integer, DomainError>> first = call(pipeline, WARM_UP, never);

        List<String> pinned = pinned(() -> answers.addAll(call(pipeline, THREADS, never)));

        assertThat(pinned).isEmpty();
        assertThat(first).hasSize(WARM_UP).allMatch(Result::isOk);
        assertThat(answers).hasSize(THREADS).allMatch(Result::isOk);
        assertThat(heard.sum()).isEqualTo(WARM_UP + THREADS);
        assertThat(retries.sum()).isGreaterThanOrEqualTo(THREADS / 50 + THREADS / 1_000);
        assertThat(pipeline.state().inFlight()).isZero();
        assertThat(pipeline.state().breaker()).isEqualTo(PipelineState.Breaker.CLOSED);
    }

    /** {@return the answers of so many virtual threads at once, some of which are cut, and some repeated} */
    private static List<Result<Integer, DomainError>> call(Pipeline pipeline, int count, CountDownLatch never)
            throws Exception {
        List<Result<Integer, DomainError>> answers = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Result<Integer, DomainError>>> running = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int number = i;
                running.add(threads.submit(() -> pipeline.call(Call.idempotent(), attempt -> {
                    if (number % 1_000 == 1 && attempt.number() == 1) {
                        never.await(); // until it is cut
                    }
                    Thread.sleep(1);
                    return number % 50 == 0 && attempt.number() == 1
                            ? Result.err(ErrorKind.UNAVAILABLE.code().error())
                            : Result.ok(number);
                })));
            }
            for (Future<Result<Integer, DomainError>> each : running) {
                answers.add(each.get());
            }
        }
        return answers;
    }

    /** On every JDK a thread cannot leave its carrier while a static initializer runs. */
    @Test
    void pinned_waitInAStaticInitializer_isSeen() throws Exception {
        List<String> pinned = pinned(
                () -> Thread.startVirtualThread(() -> assertThat(Pinning.LOADED).isTrue())
                        .join());

        assertThat(pinned).anyMatch(stack -> stack.contains("Pinning"));
    }

    private static final class Pinning {
        static final boolean LOADED = isLoaded();

        private static boolean isLoaded() {
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return true;
        }
    }

    private interface Work {
        void run() throws Exception;
    }

    /** {@return where virtual threads were pinned meanwhile} */
    private static List<String> pinned(Work work) throws Exception {
        ConcurrentLinkedQueue<String> found = new ConcurrentLinkedQueue<>();
        try (RecordingStream stream = new RecordingStream()) {
            stream.enable("jdk.VirtualThreadPinned")
                    .withThreshold(Duration.ZERO)
                    .withStackTrace();
            stream.onEvent("jdk.VirtualThreadPinned", (RecordedEvent event) -> found.add(event.toString()));
            stream.startAsync();
            work.run();
            stream.stop(); // reads what is left
        }
        return List.copyOf(found);
    }
}
