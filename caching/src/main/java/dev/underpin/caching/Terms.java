package dev.underpin.caching;

import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.spi.Codec;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What a cache was built with. Times are nanoseconds; what is not wanted is zero or {@code Long.MAX_VALUE}. */
record Terms<K, V>(
        String name,
        long maximumSize,
        long ttlNanos,
        @Nullable Function<V, Duration> ttlOf,
        double refreshShare,
        long staleNanos,
        long absentNanos,
        @Nullable Function<? super DomainError, Duration> errorTtl,
        long loadNanos,
        long softNanos,
        int maxLoads,
        int maxBatch,
        long holdOffNanos,
        @Nullable Function<V, Collection<String>> tagsOf,
        @Nullable RemoteLevel remote,
        @Nullable Function<K, String> remoteKey,
        @Nullable Codec<V> codec,
        @Nullable Executor executor,
        Notices notices,
        Clock clock,
        @Nullable RandomGenerator random,
        BiFunction<K, @Nullable V, Result<? extends V, ? extends DomainError>> one,
        @Nullable Function<Set<K>, Result<? extends Map<K, ? extends V>, ? extends DomainError>> many) {

    /** How much of its time to live an entry may lose, so that entries that were loaded together do not end together. */
    private static final double JITTER = 0.1;

    /** {@return how long a value lives, the random part taken away; not positive if it is not to be kept} */
    long ttlNanos(V value) {
        long ttl = ttlNanos;
        if (ttlOf != null) {
            Duration own = Objects.requireNonNull(ttlOf.apply(value), "the ttl of a value must not be null");
            ttl = own.isNegative() ? 0 : Clock.nanos(own);
        }
        return ttl - (long) (ttl * JITTER * chance());
    }

    /** {@return how long an error is kept} */
    long errorNanos(DomainError error) {
        if (errorTtl == null) {
            return 0;
        }
        Duration ttl = Objects.requireNonNull(errorTtl.apply(error), "the ttl of an error must not be null");
        return ttl.isNegative() ? 0 : Clock.nanos(ttl);
    }

    /**
     * {@return how long before its end an entry that other processes hold as well is refreshed: exponentially distributed
     * with the time it takes to load} So they do it one after the other, most of them none (Vattani et al., Optimal
     * Probabilistic Cache Stampede Prevention, VLDB 2015); drawn once per entry instead of with each get, which makes it
     * free and the same for quiet and for busy keys.
     */
    long earlyNanos(long loadNanos) {
        return (long) (-Math.log(1 - chance()) * loadNanos);
    }

    /** {@return from 0 to below 1} */
    private double chance() {
        return (random == null ? ThreadLocalRandom.current() : random).nextDouble();
    }

    Collection<String> tags(V value) {
        return tagsOf == null ? Set.of() : tagsOf.apply(value);
    }
}
