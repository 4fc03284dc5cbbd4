package dev.underpin.benchmarks.report;

import java.util.Locale;

/**
 * A measured number and how far the true one may be from it.
 *
 * @param value the measured number
 * @param low the least it may be; NaN if nobody knows
 * @param high the most it may be; NaN if nobody knows
 */
record Interval(double value, double low, double high) {
    /** {@return a number with its error, which is NaN if nobody knows it} */
    static Interval of(double value, double error) {
        return new Interval(value, value - error, value + error);
    }

    /** {@return this divided by another, with the widest error both allow} */
    Interval over(Interval other) {
        // An error as large as the value says nothing about how small the divisor may be.
        double most = other.low <= 0 ? Double.POSITIVE_INFINITY : Math.max(0, high) / other.low;
        return new Interval(value / other.value, Math.max(0, low) / other.high, most);
    }

    /** {@return a ratio with the least and the most it may be, unless nobody knows these} */
    static String ratio(Interval ratio) {
        String value = ratio(ratio.value);
        if (Double.isNaN(ratio.low) || Double.isNaN(ratio.high)) {
            return value;
        }
        String most = Double.isInfinite(ratio.high) ? "∞" : ratio(ratio.high);
        return value + " (" + ratio(ratio.low) + "–" + most + ")";
    }

    /** {@return a ratio as a reader takes it in: two digits, and as many zeros before them as it needs} */
    static String ratio(double ratio) {
        if (Double.isNaN(ratio) || Double.isInfinite(ratio)) {
            return "–";
        }
        // Nothing at all needs no zeros.
        int digits = ratio == 0 || ratio >= 100 ? 0 : ratio >= 10 ? 1 : ratio >= 0.1 ? 2 : ratio >= 0.01 ? 3 : 5;
        return String.format(Locale.ROOT, "%." + digits + "f", ratio);
    }

    /** {@return a time with its error} */
    static String time(double nanos, double error) {
        if (Double.isNaN(nanos)) {
            return "–";
        }
        boolean millis = nanos >= 10_000_000;
        boolean micros = !millis && nanos >= 10_000;
        double unit = millis ? 1_000_000 : micros ? 1_000 : 1;
        double value = nanos / unit;
        int digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
        String format = "%." + digits + "f";
        String spread = Double.isNaN(error) ? "" : " ± " + String.format(Locale.ROOT, format, error / unit);
        return String.format(Locale.ROOT, format, value) + spread + (millis ? " ms" : micros ? " µs" : " ns");
    }

    /** {@return a number of bytes, with a decimal only if it is no whole number} */
    static String bytes(double bytes) {
        if (Double.isNaN(bytes)) {
            return "–";
        }
        // JMH divides by the number of operations, so a fixed cost of the harness leaves a trace behind the comma.
        boolean whole = Math.abs(bytes - Math.rint(bytes)) < 0.05;
        return String.format(Locale.ROOT, whole ? "%.0f" : "%.1f", whole ? Math.rint(bytes) + 0.0 : bytes);
    }
}
