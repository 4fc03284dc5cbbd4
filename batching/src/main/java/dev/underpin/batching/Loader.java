package dev.underpin.batching;

import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.Retry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * How many keys become one call: a definition without state, to be made once and used in every {@link LoadScope}.
 * Thread-safe. Keys are told apart by {@code equals}, or by {@link Builder#canonical}; {@code hashCode} and {@code equals} of
 * a key must not change while it is in a scope, must not block and must not use the scope.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
public final class Loader<K, V> {
    private static final int MAX_BATCH = 1_000;
    private static final int MAX_IN_FLIGHT = 4;
    private static final String MAX_WAIT = "PT0.05S";
    private static final String BATCH_TIMEOUT = "PT10S";

    final String name;
    final int maxBatch;
    final int maxInFlight;
    final long maxWaitNanos;
    final long batchTimeoutNanos;
    final @Nullable BatchListener listener;
    final boolean remembers;
    final boolean keepsExtras;
    private final Predicate<DomainError> keep;
    private final @Nullable Function<Object, ?> canonical;
    private final @Nullable Function<Object, ? extends DomainError> missing;
    private final Function<? super List<K>, ? extends Result<? extends Map<K, ? extends V>, ? extends DomainError>>
            whole;
    private final @Nullable BatchFunction<K, V> each;

    private Loader(
            Builder<?> builder,
            Function<? super List<K>, ? extends Result<? extends Map<K, ? extends V>, ? extends DomainError>> whole,
            @Nullable BatchFunction<K, V> each) {
        name = builder.name;
        maxBatch = builder.maxBatch;
        maxInFlight = builder.maxInFlight;
        maxWaitNanos = nanos(builder.maxWait);
        batchTimeoutNanos = nanos(builder.batchTimeout);
        listener = builder.listener;
        remembers = builder.remembers;
        keepsExtras = builder.keepsExtras;
        keep = builder.keep;
        canonical = builder.canonical;
        missing = builder.missing;
        this.whole = whole;
        this.each = each;
    }

    /** A time so long that it makes no difference is half of what can be counted: sums of two stay in order. */
    private static long nanos(Duration duration) {
        return duration.compareTo(Duration.ofNanos(Long.MAX_VALUE / 4)) > 0 ? Long.MAX_VALUE / 4 : duration.toNanos();
    }

    /**
     * {@return a builder of a loader; everything has a default}
     *
     * @param name what listeners and errors call it: 1 to 64 letters, digits, {@code -}, {@code _} or {@code .}
     * @throws IllegalArgumentException if the name is not of that form
     */
    public static Builder<Object> named(String name) {
        return new Builder<>(name);
    }

    /** {@return the name} */
    public String name() {
        return name;
    }

    @Override
    public String toString() {
        return "Loader " + name;
    }

    /** {@return by what a key is told from others} */
    Object identity(K key) {
        Objects.requireNonNull(key, "key");
        return canonical == null ? key : Objects.requireNonNull(canonical.apply(key), "canonical form of a key");
    }

    boolean isCanonical() {
        return canonical != null;
    }

    /** {@return the results of a batch by key} Runs the user's function. */
    Answer<K, V> call(List<K> keys, LoadScope scope) {
        if (each != null) {
            Map<K, ? extends Result<? extends V, ? extends DomainError>> results = each.load(keys, scope);
            return results == null ? Answer.none(this, keys) : new Answer.OfEach<>(this, results);
        }
        Result<? extends Map<K, ? extends V>, ? extends DomainError> result = whole.apply(keys);
        return result == null ? Answer.none(this, keys) : Answer.ofWhole(this, result);
    }

    DomainError missing(K key) {
        DomainError error = missing == null ? null : missing.apply(key);
        return error == null ? new LoadError(BatchingErrors.KEY_NOT_FOUND, name, key) : error;
    }

    boolean keeps(DomainError error) {
        return keep.test(error);
    }

    /**
     * Makes loaders. Confined to one thread; may be used for several.
     *
     * @param <K> what keys may be: anything, until an option names a type
     */
    public static final class Builder<K> {
        private final String name;
        private int maxBatch = MAX_BATCH;
        private int maxInFlight = MAX_IN_FLIGHT;
        private Duration maxWait = Duration.parse(MAX_WAIT);
        private Duration batchTimeout = Duration.parse(BATCH_TIMEOUT);
        private boolean remembers = true;
        private boolean keepsExtras;
        private Predicate<DomainError> keep = error -> error.retry() == Retry.NO && error.kind() != ErrorKind.CANCELLED;
        private @Nullable Function<Object, ?> canonical;
        private @Nullable Function<Object, ? extends DomainError> missing;
        private @Nullable BatchListener listener;

        private Builder(String name) {
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
            this.name = name;
        }

        /**
         * Sets how many keys a batch has at most; {@value Loader#MAX_BATCH} by default. More are split in the order in which
         * they were asked for, and as many as this do not wait for others.
         *
         * @param keys how many
         * @return this
         * @throws IllegalArgumentException if it is not positive
         */
        @CanIgnoreReturnValue
        public Builder<K> maxBatch(int keys) {
            maxBatch = positive("maxBatch", keys);
            return this;
        }

        /**
         * Sets how many batches of this loader run at once in a scope; {@value Loader#MAX_IN_FLIGHT} by default. They run
         * side by side where threads of the scope, or its executor, are there to do so.
         *
         * @param batches how many
         * @return this
         * @throws IllegalArgumentException if it is not positive
         */
        @CanIgnoreReturnValue
        public Builder<K> maxInFlight(int batches) {
            maxInFlight = positive("maxInFlight", batches);
            return this;
        }

        /**
         * Sets how long a key that somebody waits for is kept for others to join it while a task of the scope does not come
         * to wait, since it computes or waits for something else; {@value Loader#MAX_WAIT} by default. Counted from the first
         * key of a batch, or from when the last task of {@link LoadScope#fork} has started. It adds nothing where all tasks
         * come to wait. See {@link LoadScope#blocking}.
         *
         * @param wait how long
         * @return this
         * @throws IllegalArgumentException if it is not positive
         */
        @CanIgnoreReturnValue
        public Builder<K> maxWait(Duration wait) {
            maxWait = positive("maxWait", wait);
            return this;
        }

        /**
         * Sets how long a batch may run, or wait for somebody to run it, before all its keys fail with
         * {@link BatchingErrors#BATCH_TIMEOUT}; {@value Loader#BATCH_TIMEOUT} by default. The thread that runs it is
         * interrupted, and its place of {@link #maxInFlight} is free when the function has returned. A function that does not
         * listen to interrupts keeps its thread.
         *
         * @param timeout how long
         * @return this
         * @throws IllegalArgumentException if it is not positive
         */
        @CanIgnoreReturnValue
        public Builder<K> batchTimeout(Duration timeout) {
            batchTimeout = positive("batchTimeout", timeout);
            return this;
        }

        /**
         * Has nothing remembered: a key that was loaded is loaded again when it is asked for again. Who asks while it is
         * loaded still shares.
         *
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder<K> withoutMemo() {
            remembers = false;
            return this;
        }

        /**
         * Sets which errors of single keys are remembered; by default those that a repeat does not mend, by
         * {@link DomainError#retry}, and that are not of kind {@code CANCELLED}. What fails a batch as a whole is never remembered.
         *
         * @param remembered whether it is
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder<K> keep(Predicate<DomainError> remembered) {
            keep = Objects.requireNonNull(remembered, "remembered");
            return this;
        }

        /**
         * Has values remembered that the batch function returns without having been asked for them; they never take the place
         * of one that is asked for. Passed over by default.
         *
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder<K> keepExtras() {
            keepsExtras = true;
            return this;
        }

        /**
         * Sets by what keys are told apart, if not by {@code equals} of the keys themselves. The function gets the key that was
         * asked for first.
         *
         * @param form what equals for the same key, such as a folded name
         * @param <A> the type of the keys; the function's parameter says it
         * @return this
         */
        @CanIgnoreReturnValue
        @SuppressWarnings("unchecked") // the keys are those of the loader that is built, of this type
        public <A extends K> Builder<A> canonical(Function<? super A, ?> form) {
            canonical = (Function<Object, ?>) Objects.requireNonNull(form, "form");
            return (Builder<A>) this;
        }

        /**
         * Sets the error of a key that the answer does not have; {@link BatchingErrors#KEY_NOT_FOUND} by default.
         *
         * @param error makes it
         * @param <A> the type of the keys; the function's parameter says it
         * @return this
         */
        @CanIgnoreReturnValue
        @SuppressWarnings("unchecked") // as above
        public <A extends K> Builder<A> missing(Function<? super A, ? extends DomainError> error) {
            missing = (Function<Object, ? extends DomainError>) (Function<?, ?>) Objects.requireNonNull(error, "error");
            return (Builder<A>) this;
        }

        /**
         * Sets who hears of batches; nobody by default.
         *
         * @param listener hears
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder<K> listener(BatchListener listener) {
            this.listener = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /**
         * {@return a loader} What the function fails with is what all keys of the batch fail with; what it throws is as
         * {@link BatchFunction#load} says.
         *
         * @param batch gets the values of many keys: at least one, different ones, in the order in which they were first asked
         *     for, immutable; returns those that there are
         * @param <A> the type of the keys
         * @param <V> the type of the values
         */
        public <A extends K, V> Loader<A, V> build(
                Function<? super List<A>, ? extends Result<? extends Map<A, ? extends V>, ? extends DomainError>>
                        batch) {
            return new Loader<>(this, Objects.requireNonNull(batch, "batch"), null);
        }

        /**
         * {@return a loader that has a result for each key, and gets the scope}
         *
         * @param batch gets the results of many keys
         * @param <A> the type of the keys
         * @param <V> the type of the values
         */
        public <A extends K, V> Loader<A, V> buildPerKey(BatchFunction<A, V> batch) {
            Objects.requireNonNull(batch, "batch");
            return new Loader<>(
                    this,
                    keys -> {
                        throw new AssertionError("each is called");
                    },
                    batch);
        }

        private static int positive(String name, int value) {
            if (value < 1) {
                throw new IllegalArgumentException(name + " must be at least 1: " + value);
            }
            return value;
        }

        private static Duration positive(String name, Duration value) {
            Objects.requireNonNull(value, name);
            if (value.isNegative() || value.isZero()) {
                throw new IllegalArgumentException(name + " must be positive: " + value);
            }
            return value;
        }
    }
}
