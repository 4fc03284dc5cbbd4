package dev.underpin.benchmarks.caching;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.caching.CacheAside;
import dev.underpin.caching.Propagation;
import dev.underpin.result.Result;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: What does it cost to forget, by how much there is?
 *
 * <p>Dimensions: what is forgotten (the row): a key, a tag that all entries have, everything; how many entries there are;
 * contestant. The sizes are methods, so that a goal can divide one by another. What is cleared is filled again before, which
 * the bytes of that row include, and is then out of the caches of the processor at any size; the code is kept warm on a small
 * cache.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar caching.InvalidateBenchmark -prof gc}
 */
@Question("What does it cost to forget, by how much there is?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Thread)
public class InvalidateBenchmark {
    /** What is there for each key. */
    static final String VALUE = "a value";

    private static final List<String> TAGS = List.of(Full.TAG);
    private static final int COMPILED = 50_000;
    private static final int TRIES = 200;
    private static final int BALLAST = 1 << 22; // 32 MB

    /** Caches of four sizes, all of whose entries have one tag. */
    @State(Scope.Thread)
    public static class Full {
        static final String TAG = "all";

        /** How many entries the largest has. */
        @Param("1000000")
        public int most;

        CacheAside<String, String> thousandth;
        CacheAside<String, String> hundredth;
        CacheAside<String, String> tenth;
        CacheAside<String, String> whole;

        /** Fills them. */
        @Setup
        public void fill() {
            thousandth = filled(most / 1000);
            hundredth = filled(most / 100);
            tenth = filled(most / 10);
            whole = filled(most);
        }

        private static CacheAside<String, String> filled(int entries) {
            CacheAside<String, String> cache = ours(entries);
            InvalidateBenchmark.fill(cache, entries);
            return cache;
        }
    }

    /** Keys at random. */
    @State(Scope.Thread)
    public static class Drawn {
        private final SplittableRandom random = new SplittableRandom(1);
        private final String[] keys = new String[1 << 16];
        private int next;

        /** Draws them. */
        @Setup
        public void draw(Full full) {
            for (int i = 0; i < keys.length; i++) {
                keys[i] = key(random.nextInt(full.most));
            }
        }

        String next() {
            return keys[next++ & (keys.length - 1)];
        }
    }

    /** A cache that is full whenever it is cleared, and a small one to keep the code of clearing warm. */
    @State(Scope.Thread)
    public abstract static class Refilled {
        /** How many entries the largest has. */
        @Param("1000000")
        public int most;

        CacheAside<String, String> cache;
        private CacheAside<String, String> small;
        private final long[] ballast = new long[BALLAST];

        abstract int entries();

        /** Makes both, and has the code compiled: large caches are cleared a few times only. */
        @Setup
        public void make() {
            cache = ours(entries());
            small = ours(1);
            for (int i = 0; i < COMPILED; i++) {
                small.clear();
            }
        }

        /** Fills the one and clears the other. */
        @Setup(Level.Invocation)
        public void fill() {
            InvalidateBenchmark.fill(cache, entries());
            // Filling many entries leaves nothing else in the caches of the processor; filling a few shall not either.
            for (int i = 0; i < ballast.length; i++) {
                ballast[i]++;
            }
            for (int i = 0; i < TRIES; i++) {
                small.clear();
            }
        }
    }

    /** Of a thousandth of the entries. */
    @State(Scope.Thread)
    public static class Thousandth extends Refilled {
        @Override
        int entries() {
            return most / 1000;
        }
    }

    /** Of a hundredth. */
    @State(Scope.Thread)
    public static class Hundredth extends Refilled {
        @Override
        int entries() {
            return most / 100;
        }
    }

    /** Of a tenth. */
    @State(Scope.Thread)
    public static class Tenth extends Refilled {
        @Override
        int entries() {
            return most / 10;
        }
    }

    /** Of all entries. */
    @State(Scope.Thread)
    public static class Whole extends Refilled {
        @Override
        int entries() {
            return most;
        }
    }

    /** A cache of Caffeine that is full whenever it is cleared. */
    @State(Scope.Thread)
    public static class RefilledCaffeine {
        /** How many entries it has. */
        @Param("1000000")
        public int most;

        Cache<String, String> cache;

        /** Makes it. */
        @Setup
        public void make() {
            cache = caffeine(most);
        }

        /** Fills it. */
        @Setup(Level.Invocation)
        public void fill() {
            for (int i = 0; i < most; i++) {
                cache.put(key(i), VALUE);
            }
        }
    }

    static CacheAside<String, String> ours(int entries) {
        return Ours.builder()
                .maximumSize(2L * entries)
                .<String>tags(value -> TAGS)
                .build(key -> Result.ok(VALUE));
    }

    static Cache<String, String> caffeine(int entries) {
        return Caffeine.newBuilder()
                .maximumSize(2L * entries)
                .expireAfterWrite(Peers.TTL)
                .build();
    }

    static void fill(CacheAside<String, String> cache, int entries) {
        for (int i = 0; i < entries; i++) {
            cache.put(key(i), VALUE);
        }
        if (cache.estimatedSize() != entries) {
            throw new AssertionError(cache.estimatedSize() + " entries instead of " + entries);
        }
    }

    static String key(int i) {
        return "product-" + i;
    }

    /** {@return that it is done} */
    @Benchmark
    @Contestant(value = "CacheAside.invalidateTag, of 1000 entries", role = Role.REFERENCE, row = "tag")
    public Propagation tagThousandth(Full full) {
        return full.thousandth.invalidateTag(Full.TAG);
    }

    /** {@return that it is done} */
    @Benchmark
    @Contestant(value = "CacheAside.invalidateTag, of 10000 entries", role = Role.REFERENCE, row = "tag")
    public Propagation tagHundredth(Full full) {
        return full.hundredth.invalidateTag(Full.TAG);
    }

    /** {@return that it is done} */
    @Benchmark
    @Contestant(value = "CacheAside.invalidateTag, of 100000 entries", role = Role.REFERENCE, row = "tag")
    public Propagation tagTenth(Full full) {
        return full.tenth.invalidateTag(Full.TAG);
    }

    /** {@return that it is done} */
    @Benchmark
    @Contestant(value = "CacheAside.invalidateTag, of 1000000 entries", role = Role.OURS, row = "tag")
    public Propagation tagWhole(Full full) {
        return full.whole.invalidateTag(Full.TAG);
    }

    /** {@return that it is done} */
    @Benchmark
    @Contestant(value = "CacheAside.clear, of 1000 entries", role = Role.REFERENCE, row = "clear")
    public Propagation clearThousandth(Thousandth full) {
        return full.cache.clear();
    }

    /** {@return that it is done} */
    @Benchmark
    @Contestant(value = "CacheAside.clear, of 10000 entries", role = Role.REFERENCE, row = "clear")
    public Propagation clearHundredth(Hundredth full) {
        return full.cache.clear();
    }

    /** {@return that it is done} */
    @Benchmark
    @Contestant(value = "CacheAside.clear, of 100000 entries", role = Role.REFERENCE, row = "clear")
    public Propagation clearTenth(Tenth full) {
        return full.cache.clear();
    }

    /** {@return that it is done} */
    @Benchmark
    @Contestant(value = "CacheAside.clear, of 1000000 entries", role = Role.OURS, row = "clear")
    public Propagation clearWhole(Whole full) {
        return full.cache.clear();
    }

    /** Measures it. */
    @Benchmark
    @Contestant(value = "Caffeine Cache.invalidateAll, of 1000000 entries", role = Role.PEER, row = "clear")
    public void clearCaffeine(RefilledCaffeine full) {
        full.cache.invalidateAll();
    }

    /** {@return that it is done} */
    @Benchmark
    @Contestant(value = "CacheAside put, invalidate, beside 1000 entries", role = Role.REFERENCE, row = "key")
    public Propagation keyThousandth(Full full, Drawn drawn) {
        String key = drawn.next();
        full.thousandth.put(key, VALUE);
        return full.thousandth.invalidate(key);
    }

    /** {@return that it is done} */
    @Benchmark
    @Contestant(value = "CacheAside put, invalidate, beside 1000000 entries", role = Role.OURS, row = "key")
    public Propagation keyWhole(Full full, Drawn drawn) {
        String key = drawn.next();
        full.whole.put(key, VALUE);
        return full.whole.invalidate(key);
    }
}
