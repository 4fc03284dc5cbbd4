package dev.underpin.benchmarks.resilience;

import dev.failsafe.FailsafeExecutor;
import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.resilience.Pipeline;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.spi.TimeSource;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: What does the timeout of an attempt cost that ends in time?
 *
 * <p>Dimensions: contestant. By hand, a timer could interrupt the thread a moment after the attempt has ended;
 * ours and Failsafe do not. What ours adds to an attempt is package-private, and reached by method handles.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar resilience.TimeoutBenchmark -prof gc}
 */
@Question("What does the timeout of an attempt cost that ends in time?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Benchmark)
public class TimeoutBenchmark {
    private static final Class<?> CUTOFF = type("Cutoff");
    private static final Class<?> SLOT = type("Cutoff$Slot");
    private static final MethodHandle MAKE =
            handle("<init>", MethodType.methodType(void.class, TimeSource.class), Object.class, TimeSource.class);
    private static final MethodHandle ARM =
            handle("arm", MethodType.methodType(SLOT, long.class), Object.class, Object.class, long.class);
    private static final MethodHandle DISARM =
            handle("disarm", MethodType.methodType(boolean.class, SLOT), boolean.class, Object.class, Object.class);

    private final Supplier<Result<String, DomainError>> service = Service.answering(Service.WELL);
    private final long timeoutNanos = Peers.TIMEOUT.toNanos();
    private final Object cutoff;
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, task -> {
        Thread thread = new Thread(task, "timer");
        thread.setDaemon(true);
        return thread;
    });
    private final FailsafeExecutor<Result<String, DomainError>> failsafe =
            Peers.failsafe(List.of(Peers.failsafeTimeout()));

    /** Reaches what is package-private. */
    public TimeoutBenchmark() {
        timer.setRemoveOnCancelPolicy(true);
        try {
            cutoff = MAKE.invoke(TimeSource.system());
        } catch (Throwable changed) {
            throw new LinkageError("the insides of " + CUTOFF, changed);
        }
    }

    /** Ends the thread. */
    @TearDown
    public void stop() {
        timer.shutdownNow();
    }

    private static Class<?> type(String name) {
        try {
            return Class.forName(Pipeline.class.getPackageName() + '.' + name);
        } catch (ClassNotFoundException e) {
            throw new LinkageError("no " + name, e);
        }
    }

    private static MethodHandle handle(String name, MethodType type, Class<?> returned, Class<?>... taken) {
        try {
            MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(CUTOFF, MethodHandles.lookup());
            MethodHandle found = name.equals("<init>")
                    ? lookup.findConstructor(CUTOFF, type)
                    : lookup.findVirtual(CUTOFF, name, type);
            return found.asType(MethodType.methodType(returned, taken));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("no Cutoff." + name, e);
        }
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "Cutoff.arm, disarm", role = Role.OURS)
    public Result<String, DomainError> ours() {
        try {
            Object slot = (Object) ARM.invokeExact(cutoff, System.nanoTime() + timeoutNanos);
            Result<String, DomainError> answer = service.get();
            return (boolean) DISARM.invokeExact(cutoff, slot) ? Service.UNAVAILABLE : answer;
        } catch (Throwable impossible) {
            throw new LinkageError("Cutoff", impossible);
        }
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "ScheduledThreadPoolExecutor, schedule and cancel", role = Role.LIMIT)
    public Result<String, DomainError> byHand() {
        Thread thread = Thread.currentThread();
        Future<?> timeout = timer.schedule(thread::interrupt, timeoutNanos, TimeUnit.NANOSECONDS);
        Result<String, DomainError> answer = service.get();
        return timeout.cancel(false) ? answer : Service.UNAVAILABLE;
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "Failsafe Timeout", role = Role.PEER)
    public Result<String, DomainError> failsafe() {
        return failsafe.get(service::get);
    }
}
