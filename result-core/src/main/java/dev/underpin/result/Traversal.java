package dev.underpin.result;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One function over many items. */
final class Traversal {
    /** A size is a claim: a collection may say more than it will ever yield before the first failure. */
    private static final int MAX_PRESIZED = 1 << 16;

    private Traversal() {}

    static <A, B, E> Result<List<B>, E> untilFailure(
            Iterable<? extends A> items, Function<? super A, ? extends Result<? extends B, ? extends E>> f) {
        Objects.requireNonNull(items, "items");
        Objects.requireNonNull(f, "f");
        List<B> values = listFor(items);
        for (A item : items) {
            Result<B, E> result = result(f, item);
            if (result instanceof Result.Err<B, E> err) {
                return err.map(unreached -> values); // this same failure, as a failure of the list
            }
            values.add(((Result.Ok<B, E>) result).value());
        }
        return new Result.Ok<>(Collections.unmodifiableList(values));
    }

    static <A, B, E> Result<List<B>, List<E>> all(
            Iterable<? extends A> items, Function<? super A, ? extends Result<? extends B, ? extends E>> f) {
        Objects.requireNonNull(items, "items");
        Objects.requireNonNull(f, "f");
        List<B> values = listFor(items);
        @Nullable List<E> errors = null;
        for (A item : items) {
            Result<B, E> result = result(f, item);
            if (result instanceof Result.Ok<B, E> ok) {
                values.add(ok.value());
            } else if (result instanceof Result.Err<B, E> err) {
                errors = errors == null ? new ArrayList<>() : errors;
                errors.add(err.error());
            }
        }
        return errors == null
                ? new Result.Ok<>(Collections.unmodifiableList(values))
                : new Result.Err<>(Collections.unmodifiableList(errors));
    }

    private static <A, B, E> Result<B, E> result(
            Function<? super A, ? extends Result<? extends B, ? extends E>> f, A item) {
        return Result.widen(Objects.requireNonNull(f.apply(item), "traverse function returned null"));
    }

    private static <B> List<B> listFor(Iterable<?> items) {
        return new ArrayList<>(items instanceof Collection<?> known ? Math.min(known.size(), MAX_PRESIZED) : 10);
    }
}
