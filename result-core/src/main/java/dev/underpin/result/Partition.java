package dev.underpin.result;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The values and the failures a collector has seen. Confined to one thread at a time, as collectors are. */
final class Partition<T, E> {
    final List<T> values = new ArrayList<>();
    final List<E> errors = new ArrayList<>();

    void add(Result<T, E> result) {
        if (Objects.requireNonNull(result, "result") instanceof Result.Ok<T, E> ok) {
            values.add(ok.value());
        } else if (result instanceof Result.Err<T, E> err) {
            errors.add(err.error());
        }
    }

    Partition<T, E> addAll(Partition<T, E> later) {
        values.addAll(later.values);
        errors.addAll(later.errors);
        return this;
    }
}
