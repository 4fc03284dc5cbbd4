package dev.underpin.testkit;

import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.spi.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Errors, exceptions and delays in the place of a call, at random, and with the same seed the same each time.
 *
 * <p>Put around a remote call, it makes one of so many fail. What happens to the n-th call depends on the seed, the rates of
 * the faults and n, and on nothing else: other delays, for one, leave the failures where they are. Thread-safe; with several
 * threads, n is the order in which they come here.
 */
public final class Faults {
    private static final Faults NONE = seeded(0).build();

    private final List<Fault> faults;
    private final double latencyRate;
    private final Duration latency;
    private final TimeSource time;
    private final boolean harmless;
    private final ReentrantLock drawing = new ReentrantLock();
    private final SplittableRandom random;
    private volatile boolean enabled = true;

    /**
     * What a call ends with instead.
     *
     * @param upTo a draw below it, and not below that of the fault before, is this fault
     */
    private record Fault(
            double upTo,
            @Nullable DomainError error,
            @Nullable Supplier<? extends Exception> exception) {}

    private Faults(Builder builder) {
        faults = List.copyOf(builder.faults);
        latencyRate = builder.latencyRate;
        latency = builder.latency;
        time = builder.time;
        harmless = faults.isEmpty() && latencyRate == 0;
        random = new SplittableRandom(builder.seed);
    }

    /**
     * {@return a builder of faults; without a word, there are none}
     *
     * @param seed decides which calls are hit
     */
    public static Builder seeded(long seed) {
        return new Builder(seed);
    }

    /** {@return no faults} */
    public static Faults none() {
        return NONE;
    }

    /**
     * {@return the answer of the call, or an error in its place} With an error or an exception the call is not made.
     *
     * @param call the remote call
     * @param <T> the type of the value
     * @throws Exception an exception in the place of the call, or what the call throws; an {@link InterruptedException} if
     *     the thread is interrupted during a delay
     */
    public <T> Result<T, DomainError> apply(Callable<? extends Result<? extends T, ? extends DomainError>> call)
            throws Exception {
        Objects.requireNonNull(call, "call");
        if (harmless || !enabled) {
            return Result.widen(call.call());
        }
        double late;
        double draw;
        drawing.lock();
        try {
            late = random.nextDouble();
            draw = random.nextDouble();
        } finally {
            drawing.unlock();
        }
        if (late < latencyRate) {
            time.sleep(latency);
        }
        for (Fault fault : faults) {
            if (draw < fault.upTo()) {
                return instead(fault);
            }
        }
        return Result.widen(call.call());
    }

    /**
     * Turns the faults on, as they are at first, or off. While they are off a call is the call itself, and the sequence of
     * faults stands still.
     *
     * @param enabled whether they are on
     */
    public void enabled(boolean enabled) {
        this.enabled = enabled;
    }

    private static <T> Result<T, DomainError> instead(Fault fault) throws Exception {
        if (fault.exception() != null) {
            throw fault.exception().get();
        }
        return Result.err(Objects.requireNonNull(fault.error()));
    }

    /** Builds {@link Faults}. Confined to one thread. Rates are from 0 to 1. */
    public static final class Builder {
        private final long seed;
        private final List<Fault> faults = new ArrayList<>();
        private double latencyRate;
        private Duration latency = Duration.ZERO;
        private TimeSource time = TimeSource.system();

        private Builder(long seed) {
            this.seed = seed;
        }

        /**
         * Adds an error that some calls fail with.
         *
         * @param rate the share of calls
         * @param error the error
         * @return this
         * @throws IllegalArgumentException if the rates of all errors and exceptions are more than 1 together
         */
        @CanIgnoreReturnValue
        public Builder errors(double rate, DomainError error) {
            return add(rate, Objects.requireNonNull(error, "error"), null);
        }

        /**
         * Adds an exception that some calls throw.
         *
         * @param rate the share of calls
         * @param exception makes one for each of them
         * @return this
         * @throws IllegalArgumentException if the rates of all errors and exceptions are more than 1 together
         */
        @CanIgnoreReturnValue
        public Builder exceptions(double rate, Supplier<? extends Exception> exception) {
            return add(rate, null, Objects.requireNonNull(exception, "exception"));
        }

        /**
         * Sets how much later some calls are made, whether they fail or not; none by default.
         *
         * @param rate the share of calls
         * @param delay how much later, not negative
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder latency(double rate, Duration delay) {
            if (delay.isNegative()) {
                throw new IllegalArgumentException("delay must not be negative: " + delay);
            }
            latencyRate = rate(rate);
            latency = delay;
            return this;
        }

        /**
         * Sets the time; that of the machine by default.
         *
         * @param time waits
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder time(TimeSource time) {
            this.time = Objects.requireNonNull(time, "time");
            return this;
        }

        /** {@return the faults, at the beginning of their sequence} */
        public Faults build() {
            return new Faults(this);
        }

        private Builder add(
                double rate, @Nullable DomainError error, @Nullable Supplier<? extends Exception> exception) {
            double before = faults.isEmpty() ? 0 : faults.get(faults.size() - 1).upTo();
            double upTo = before + rate(rate);
            if (upTo > 1 + 1e-9) { // sums of tenths are not exact
                throw new IllegalArgumentException("rates must not be more than 1 together: " + upTo);
            }
            faults.add(new Fault(upTo > 1 - 1e-9 ? 1 : upTo, error, exception));
            return this;
        }

        private static double rate(double rate) {
            if (!(rate >= 0 && rate <= 1)) {
                throw new IllegalArgumentException("rate must be from 0 to 1: " + rate);
            }
            return rate;
        }
    }
}
