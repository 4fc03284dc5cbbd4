package dev.underpin.resilience;

import dev.underpin.result.Detail;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.ValidationError;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Settings of a pipeline by name: reads them from sources, and shows them. */
final class Settings {
    private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);
    private static final String PREFIX = "res.";
    private static final ErrorCode UNKNOWN_SETTING =
            ErrorCode.of(ErrorKind.VALIDATION, "UNKNOWN_SETTING", "There is no such setting");
    private static final ErrorCode INVALID_SETTING =
            ErrorCode.of(ErrorKind.VALIDATION, "INVALID_SETTING", "The setting cannot be taken");

    private static final Pattern AMOUNT = Pattern.compile("([0-9]{1,12})(ns|us|ms|s|m|h|d)");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");
    private static final Pattern RATE = Pattern.compile("([0-9]{1,3}(?:\\.[0-9]{1,40})?)(%?)");
    private static final int MOST = 999_999_999;

    /** A window keeps something of each call: more would be a mistake that fills the memory. */
    private static final int MOST_KEPT = 1_000_000;

    /** In the order in which faults are told and {@code describe} shows them; names that belong together stand together. */
    private static final List<String> NAMES = List.of(
            "enabled",
            "critical",
            "deadline",
            "retry.max-attempts",
            "retry.base-delay",
            "retry.max-delay",
            "retry.max-retry-after",
            "budget.capacity",
            "budget.cost",
            "budget.throttle-cost",
            "budget.share",
            "budget.min-per-second",
            "breaker.enabled",
            "breaker.failure-rate",
            "breaker.window",
            "breaker.period",
            "breaker.minimum-calls",
            "breaker.slow-rate",
            "breaker.slow-after",
            "breaker.open-for",
            "breaker.max-open-for",
            "breaker.probes",
            "rate-limit.calls",
            "rate-limit.per",
            "bulkhead.max-concurrent",
            "bulkhead.max-wait",
            "attempt-timeout",
            "interrupting");

    /** The first words of settings that have several. No pipeline next to {@code risk} is named {@code risk.retry}. */
    private static final List<String> GROUPS = NAMES.stream()
            .filter(name -> name.indexOf('.') > 0)
            .map(name -> plain(name.substring(0, name.indexOf('.'))) + "_")
            .distinct()
            .toList();

    private final String prefix;
    private final List<Detail> faults = new ArrayList<>();
    private final Map<String, Given> given = new LinkedHashMap<>();

    private Settings(String pipeline) {
        prefix = PREFIX + pipeline + ".";
    }

    /**
     * A setting as it was found.
     *
     * @param key its name as it was written
     */
    private record Given(String key, String value) {}

    /** {@return the builder with the settings applied, or every fault of them} */
    static Result<Pipeline.Builder, ValidationError> applied(
            Pipeline.Builder to, List<? extends Map<String, String>> sources) {
        var settings = new Settings(to.name);
        settings.collect(sources);
        settings.apply(to);
        return settings.faults.isEmpty() ? Result.ok(to) : Result.err(new ValidationError(settings.faults));
    }

    static Map<String, String> described(Pipeline.Builder from) {
        Map<String, String> values = new TreeMap<>();
        values.put("enabled", Boolean.toString(from.enabled));
        values.put("deadline", from.deadline.toString());
        values.put("retry.max-attempts", Integer.toString(from.retry.maxAttempts()));
        values.put("retry.base-delay", from.retry.baseDelay().toString());
        values.put("retry.max-delay", from.retry.maxDelay().toString());
        values.put("retry.max-retry-after", from.retry.maxRetryAfter().toString());
        values.putAll(from.budgetOrStandard().describe());
        describe(from.breaker, values);
        values.put("interrupting", Boolean.toString(from.interrupting));
        if (from.critical != null) {
            values.put("critical", from.critical.toString());
        }
        if (from.attemptTimeout != null) {
            values.put("attempt-timeout", from.attemptTimeout.toString());
        }
        if (from.rateLimit != null) {
            values.put("rate-limit.calls", Integer.toString(from.rateLimit.permits()));
            values.put("rate-limit.per", from.rateLimit.period().toString());
        }
        if (from.maxConcurrent > 0) {
            values.put("bulkhead.max-concurrent", Integer.toString(from.maxConcurrent));
            values.put("bulkhead.max-wait", from.maxWait.toString());
        }
        Map<String, String> ordered = new LinkedHashMap<>();
        for (String name : NAMES) {
            String value = values.get(name);
            if (value != null) {
                ordered.put(PREFIX + from.name + "." + name, value);
            }
        }
        return ordered;
    }

    private static void describe(BreakerPolicy policy, Map<String, String> values) {
        values.put("breaker.enabled", Boolean.toString(!policy.isOff()));
        if (policy.isOff()) {
            return;
        }
        values.put("breaker.failure-rate", plain(policy.failureRate()));
        if (policy.window() > 0) {
            values.put("breaker.window", Integer.toString(policy.window()));
        } else {
            values.put("breaker.period", policy.period().toString());
        }
        values.put("breaker.minimum-calls", Integer.toString(policy.minimumCalls()));
        values.put("breaker.slow-rate", plain(policy.slowRate()));
        values.put("breaker.slow-after", policy.slowAfter().toString());
        values.put("breaker.open-for", policy.openFor().toString());
        values.put("breaker.max-open-for", policy.maxOpenFor().toString());
        values.put("breaker.probes", Integer.toString(policy.probes()));
    }

    static String plain(double rate) {
        return BigDecimal.valueOf(rate).toPlainString();
    }

    private void collect(List<? extends Map<String, String>> sources) {
        Map<String, String> known = new LinkedHashMap<>();
        NAMES.forEach(name -> known.put(plain(name), name));
        String start = plain(prefix);
        for (Map<String, String> source : Objects.requireNonNull(sources, "sources")) {
            Map<String, String> here = new LinkedHashMap<>();
            new TreeMap<>(source).forEach((key, value) -> {
                String plain = plain(key);
                if (plain.startsWith(start)) {
                    String rest = plain.substring(start.length());
                    String name = known.get(rest);
                    if (name != null) {
                        String spelling = here.putIfAbsent(name, key);
                        if (spelling != null) {
                            faults.add(invalid(key, key + " is given twice in one source, also as " + spelling));
                        }
                        given.putIfAbsent(name, new Given(key, value.strip()));
                    } else if (isOfAnother(rest, known.keySet())) {
                        LOG.warn("{}: {} is left to a pipeline whose name begins like this one's", prefix, key);
                    } else {
                        faults.add(Detail.of(key, UNKNOWN_SETTING));
                    }
                }
            });
        }
    }

    private static Detail invalid(String field, String message) {
        return new Detail(field, INVALID_SETTING.name(), message, Map.of(), null);
    }

    /** {@return whether it may be a setting of a pipeline whose name begins with this one's: it is behind this prefix, too} */
    private static boolean isOfAnother(String rest, Set<String> known) {
        return GROUPS.stream().noneMatch(rest::startsWith)
                && known.stream().anyMatch(name -> rest.endsWith("_" + name));
    }

    private static String plain(String name) {
        return name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    private void apply(Pipeline.Builder to) {
        at("enabled", () -> to.enabled(flag("enabled", to.enabled)));
        at("deadline", () -> to.deadline(positive("deadline", to.deadline)));
        at("attempt-timeout", () -> to.attemptTimeout(positive("attempt-timeout", Duration.ofNanos(1))));
        at("interrupting", () -> to.interrupting(flag("interrupting", to.interrupting)));
        at("critical", () -> to.critical(duration("critical", Duration.ZERO)));
        at("retry", () -> retry(to));
        at("budget", () -> budget(to));
        at("breaker", () -> breaker(to));
        at("rate-limit", () -> rateLimit(to));
        at("bulkhead", () -> bulkhead(to));
    }

    private void retry(Pipeline.Builder to) {
        RetryPolicy now = to.retry;
        to.retry(new RetryPolicy(
                number("retry.max-attempts", now.maxAttempts()),
                duration("retry.base-delay", now.baseDelay()),
                duration("retry.max-delay", now.maxDelay()),
                duration("retry.max-retry-after", now.maxRetryAfter()),
                now.advice()));
    }

    private void budget(Pipeline.Builder to) {
        Map<String, String> now = to.budgetOrStandard().describe();
        double share = rate("budget.share", Double.parseDouble(now.getOrDefault("budget.share", "0.2")));
        int least = number(
                "budget.min-per-second", 0, MOST, Integer.parseInt(now.getOrDefault("budget.min-per-second", "10")));
        int capacity = number("budget.capacity", Integer.parseInt(now.getOrDefault("budget.capacity", "500")));
        int cost = number("budget.cost", Integer.parseInt(now.getOrDefault("budget.cost", "14")));
        int throttleCost =
                number("budget.throttle-cost", Integer.parseInt(now.getOrDefault("budget.throttle-cost", "5")));
        boolean shares = isGiven("budget.share") || isGiven("budget.min-per-second");
        if (shares && (isGiven("budget.capacity") || isGiven("budget.cost") || isGiven("budget.throttle-cost"))) {
            throw new IllegalArgumentException("a budget has a share or a capacity, not both");
        }
        to.budget(shares ? RetryBudget.ratio(share, least) : RetryBudget.tokens(capacity, cost, throttleCost));
    }

    private void breaker(Pipeline.Builder to) {
        BreakerPolicy now = to.breaker.isOff() ? BreakerPolicy.standard() : to.breaker;
        // What is off is turned on by its switch, and not by a value of what it would do.
        boolean on = flag("breaker.enabled", !to.breaker.isOff());
        boolean timed = isGiven("breaker.period") || (!isGiven("breaker.window") && now.window() == 0);
        boolean counted = isGiven("breaker.window") || !timed;
        Duration slowAfter = positive("breaker.slow-after", now.slowAfter());
        BreakerPolicy policy = new BreakerPolicy(
                rate("breaker.failure-rate", now.failureRate()),
                rate("breaker.slow-rate", now.slowRate()),
                Duration.ofNanos(Deadline.nanos(slowAfter)),
                counted ? number("breaker.window", 1, MOST_KEPT, now.window()) : 0,
                timed ? positive("breaker.period", now.period()) : Duration.ZERO,
                number("breaker.minimum-calls", now.minimumCalls()),
                positive("breaker.open-for", now.openFor()),
                positive("breaker.max-open-for", now.maxOpenFor()),
                number("breaker.probes", 1, MOST_KEPT, now.probes()));
        to.breaker(on ? policy : BreakerPolicy.none());
    }

    private void rateLimit(Pipeline.Builder to) {
        Bandwidth now = to.rateLimit;
        int calls = number("rate-limit.calls", now == null ? 1 : now.permits());
        Duration per = positive("rate-limit.per", now == null ? Duration.ofSeconds(1) : now.period());
        if (now == null && !(isGiven("rate-limit.calls") && isGiven("rate-limit.per"))) {
            throw new IllegalArgumentException("rate-limit.calls and rate-limit.per must both be given");
        }
        to.rateLimit(calls, per);
    }

    private void bulkhead(Pipeline.Builder to) {
        int most = number("bulkhead.max-concurrent", Math.max(1, to.maxConcurrent));
        Duration maxWait = duration("bulkhead.max-wait", to.maxWait);
        if (to.maxConcurrent == 0 && !isGiven("bulkhead.max-concurrent")) {
            throw new IllegalArgumentException("bulkhead.max-concurrent must be given with bulkhead.max-wait");
        }
        to.maxConcurrent(most, maxWait);
    }

    private boolean isGiven(String name) {
        return given.containsKey(name);
    }

    /** Applies what was given of a group, if anything was; values that do not go together are a fault of the group. */
    private void at(String group, Runnable apply) {
        if (given.keySet().stream().noneMatch(name -> name.equals(group) || name.startsWith(group + "."))) {
            return;
        }
        int before = faults.size();
        try {
            apply.run();
        } catch (IllegalArgumentException e) {
            if (faults.size() == before) {
                String message = Objects.requireNonNullElse(e.getMessage(), "is not valid");
                faults.add(invalid(prefix + group, message));
            }
        }
    }

    private boolean flag(String name, boolean otherwise) {
        Given setting = given.get(name);
        if (setting == null) {
            return otherwise;
        }
        return switch (setting.value().toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> fault(setting, "must be true or false", otherwise);
        };
    }

    private int number(String name, int otherwise) {
        return number(name, 1, MOST, otherwise);
    }

    private int number(String name, int min, int max, int otherwise) {
        Given setting = given.get(name);
        if (setting == null) {
            return otherwise;
        }
        int value = NUMBER.matcher(setting.value()).matches() ? Integer.parseInt(setting.value()) : -1;
        return value >= min && value <= max
                ? value
                : fault(setting, "must be a whole number from " + min + " to " + max, otherwise);
    }

    private double rate(String name, double otherwise) {
        Given setting = given.get(name);
        if (setting == null) {
            return otherwise;
        }
        Matcher matcher = RATE.matcher(setting.value());
        double value = !matcher.matches()
                ? 0
                : Double.parseDouble(matcher.group(1)) / (matcher.group(2).isEmpty() ? 1 : 100);
        return value > 0 && value <= 1
                ? value
                : fault(setting, "must be a rate above 0 and at most 1, such as 0.5 or 50%", otherwise);
    }

    private Duration positive(String name, Duration otherwise) {
        return duration(name, "above zero", Duration.ofNanos(1), otherwise);
    }

    private Duration duration(String name, Duration otherwise) {
        return duration(name, "not negative", Duration.ZERO, otherwise);
    }

    private Duration duration(String name, String how, Duration min, Duration otherwise) {
        Given setting = given.get(name);
        if (setting == null) {
            return otherwise;
        }
        Duration value = parsed(setting.value());
        return value == null || value.compareTo(min) < 0
                ? fault(setting, "must be a duration, " + how + ", such as 250ms, 5s, 2m or PT0.25S", otherwise)
                : value;
    }

    private static @Nullable Duration parsed(String value) {
        Matcher matcher = AMOUNT.matcher(value);
        if (matcher.matches()) {
            return amount(Long.parseLong(matcher.group(1)), matcher.group(2));
        }
        try {
            return Duration.parse(value);
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    private static Duration amount(long amount, String unit) {
        return switch (unit) {
            case "ns" -> Duration.ofNanos(amount);
            case "us" -> Duration.ofNanos(amount * 1_000);
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
    }

    /** Takes down a fault; the value itself is not told, since it may be a secret that got into the wrong place. */
    private <V> V fault(Given setting, String must, V otherwise) {
        faults.add(invalid(
                setting.key(),
                setting.key() + " " + must + ": a value of length "
                        + setting.value().length()));
        return otherwise;
    }
}
