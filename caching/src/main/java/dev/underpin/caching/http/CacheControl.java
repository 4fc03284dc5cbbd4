package dev.underpin.caching.http;

import dev.underpin.caching.Cached;
import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.result.Detail;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.ValidationError;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What caches may do with a response, as {@code Cache-Control} says it (RFC 9111, RFC 5861, RFC 8246).
 *
 * <p>No value contradicts itself: {@link Builder#build} refuses what does, and {@link #parse} keeps what is more
 * restrictive. So {@link #noStore} and {@link #noCache} are to be asked before {@link #maxAge}, which is not there beside
 * them. Durations are whole seconds, rounded down, of at most 2<sup>31</sup>. Values are equal if their directives are.
 * Immutable.
 *
 * <p><b>A response without {@code private} may be given to everybody</b> by the shared caches on its way: anything that
 * depends on who asks, be it by a cookie, must say {@link Builder#cachePrivate} or {@link Builder#noStore}. What is made of
 * a cached value by {@link #of} is private until told otherwise.
 */
public final class CacheControl {
    /** The directives cannot stand beside each other; a detail says which. */
    public static final ErrorCode CONTRADICTORY_DIRECTIVES = ErrorCode.of(
            ErrorKind.VALIDATION, "CONTRADICTORY_DIRECTIVES", "The directives of Cache-Control contradict each other");

    /** {@code no-store}: what a response that failed should say. */
    public static final CacheControl NO_STORE = parse("no-store");

    private final EnumMap<Directive, Long> directives;

    private CacheControl(EnumMap<Directive, Long> directives) {
        this.directives = directives;
    }

    /** {@return a builder without any directive} */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * {@return what the cache of a client may do with a value from a cache of ours}: keep it for as long as it is fresh
     * here, so {@code max-age} is what remains of that. What remains of the time that a stale value may be served here is
     * {@code stale-while-revalidate} and {@code stale-if-error}, so that it ends there when it ends here. A value that is
     * stale already, as loading it has failed, has {@code max-age=0} and {@code stale-if-error}: clients ask again each
     * time, and fall back on what they have if not even a stale answer comes.
     *
     * <p>To be sent without {@code Age}: the age is taken off {@code max-age}, and caches would take it off once more.
     *
     * <p>The value is {@code private}, as nothing here can know whether it is the same for every user; {@link #shared}
     * is for one that is. For a result, {@code result.fold(CacheControl::of, error -> CacheControl.NO_STORE)}.
     *
     * @param cached a value and how fresh it is
     */
    public static CacheControl of(Cached<?> cached) {
        EnumMap<Directive, Long> directives = new EnumMap<>(Directive.class);
        directives.put(Directive.PRIVATE, Directive.NONE);
        directives.put(Directive.MAX_AGE, seconds(cached.freshFor()));
        long stale = seconds(cached.staleFor());
        if (stale > 0) {
            directives.put(Directive.STALE_IF_ERROR, stale);
            // Not for a stale value: whoever has one would see it once more although loading may succeed again.
            if (cached.freshness() != Cached.Freshness.STALE_ON_ERROR) {
                directives.put(Directive.STALE_WHILE_REVALIDATE, stale);
            }
        }
        return new CacheControl(directives);
    }

    /**
     * {@return what a field says} Nothing is thrown, whatever it is: directives that are not known are ignored, those of
     * requests among them, {@code private} and {@code no-cache} for some fields only are taken for the whole, of several
     * that are the same or contradict each other the more restrictive counts, and a number that cannot be read is 0, which
     * is stale (RFC 9111, 4.2.1).
     *
     * @param field the value, of several fields joined by commas; null if there is none, which says nothing
     */
    public static CacheControl parse(@Nullable String field) {
        EnumMap<Directive, Long> directives = Directive.read(field == null ? "" : field);
        Directive.contradictions(directives.keySet()).forEach(each -> directives.remove(each.directive()));
        return new CacheControl(directives);
    }

    /**
     * {@return the same without {@code private}}: shared caches may keep it too, unless the request had
     * {@code Authorization} (that takes {@link Builder#cachePublic}). For what is the same for every user.
     */
    public CacheControl shared() {
        EnumMap<Directive, Long> copy = new EnumMap<>(directives);
        copy.remove(Directive.PRIVATE);
        return new CacheControl(copy);
    }

    /** {@return for how long the response is fresh} */
    public Optional<Duration> maxAge() {
        return duration(Directive.MAX_AGE);
    }

    /** {@return for how long it is fresh in shared caches}, where that differs */
    public Optional<Duration> sMaxAge() {
        return duration(Directive.S_MAXAGE);
    }

    /** {@return for how long a stale response may be served while a new one is asked for} */
    public Optional<Duration> staleWhileRevalidate() {
        return duration(Directive.STALE_WHILE_REVALIDATE);
    }

    /** {@return for how long a stale response may be served where asking for a new one fails} */
    public Optional<Duration> staleIfError() {
        return duration(Directive.STALE_IF_ERROR);
    }

    /** {@return whether nothing may be kept} */
    public boolean noStore() {
        return directives.containsKey(Directive.NO_STORE);
    }

    /** {@return whether the server must be asked before each use} */
    public boolean noCache() {
        return directives.containsKey(Directive.NO_CACHE);
    }

    /** {@return whether shared caches must not keep it} */
    public boolean isPrivate() {
        return directives.containsKey(Directive.PRIVATE);
    }

    /** {@return whether shared caches may keep it even if the request had {@code Authorization}} */
    public boolean isPublic() {
        return directives.containsKey(Directive.PUBLIC);
    }

    /** {@return whether it must not be served when it is stale} */
    public boolean mustRevalidate() {
        return directives.containsKey(Directive.MUST_REVALIDATE);
    }

    /** {@return whether shared caches must not serve it when it is stale} */
    public boolean proxyRevalidate() {
        return directives.containsKey(Directive.PROXY_REVALIDATE);
    }

    /** {@return whether only caches that know the status code may keep it} */
    public boolean mustUnderstand() {
        return directives.containsKey(Directive.MUST_UNDERSTAND);
    }

    /** {@return whether the content must not be changed on the way} */
    public boolean noTransform() {
        return directives.containsKey(Directive.NO_TRANSFORM);
    }

    /** {@return whether the content does not change while it is fresh} */
    public boolean immutable() {
        return directives.containsKey(Directive.IMMUTABLE);
    }

    /** {@return the header {@code Cache-Control}}; none if there is no directive */
    public Map<String, String> headers() {
        return directives.isEmpty() ? Map.of() : Map.of("Cache-Control", toString());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CacheControl that && directives.equals(that.directives);
    }

    @Override
    public int hashCode() {
        return directives.hashCode();
    }

    /**
     * {@return the value of the field}, which {@link #parse} reads; also right for a field that is for some caches only,
     * such as {@code CDN-Cache-Control} (RFC 9213)
     */
    @Override
    public String toString() {
        return directives.entrySet().stream()
                .map(entry ->
                        entry.getKey().hasSeconds ? entry.getKey().text + "=" + entry.getValue() : entry.getKey().text)
                .collect(Collectors.joining(", "));
    }

    private Optional<Duration> duration(Directive directive) {
        return Optional.ofNullable(directives.get(directive)).map(Duration::ofSeconds);
    }

    private static long seconds(Duration duration) {
        return Math.max(0, Math.min(Directive.MOST_SECONDS, duration.toSeconds()));
    }

    /** Builds a {@link CacheControl}. Confined to one thread. */
    public static final class Builder {
        private final EnumMap<Directive, Long> directives = new EnumMap<>(Directive.class);

        private Builder() {}

        /**
         * Sets for how long the response is fresh.
         *
         * @param age from when it was made
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder maxAge(Duration age) {
            return set(Directive.MAX_AGE, "maxAge", age);
        }

        /**
         * Sets for how long it is fresh in shared caches, where that differs.
         *
         * @param age from when it was made
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder sMaxAge(Duration age) {
            return set(Directive.S_MAXAGE, "sMaxAge", age);
        }

        /**
         * Sets for how long a stale response may be served while a new one is asked for.
         *
         * @param extra from when it is stale
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder staleWhileRevalidate(Duration extra) {
            return set(Directive.STALE_WHILE_REVALIDATE, "staleWhileRevalidate", extra);
        }

        /**
         * Sets for how long a stale response may be served where asking for a new one fails.
         *
         * @param extra from when it is stale
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder staleIfError(Duration extra) {
            return set(Directive.STALE_IF_ERROR, "staleIfError", extra);
        }

        /**
         * Nothing may be kept.
         *
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder noStore() {
            return set(Directive.NO_STORE);
        }

        /**
         * The server must be asked before each use.
         *
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder noCache() {
            return set(Directive.NO_CACHE);
        }

        /**
         * Shared caches must not keep it: {@code private}.
         *
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder cachePrivate() {
            return set(Directive.PRIVATE);
        }

        /**
         * Shared caches may keep it even if the request had {@code Authorization}: {@code public}. Only for what is the
         * same for every user, since they will give it to all; without {@code Authorization} it is not needed.
         *
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder cachePublic() {
            return set(Directive.PUBLIC);
        }

        /**
         * It must not be served when it is stale.
         *
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder mustRevalidate() {
            return set(Directive.MUST_REVALIDATE);
        }

        /**
         * Shared caches must not serve it when it is stale.
         *
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder proxyRevalidate() {
            return set(Directive.PROXY_REVALIDATE);
        }

        /**
         * Only caches that know the status code may keep it. To stand beside {@link #noStore}, for those that do not know
         * this directive; the others ignore that, so beside both the rest may stand too.
         *
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder mustUnderstand() {
            return set(Directive.MUST_UNDERSTAND);
        }

        /**
         * The content must not be changed on the way.
         *
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder noTransform() {
            return set(Directive.NO_TRANSFORM);
        }

        /**
         * The content does not change while it is fresh, so that it need not be asked for when a page is loaded again.
         *
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder immutable() {
            return set(Directive.IMMUTABLE);
        }

        /**
         * {@return the value, or a detail for each contradiction}: something may be used without asking the server beside
         * {@code no-cache}, or at all beside {@code no-store} (unless {@code must-understand} is there); {@code public} or
         * {@code s-maxage} beside {@code private}; something stale may be served beside {@code must-revalidate};
         * {@code immutable} without {@code max-age}.
         */
        public Result<CacheControl, ValidationError> build() {
            List<Detail> faults = Directive.contradictions(directives.keySet()).stream()
                    .map(each -> new Detail(
                            each.directive().text, CONTRADICTORY_DIRECTIVES.name(), each.message(), Map.of(), null))
                    .toList();
            return faults.isEmpty()
                    ? Result.ok(new CacheControl(new EnumMap<>(directives)))
                    : Result.err(new ValidationError(faults));
        }

        private Builder set(Directive directive) {
            directives.put(directive, Directive.NONE);
            return this;
        }

        private Builder set(Directive directive, String name, Duration duration) {
            Objects.requireNonNull(duration, name);
            if (duration.isNegative()) {
                throw new IllegalArgumentException(name + " must not be negative: " + duration);
            }
            directives.put(directive, seconds(duration));
            return this;
        }
    }
}
