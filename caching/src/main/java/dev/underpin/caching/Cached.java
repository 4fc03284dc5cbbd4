package dev.underpin.caching;

import java.time.Duration;
import java.util.Objects;

/**
 * A value and how fresh it is.
 *
 * @param value the value
 * @param freshness why it was served
 * @param age how long ago the load of the value began
 * @param freshFor how long it stays fresh, zero if it is not
 * @param staleFor how long after that it may still be served when loading fails
 * @param <V> the type of the value
 */
public record Cached<V>(V value, Freshness freshness, Duration age, Duration freshFor, Duration staleFor) {
    /** Why a value was served. */
    public enum Freshness {
        /** It is within its time to live. */
        FRESH,
        /** It is within its time to live, and is being loaded anew. */
        REFRESHING,
        /** It is past its time to live, and loading it anew has failed or takes too long. */
        STALE_ON_ERROR
    }

    /** A value and how fresh it is. */
    public Cached {
        Objects.requireNonNull(value, "value");
        Objects.requireNonNull(freshness, "freshness");
        Objects.requireNonNull(age, "age");
        Objects.requireNonNull(freshFor, "freshFor");
        Objects.requireNonNull(staleFor, "staleFor");
    }
}
