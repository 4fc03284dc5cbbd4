package dev.underpin.result;

import java.util.Collections;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collector;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A value, or the reason there is none.
 *
 * <p>Immutable and value-based: do not synchronize on a result or compare it by identity. Neither slot holds null; where
 * absence is an answer, the value is an {@link Optional}. What a callback throws passes through unchanged; only
 * {@link #attempt} and {@link #fromFuture} turn exceptions into errors, and only those they say. An {@link Err} goes
 * through {@link #map} and {@link #flatMap}, and an {@link Ok} through {@link #mapError}, as the same instance.
 *
 * <p>Read it with a {@code switch} over {@link Ok} and {@link Err} (Java 21), with {@code instanceof} patterns, or with
 * {@link #fold}. Patterns are the cheapest: they allocate nothing, whatever the mix of outcomes.
 *
 * <p>Java has no lower-bounded type variables, so a chain cannot widen its error type on the way: start it wide, use
 * {@link #widen} on a narrow result, or {@code mapError(DomainError::widen)} inside a chain. Declare the variable's type
 * where a chain starts from {@link #ok(Object)}: {@code var} infers {@code Object} for the error.
 *
 * @param <T> the type of the value
 * @param <E> the type of the reason
 */
public sealed interface Result<T, E> {
    /**
     * Success.
     *
     * @param value the value
     * @param <T> the type of the value
     * @param <E> the type of the reason there could have been
     */
    record Ok<T, E>(T value) implements Result<T, E> {
        private static final Ok<Unit, ?> UNIT = new Ok<>(Unit.UNIT);

        /** Rejects null. */
        public Ok {
            Objects.requireNonNull(value, "value");
        }

        /** {@return the type of the value; the value itself may be what no log should hold} */
        @Override
        public String toString() {
            return "Ok[" + typeOf(value) + ']';
        }
    }

    /**
     * Failure.
     *
     * @param error the reason
     * @param <T> the type of the value there could have been
     * @param <E> the type of the reason
     */
    record Err<T, E>(E error) implements Result<T, E> {
        /** Rejects null. */
        public Err {
            Objects.requireNonNull(error, "error");
        }

        /** {@return the code of the error, or its type if it is no domain error} */
        @Override
        public String toString() {
            return "Err[" + (error instanceof DomainError domain ? domain.code().name() : typeOf(error)) + ']';
        }
    }

    /* ---- making one ---- */

    /**
     * {@return a success}
     *
     * @param value the value
     * @param <T> the type of the value
     * @param <E> the type of the reason
     */
    static <T, E> Result<T, E> ok(T value) {
        return new Ok<>(value);
    }

    /**
     * {@return the success of an operation that has no value} Always the same instance.
     *
     * @param <E> the type of the reason
     */
    @SuppressWarnings("unchecked") // holds no E
    static <E> Result<Unit, E> ok() {
        return (Result<Unit, E>) Ok.UNIT;
    }

    /**
     * {@return a failure}
     *
     * @param error the reason
     * @param <T> the type of the value
     * @param <E> the type of the reason
     */
    static <T, E> Result<T, E> err(E error) {
        return new Err<>(error);
    }

    /**
     * {@return the value if present, else a failure}
     *
     * @param value a value that may be absent; {@code Optional.ofNullable(x)} for one that may be null
     * @param absent makes the reason, only if needed
     * @param <T> the type of the value
     * @param <E> the type of the reason
     */
    static <T, E> Result<T, E> ofOptional(Optional<? extends T> value, Supplier<? extends E> absent) {
        Objects.requireNonNull(value, "value");
        Objects.requireNonNull(absent, "absent");
        return value.isPresent() ? new Ok<>(value.get()) : new Err<>(given(absent.get(), "absent supplier"));
    }

    /**
     * Runs a body that throws where it fails, and turns the expected exception into a value.
     *
     * <p>Exceptions of any other class fly, and so does every {@link Error}. A {@link CancellationException} flies even
     * if its class is expected: it is the caller's wish, not an outcome. If an {@link InterruptedException} is expected,
     * the thread's interrupt flag is set again before this returns.
     *
     * @param expected the class of the exceptions that are outcomes
     * @param body what to run
     * @param <T> the type of the value
     * @param <X> the expected exception
     * @return the value, or the exception
     */
    static <T, X extends Exception> Result<T, X> attempt(
            Class<X> expected, ThrowingSupplier<? extends T, ? extends X> body) {
        return Bridges.attempt(expected, body);
    }

    /**
     * Turns the outcome of a stage into a value.
     *
     * <p>The wrappers that stages and reflection put around a failure are taken off before {@code toError} sees it, and
     * a cancelled stage is a failure by {@link CancellationException}. The returned future always completes once the
     * stage does; it completes exceptionally only for bugs: with an {@link Error} of the stage, with what
     * {@code toError} throws, or with a {@link NullPointerException} if the stage or {@code toError} yields null.
     * Cancelling it does not touch the stage. {@code toError} runs on the thread that completes the stage, or on the calling
     * one if the stage is complete already.
     *
     * @param stage the stage
     * @param toError makes the reason of a failure
     * @param <T> the type of the value
     * @param <E> the type of the reason
     * @return the outcome
     */
    static <T, E> CompletableFuture<Result<T, E>> fromFuture(
            CompletionStage<? extends T> stage, Function<? super Exception, ? extends E> toError) {
        return Bridges.fromFuture(stage, toError);
    }

    /**
     * {@return the same instance, as a result of wider types} Costs nothing; sound because a result is immutable.
     *
     * @param result a result of narrower types
     * @param <T> the wider type of the value
     * @param <E> the wider type of the reason
     */
    @SuppressWarnings("unchecked") // read-only, so covariant
    static <T, E> Result<T, E> widen(Result<? extends T, ? extends E> result) {
        return (Result<T, E>) Objects.requireNonNull(result, "result");
    }

    /* ---- many ---- */

    /**
     * Applies a function to each item until one fails.
     *
     * @param items the items
     * @param f the function; not called again after a failure
     * @param <A> the type of the items
     * @param <B> the type of the values
     * @param <E> the type of the reason
     * @return the values in order, unmodifiable, or the first failure
     */
    static <A, B, E> Result<List<B>, E> traverse(
            Iterable<? extends A> items, Function<? super A, ? extends Result<? extends B, ? extends E>> f) {
        return Traversal.untilFailure(items, f);
    }

    /**
     * Applies a function to every item and keeps every failure.
     *
     * @param items the items
     * @param f the function; called once for each item
     * @param <A> the type of the items
     * @param <B> the type of the values
     * @param <E> the type of the reason
     * @return the values in order, or all failures in order; unmodifiable
     */
    static <A, B, E> Result<List<B>, List<E>> traverseAll(
            Iterable<? extends A> items, Function<? super A, ? extends Result<? extends B, ? extends E>> f) {
        return Traversal.all(items, f);
    }

    /**
     * {@return both values combined, or the first failure}; more than two, or all failures: {@link Validation}.
     *
     * @param a a result
     * @param b another result
     * @param f combines the values, only if there are both
     * @param <A> the type of the one value
     * @param <B> the type of the other value
     * @param <C> the type of the combined value
     * @param <E> the type of the reason
     */
    static <A, B, C, E> Result<C, E> zip(
            Result<? extends A, ? extends E> a,
            Result<? extends B, ? extends E> b,
            BiFunction<? super A, ? super B, ? extends C> f) {
        Objects.requireNonNull(a, "a");
        Objects.requireNonNull(b, "b");
        Objects.requireNonNull(f, "f");
        Result<A, E> first = widen(a);
        Result<B, E> second = widen(b);
        if (!(first instanceof Ok<A, E> left)) {
            return failed(first);
        }
        if (!(second instanceof Ok<B, E> right)) {
            return failed(second);
        }
        return new Ok<>(given(f.apply(left.value, right.value), "zip function"));
    }

    /**
     * {@return a collector of the values in encounter order, unmodifiable, or of the first failure} A stream cannot be
     * stopped by its collector: to stop at the first failure, use {@link #traverse}.
     *
     * @param <T> the type of the values
     * @param <E> the type of the reason
     */
    static <T, E> Collector<Result<T, E>, ?, Result<List<T>, E>> toList() {
        return partitioning((values, errors) -> errors.isEmpty() ? new Ok<>(values) : new Err<>(errors.get(0)));
    }

    /**
     * {@return a collector of the values and of the failures, each in encounter order and unmodifiable}
     *
     * @param f combines both lists, for example the constructor of a report
     * @param <T> the type of the values
     * @param <E> the type of the reasons
     * @param <R> the type of the combination
     */
    static <T, E, R> Collector<Result<T, E>, ?, R> partitioning(
            BiFunction<? super List<T>, ? super List<E>, ? extends R> f) {
        Objects.requireNonNull(f, "f");
        return Collector.of(
                Partition<T, E>::new,
                Partition::add,
                Partition::addAll,
                partition -> f.apply(
                        Collections.unmodifiableList(partition.values),
                        Collections.unmodifiableList(partition.errors)));
    }

    /* ---- chaining ---- */

    /** {@return whether there is a value} */
    default boolean isOk() {
        return this instanceof Ok;
    }

    /**
     * {@return the mapped value, or this same failure}
     *
     * @param f maps the value; must not return null
     * @param <U> the type of the mapped value
     */
    default <U> Result<U, E> map(Function<? super T, ? extends U> f) {
        Objects.requireNonNull(f, "f");
        return this instanceof Ok<T, E> ok ? new Ok<>(given(f.apply(ok.value), "map function")) : failed(this);
    }

    /**
     * {@return what {@code f} returns for the value, or this same failure}
     *
     * @param f the next step; must not return null
     * @param <U> the type of the next value
     */
    default <U> Result<U, E> flatMap(Function<? super T, ? extends Result<? extends U, ? extends E>> f) {
        Objects.requireNonNull(f, "f");
        return this instanceof Ok<T, E> ok ? widen(given(f.apply(ok.value), "flatMap function")) : failed(this);
    }

    /**
     * {@return this same success, or the mapped failure}
     *
     * @param f maps the reason; must not return null
     * @param <F> the type of the mapped reason
     */
    default <F> Result<T, F> mapError(Function<? super E, ? extends F> f) {
        Objects.requireNonNull(f, "f");
        return this instanceof Err<T, E> err
                ? new Err<>(given(f.apply(err.error), "mapError function"))
                : succeeded(this);
    }

    /**
     * {@return this same result, unless it is a value that fails the test}
     *
     * @param test what the value must pass
     * @param otherwise makes the reason for a value that does not pass
     */
    default Result<T, E> filter(Predicate<? super T> test, Function<? super T, ? extends E> otherwise) {
        Objects.requireNonNull(test, "test");
        Objects.requireNonNull(otherwise, "otherwise");
        return this instanceof Ok<T, E> ok && !test.test(ok.value)
                ? new Err<>(given(otherwise.apply(ok.value), "filter function"))
                : this;
    }

    /**
     * {@return this same success, or what {@code f} returns for the failure}
     *
     * @param f another way to a value, or to another failure
     * @param <F> the type of the reason from there on
     */
    default <F> Result<T, F> recoverWith(Function<? super E, ? extends Result<? extends T, ? extends F>> f) {
        Objects.requireNonNull(f, "f");
        return this instanceof Err<T, E> err
                ? widen(given(f.apply(err.error), "recoverWith function"))
                : succeeded(this);
    }

    /**
     * Runs an action on the value, if there is one. What the action throws flies.
     *
     * @param f the action
     * @return this
     */
    @CanIgnoreReturnValue
    default Result<T, E> onOk(Consumer<? super T> f) {
        Objects.requireNonNull(f, "f");
        if (this instanceof Ok<T, E> ok) {
            f.accept(ok.value);
        }
        return this;
    }

    /**
     * Runs an action on the failure, if there is one. What the action throws flies.
     *
     * @param f the action
     * @return this
     */
    @CanIgnoreReturnValue
    default Result<T, E> onErr(Consumer<? super E> f) {
        Objects.requireNonNull(f, "f");
        if (this instanceof Err<T, E> err) {
            f.accept(err.error);
        }
        return this;
    }

    /* ---- leaving ---- */

    /**
     * {@return what the function of this outcome returns} Always the success first.
     *
     * @param ok called with the value
     * @param err called with the reason
     * @param <R> the type of the outcome
     */
    default <R> R fold(Function<? super T, ? extends R> ok, Function<? super E, ? extends R> err) {
        Objects.requireNonNull(ok, "ok");
        Objects.requireNonNull(err, "err");
        return this instanceof Err<T, E> failure
                ? given(err.apply(failure.error), "err function")
                : given(ok.apply(value(this)), "ok function");
    }

    /**
     * {@return the value, or what {@code f} makes of the failure}
     *
     * @param f makes a value of the reason; must not return null
     */
    default T recover(Function<? super E, ? extends T> f) {
        Objects.requireNonNull(f, "f");
        return this instanceof Err<T, E> err ? given(f.apply(err.error), "recover function") : value(this);
    }

    /**
     * {@return the value, or {@code other}}
     *
     * @param other the value in case of failure
     */
    default T orElse(T other) {
        Objects.requireNonNull(other, "other");
        return this instanceof Ok<T, E> ok ? ok.value : other;
    }

    /**
     * {@return the value} For tests, start-up code, and failures that would be a bug.
     *
     * @throws DomainErrorException if the reason is a {@link DomainError}
     * @throws NoSuchElementException if the reason is anything else; its cause, if the reason is a throwable
     */
    default T orElseThrow() {
        if (this instanceof Err<T, E> err) {
            if (err.error instanceof DomainError domain) {
                throw new DomainErrorException(domain);
            }
            throw new NoSuchElementException("No value: " + err, err.error instanceof Throwable thrown ? thrown : null);
        }
        return value(this);
    }

    /**
     * {@return the value}
     *
     * @param f makes what is thrown for a failure
     * @param <X> the type of what is thrown
     * @throws X if there is no value
     */
    default <X extends Throwable> T orElseThrow(Function<? super E, ? extends X> f) throws X {
        Objects.requireNonNull(f, "f");
        if (this instanceof Err<T, E> err) {
            throw given(f.apply(err.error), "orElseThrow function");
        }
        return value(this);
    }

    /** {@return the value, if there is one} */
    default Optional<T> toOptional() {
        return this instanceof Ok<T, E> ok ? Optional.of(ok.value) : Optional.empty();
    }

    /** {@return a stream of the value, or of nothing} */
    default Stream<T> stream() {
        return this instanceof Ok<T, E> ok ? Stream.of(ok.value) : Stream.empty();
    }

    /* ---- shared ---- */

    /** {@return the simple name of a class, or the full one of a class that has no name of its own} */
    private static String typeOf(Object value) {
        Class<?> type = value.getClass();
        return type.isHidden() || type.isAnonymousClass() ? type.getPackageName() + ".(unnamed)" : type.getSimpleName();
    }

    /** {@return the value of what is known to be a success} */
    private static <T, E> T value(Result<T, E> result) {
        return ((Ok<T, E>) result).value;
    }

    /** {@return the same failure; it holds no value whose type could be wrong} */
    @SuppressWarnings("unchecked")
    private static <T, E> Result<T, E> failed(Result<?, E> result) {
        return (Result<T, E>) result;
    }

    /** {@return the same success; it holds no reason whose type could be wrong} */
    @SuppressWarnings("unchecked")
    private static <T, F> Result<T, F> succeeded(Result<T, ?> result) {
        return (Result<T, F>) result;
    }

    private static <V> V given(@Nullable V returned, String by) {
        if (returned == null) {
            throw new NullPointerException(by + " returned null");
        }
        return returned;
    }
}
