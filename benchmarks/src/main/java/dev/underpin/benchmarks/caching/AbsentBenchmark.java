package dev.underpin.benchmarks.caching;

import com.github.benmanes.caffeine.cache.Cache;
import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.caching.CacheAside;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.util.Optional;
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
 * Question: What does it cost to know that there is nothing?
 *
 * <p>Dimensions: contestant. That there is no value for the one key was found out before.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar caching.AbsentBenchmark -prof gc}
 */
@Question("What does it cost to know that there is nothing?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Benchmark)
public class AbsentBenchmark {
    private static final Result<String, DomainError> ABSENT =
            Result.err(DomainError.builder(ErrorKind.NOT_FOUND.code()).build());
    private static final String KEY = "product-0";

    private int loads;
    private final CacheAside<String, String> ours =
            Ours.builder().absentTtl(Peers.TTL).<String, String>build(this::absent);
    private final Cache<String, Optional<String>> caffeine = Peers.caffeine();
    private final CaffeineCache spring = Peers.spring();
    private final com.alicp.jetcache.Cache<String, String> jetCache = Peers.jetCache();

    private Result<String, DomainError> absent(String key) {
        loads++;
        return ABSENT;
    }

    private Optional<String> empty(String key) {
        loads++;
        return Optional.empty();
    }

    private String nothing(String key) {
        loads++;
        return null;
    }

    int loads() {
        return loads;
    }

    /** {@return that there is none} */
    @Benchmark
    @Contestant(value = "CacheAside.get, an error of kind NOT_FOUND", role = Role.OURS)
    public Result<String, DomainError> ours() {
        return ours.get(KEY);
    }

    /** {@return that there is none} */
    @Benchmark
    @Contestant(value = "Caffeine Cache.get, Optional", role = Role.PEER)
    public Optional<String> caffeine() {
        return caffeine.get(KEY, this::empty);
    }

    /** {@return null} */
    @Benchmark
    @Contestant(value = "Spring CaffeineCache.get, null", role = Role.PEER)
    public String spring() {
        return spring.get(KEY, () -> nothing(KEY));
    }

    /** {@return null} */
    @Benchmark
    @Contestant(value = "JetCache computeIfAbsent, null, protected", role = Role.PEER)
    public String jetCache() {
        return jetCache.computeIfAbsent(KEY, this::nothing, true);
    }
}
