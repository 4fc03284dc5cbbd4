package dev.underpin.caching;

import dev.underpin.result.CanIgnoreReturnValue;
import java.time.Duration;
import java.util.Objects;

/** What values of the configuration must be. */
final class Check {
    private Check() {}

    @CanIgnoreReturnValue
    static Duration notNegative(String name, Duration value) {
        Objects.requireNonNull(value, name);
        if (value.isNegative()) {
            throw new IllegalArgumentException(name + " must not be negative: " + value);
        }
        return value;
    }

    @CanIgnoreReturnValue
    static Duration positive(String name, Duration value) {
        Objects.requireNonNull(value, name);
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + " must be positive: " + value);
        }
        return value;
    }

    @CanIgnoreReturnValue
    static int atLeast(int min, String name, int value) {
        if (value < min) {
            throw new IllegalArgumentException(name + " must be at least " + min + ": " + value);
        }
        return value;
    }

    static void atMost(int max, String name, int value) {
        if (value > max) {
            throw new IllegalArgumentException(name + " must be at most " + max + ": " + value);
        }
    }

    @CanIgnoreReturnValue
    static double share(String name, double value) {
        if (!(value > 0 && value <= 1)) {
            throw new IllegalArgumentException(name + " must be above 0 and at most 1: " + value);
        }
        return value;
    }

    /** A name is a tag of metrics, and part of the keys of a remote level. */
    static String name(String name) {
        Objects.requireNonNull(name, "name");
        boolean plain = !name.isEmpty() && name.length() <= 64;
        for (int i = 0; plain && i < name.length(); i++) {
            char c = name.charAt(i);
            plain = c < 0x80 && (Character.isLetterOrDigit(c) || c == '-' || c == '_' || c == '.');
        }
        if (!plain) {
            throw new IllegalArgumentException(
                    "name must be 1 to 64 letters, digits, '-', '_' or '.': one of length " + name.length());
        }
        return name;
    }
}
