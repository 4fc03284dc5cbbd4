package dev.underpin.benchmarks.caching;

import com.github.benmanes.caffeine.cache.Cache;
import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.caching.CacheAside;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.springframework.cache.caffeine.CaffeineCache;

/**
 * Question: What does a load cost that fails?
 *
 * <p>Dimensions: contestant. The error is not kept, so each call loads. Peers are told by an exception, which is made for each
 * load; ours by an error that was made beforehand, as most are.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar caching.ErrorBenchmark -prof gc}
 */
@Question("What does a load cost that fails?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Thread)
public class ErrorBenchmark {
    private static final Result<String, DomainError> ERROR =
            Result.err(DomainError.builder(ErrorKind.UNAVAILABLE.code()).build());

    private final CacheAside<String, String> ours = Ours.plain(this::error);
    private final Cache<String, String> caffeine = Peers.caffeine();
    private final CaffeineCache spring = Peers.spring();
    private final com.alicp.jetcache.Cache<String, String> jetCache = Peers.jetCache();
    private final String[] keys = Keys.all().toArray(String[]::new);
    private int next;
    private int loads;

    private Result<String, DomainError> error(String key) {
        loads++;
        return ERROR;
    }

    private String thrown(String key) {
        loads++;
        throw new LoadFailedException(/* traced= */ true);
    }

    private String untraced(String key) {
        loads++;
        throw new LoadFailedException(/* traced= */ false);
    }

    int loads() {
        return loads;
    }

    private String key() {
        return keys[next++ & (Keys.ALL - 1)];
    }

    /** That a value could not be loaded, as peers are told. */
    static final class LoadFailedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        LoadFailedException(boolean traced) {
            super("unavailable", null, /* enableSuppression= */ false, traced);
        }
    }

    /** {@return why there is no value} */
    @Benchmark
    @Contestant(value = "CacheAside.get, an error value", role = Role.OURS)
    public Result<String, DomainError> ours() {
        return ours.get(key());
    }

    /** {@return why there is no value} */
    @Benchmark
    @Contestant(value = "Caffeine Cache.get, an exception", role = Role.PEER)
    public Object caffeine() {
        String key = key();
        try {
            return caffeine.get(key, this::thrown);
        } catch (RuntimeException e) {
            return e;
        }
    }

    /** {@return why there is no value} */
    @Benchmark
    @Contestant(value = "Caffeine Cache.get, one without a stack trace", role = Role.REFERENCE)
    public Object untracedCaffeine() {
        String key = key();
        try {
            return caffeine.get(key, this::untraced);
        } catch (RuntimeException e) {
            return e;
        }
    }

    /** {@return why there is no value} */
    @Benchmark
    @Contestant(value = "Spring CaffeineCache.get, an exception", role = Role.PEER)
    public Object spring() {
        String key = key();
        try {
            return spring.get(key, () -> thrown(key));
        } catch (RuntimeException e) {
            return e;
        }
    }

    /** {@return why there is no value} */
    @Benchmark
    @Contestant(value = "JetCache computeIfAbsent, an exception, protected", role = Role.PEER)
    public Object jetCache() {
        String key = key();
        try {
            return jetCache.computeIfAbsent(key, this::thrown);
        } catch (RuntimeException e) {
            return e;
        }
    }
}
