package dev.underpin.resilience;

import dev.underpin.result.spi.TimeSource;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** When a server wants to be called again, read from the headers of its answer. */
public final class RetryAfter {
    private static final int MAX_DIGITS = 9;
    private static final int LONGEST_DATE = 40;

    /** What a number of more digits is taken for: some thirty years. */
    private static final Duration VERY_LONG = Duration.ofSeconds(999_999_999);

    private static final Pattern ASCTIME =
            Pattern.compile("([A-Za-z]{3}) ([A-Za-z]{3}) ([ 0-9][0-9]) ([0-9:]{8}) ([0-9]{4})");
    private static final Pattern RFC_850 =
            Pattern.compile("([A-Za-z]{3})[a-z]{3,6}, ([0-9]{2})-([A-Za-z]{3})-([0-9]{2}) ([0-9:]{8} GMT)");

    private RetryAfter() {}

    /**
     * {@return how long to wait, for {@link dev.underpin.result.DomainError.Builder#retryAfter}} {@code Retry-After} counts
     * before {@code RateLimit}, as the draft of that says. A value that cannot be read is ignored; a date that has passed
     * is no wait, and a number of more than nine digits is one of 999 999 999 seconds.
     *
     * @param retryAfter the value of {@code Retry-After}, seconds or an HTTP date in any of its three forms (RFC 9110,
     *     10.2.3 and 5.6.7), or null
     * @param rateLimit the value of {@code RateLimit} (draft-ietf-httpapi-ratelimit-headers), or null; counts where nothing
     *     remains ({@code r=0})
     * @param time tells the date
     */
    public static Optional<Duration> parse(@Nullable String retryAfter, @Nullable String rateLimit, TimeSource time) {
        Objects.requireNonNull(time, "time");
        Optional<Duration> wait = retryAfter == null ? Optional.empty() : delay(retryAfter.strip(), time.instant());
        return wait.isPresent() || rateLimit == null ? wait : reset(rateLimit);
    }

    private static Optional<Duration> delay(String value, Instant now) {
        Optional<Duration> seconds = seconds(value);
        if (seconds.isPresent() || value.length() > LONGEST_DATE) {
            return seconds;
        }
        try {
            Duration wait = Duration.between(now, date(value, now));
            return Optional.of(wait.isNegative() ? Duration.ZERO : wait);
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Instant date(String value, Instant now) {
        return ZonedDateTime.parse(preferred(value, now), DateTimeFormatter.RFC_1123_DATE_TIME)
                .toInstant();
    }

    /** {@return the preferred form of a date in one of the obsolete ones} */
    private static String preferred(String value, Instant now) {
        Matcher matcher = ASCTIME.matcher(value);
        if (matcher.matches()) {
            return matcher.group(1) + ", " + matcher.group(3).strip() + " " + matcher.group(2) + " " + matcher.group(5)
                    + " " + matcher.group(4) + " GMT";
        }
        matcher = RFC_850.matcher(value);
        if (!matcher.matches()) {
            return value;
        }
        // Two digits of a year: more than fifty ahead, it has passed.
        int earliest = now.atOffset(ZoneOffset.UTC).getYear() - 49;
        int year = earliest + Math.floorMod(Integer.parseInt(matcher.group(4)) - earliest, 100);
        return matcher.group(1) + ", " + matcher.group(2) + " " + matcher.group(3) + " " + year + " "
                + matcher.group(5);
    }

    /** {@return the longest reset of the limits that have nothing left} */
    private static Optional<Duration> reset(String header) {
        Optional<Duration> longest = Optional.empty();
        for (String limit : split(header, ',')) {
            List<String> parameters = split(limit, ';');
            String remaining = parameter(parameters, "r");
            String reset = parameter(parameters, "t");
            Optional<Duration> wait = "0".equals(remaining) && reset != null ? seconds(reset) : Optional.empty();
            if (wait.isPresent() && (longest.isEmpty() || wait.get().compareTo(longest.get()) > 0)) {
                longest = wait;
            }
        }
        return longest;
    }

    /** {@return the parts of a structured field}: what stands in quotes separates nothing. */
    private static List<String> split(String field, char separator) {
        List<String> parts = new ArrayList<>();
        boolean quoted = false;
        int start = 0;
        for (int i = 0; i < field.length(); i++) {
            char c = field.charAt(i);
            if (c == '"') {
                quoted = !quoted;
            } else if (quoted && c == '\\') {
                i++; // whatever follows is no end
            } else if (!quoted && c == separator) {
                parts.add(field.substring(start, i));
                start = i + 1;
            }
        }
        parts.add(field.substring(start));
        return parts;
    }

    private static @Nullable String parameter(List<String> parts, String name) {
        for (String part : parts) {
            String trimmed = part.strip();
            if (trimmed.startsWith(name + "=")) {
                return trimmed.substring(name.length() + 1).strip();
            }
        }
        return null;
    }

    private static Optional<Duration> seconds(String value) {
        if (value.isEmpty() || !value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Optional.empty();
        }
        return Optional.of(value.length() > MAX_DIGITS ? VERY_LONG : Duration.ofSeconds(Long.parseLong(value)));
    }
}
