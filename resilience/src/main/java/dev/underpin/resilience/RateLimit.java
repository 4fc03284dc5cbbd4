package dev.underpin.resilience;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/**
 * What is left of a limit, as it was when asked; of several limits, the one with the least left.
 *
 * @param name the name of the limit
 * @param limit how many permits there are in all
 * @param remaining how many are left
 * @param reset after how long all of them are back; zero if none was used
 * @param policy every limit that holds, as the header {@code RateLimit-Policy} says it
 */
public record RateLimit(String name, int limit, int remaining, Duration reset, String policy) {
    /** Checks that nothing is null. */
    public RateLimit {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(reset, "reset");
        Objects.requireNonNull(policy, "policy");
    }

    /**
     * {@return the headers {@code RateLimit-Policy} and {@code RateLimit}} as in draft-ietf-httpapi-ratelimit-headers, as
     * structured fields; seconds are rounded up.
     */
    public Map<String, String> headers() {
        long seconds = reset.plusNanos(999_999_999).toSeconds();
        return Map.of("RateLimit-Policy", policy, "RateLimit", "\"" + name + "\";r=" + remaining + ";t=" + seconds);
    }
}
