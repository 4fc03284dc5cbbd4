package dev.underpin.benchmarks.resilience;

import dev.underpin.resilience.BreakerPolicy;
import dev.underpin.resilience.Call;
import dev.underpin.resilience.Pipeline;
import dev.underpin.resilience.PipelineState;
import dev.underpin.resilience.RemoteCall;
import dev.underpin.resilience.RetryBudget;
import dev.underpin.resilience.RetryPolicy;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.time.Duration;
import java.util.function.Supplier;

/** Our pipelines. All have a deadline, retries with a budget and a breaker. */
final class Ours {
    static final Call CALL = Call.idempotent();

    private Ours() {}

    /** {@return without a cutoff, as the peers: the thread of an attempt that takes too long is not interrupted} */
    static Pipeline.Builder waiting() {
        return interrupting().interrupting(false);
    }

    /** {@return the standard pipeline, with a cutoff} */
    static Pipeline.Builder interrupting() {
        return Pipeline.named("payments")
                .breaker(BreakerPolicy.standard()
                        .failureRate(1, Peers.WINDOW, Peers.WINDOW)
                        .openFor(Peers.OPEN, Peers.OPEN));
    }

    /** {@return with all stages} */
    static Pipeline.Builder all() {
        return interrupting()
                .attemptTimeout(Peers.TIMEOUT)
                .rateLimit(Peers.PERMITS, Peers.PERMITS_PER)
                .maxConcurrent(Peers.PLACES, Duration.ZERO);
    }

    /** {@return a policy that repeats at once} */
    static RetryPolicy repeating() {
        return RetryPolicy.standard().attempts(Peers.ATTEMPTS).backoff(Duration.ZERO, Duration.ZERO);
    }

    /** {@return a budget that outlasts a measurement} */
    static RetryBudget plenty() {
        return RetryBudget.tokens(Integer.MAX_VALUE, 1, 1);
    }

    static RemoteCall<String> body(Supplier<Result<String, DomainError>> service) {
        return attempt -> service.get();
    }

    /** {@return a pipeline whose breaker is open} */
    static Pipeline open() {
        Pipeline pipeline = waiting().retry(RetryPolicy.none()).build();
        RemoteCall<String> failing = body(Service.answering(Service.UNAVAILABLE));
        while (pipeline.state().breaker() != PipelineState.Breaker.OPEN) {
            if (pipeline.call(CALL, failing).isOk()) {
                throw new AssertionError("a service that fails was well");
            }
        }
        return pipeline;
    }
}
