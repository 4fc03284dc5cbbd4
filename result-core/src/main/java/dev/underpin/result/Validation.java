package dev.underpin.result;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Collects the faults of an input, as many as there are, and builds the value if there is none.
 *
 * <pre>{@code
 * var v = Validation.start();
 * var sku = v.check("sku", Sku.parse(dto.sku()));
 * v.require("quantity", dto.quantity() > 0, QUANTITY_POSITIVE);
 * return v.build(() -> new NewOrder(sku.get(), dto.quantity()));
 * }</pre>
 *
 * <p>Each check runs once and hands out a typed handle. A handle can be read only inside {@link #build}, where every
 * check is known to have held; read earlier it throws, whatever the input, so that the mistake shows in the first test
 * and not with the first bad input. A check that reads two values takes them from their results:
 * {@code v.require("until", Result.zip(from, until, LocalDate::isBefore).orElse(true), UNTIL_AFTER_FROM)}.
 *
 * <p>Only what can be wrong with an input becomes a detail. A check whose error is of another kind (the caller is not
 * allowed, a dependency is down) throws it as a {@link DomainErrorException}: answered as a bad request it would tell
 * the client to change an input that is right.
 *
 * <p>Confined to one thread.
 */
public final class Validation {
    private final Faults faults;
    private final String path;

    private Validation(Faults faults, String path) {
        this.faults = faults;
        this.path = path;
    }

    /** {@return a validation without faults} */
    public static Validation start() {
        return new Validation(new Faults(), "");
    }

    /**
     * Keeps the faults of a result. Details the error has go below {@code field}; an error without details is the fault
     * of the field itself.
     *
     * @param field the path of the field, below the prefix of this validation
     * @param result what parsing the field gave
     * @param <T> the type of the value
     * @return the handle of the value
     * @throws DomainErrorException if the error is no fault of the input
     */
    @CanIgnoreReturnValue
    public <T> Supplier<T> check(String field, Result<? extends T, ? extends DomainError> result) {
        Objects.requireNonNull(field, "field");
        Objects.requireNonNull(result, "result");
        return new Handle<>(faults, Detail.join(path, field), valueOrFault(field, result));
    }

    /**
     * Adds a fault unless a condition holds.
     *
     * @param field the path of the field, below the prefix of this validation
     * @param holds the condition
     * @param otherwise the fault
     * @return this
     */
    @CanIgnoreReturnValue
    public Validation require(String field, boolean holds, ErrorCode otherwise) {
        Objects.requireNonNull(field, "field");
        Objects.requireNonNull(otherwise, "otherwise");
        if (!holds) {
            faults.details.add(Detail.of(field, otherwise).at(path));
        }
        return this;
    }

    /**
     * Checks every item of a list; the fault of the third is at {@code field[2]}.
     *
     * @param field the path of the list, below the prefix of this validation
     * @param items the items
     * @param f parses one item; called once for each
     * @param <A> the type of the items
     * @param <T> the type of the values
     * @return the handle of the values in order, unmodifiable
     * @throws DomainErrorException if an error is no fault of the input
     */
    @CanIgnoreReturnValue
    public <A, T> Supplier<List<T>> checkEach(
            String field,
            Iterable<? extends A> items,
            Function<? super A, ? extends Result<? extends T, ? extends DomainError>> f) {
        Objects.requireNonNull(field, "field");
        Objects.requireNonNull(items, "items");
        Objects.requireNonNull(f, "f");
        List<T> values = new ArrayList<>();
        int index = 0;
        for (A item : items) {
            Result<? extends T, ? extends DomainError> result =
                    Objects.requireNonNull(f.apply(item), "checkEach function returned null");
            T value = valueOrFault(Detail.join(field, "[" + index + ']'), result);
            if (value != null) {
                values.add(value);
            }
            index++;
        }
        return new Handle<>(faults, Detail.join(path, field), List.copyOf(values));
    }

    /**
     * {@return a view that collects into this same validation, with every field below {@code prefix}}
     *
     * @param prefix the path of an object, such as {@code address} or {@code items[2]}
     */
    public Validation at(String prefix) {
        return new Validation(faults, Detail.join(path, Objects.requireNonNull(prefix, "prefix")));
    }

    /**
     * {@return the value, or all faults in the order they were found}
     *
     * @param whenValid makes the value; runs only if every check held, and may read their handles
     * @param <T> the type of the value
     */
    public <T> Result<T, ValidationError> build(Supplier<? extends T> whenValid) {
        Objects.requireNonNull(whenValid, "whenValid");
        if (!faults.details.isEmpty()) {
            return new Result.Err<>(new ValidationError(faults.details));
        }
        boolean outer = faults.readable;
        faults.readable = true;
        try {
            return new Result.Ok<>(Objects.requireNonNull(whenValid.get(), "whenValid returned null"));
        } finally {
            faults.readable = outer;
        }
    }

    private <T> @Nullable T valueOrFault(String field, Result<? extends T, ? extends DomainError> result) {
        Result<T, DomainError> checked = Result.widen(result);
        if (checked instanceof Result.Err<T, DomainError> err) {
            DomainError error = err.error();
            if (!isFaultOfInput(error.kind())) {
                throw new DomainErrorException(error);
            }
            for (Detail detail : Detail.of(field, error)) {
                faults.details.add(detail.at(path));
            }
            return null;
        }
        return ((Result.Ok<T, DomainError>) checked).value();
    }

    private static boolean isFaultOfInput(ErrorKind kind) {
        return switch (kind) {
            case MALFORMED, VALIDATION, NOT_FOUND, CONFLICT, PRECONDITION, UNPROCESSABLE -> true;
            case UNAUTHENTICATED,
                    FORBIDDEN,
                    RATE_LIMITED,
                    CANCELLED,
                    INTERNAL,
                    NOT_IMPLEMENTED,
                    BAD_GATEWAY,
                    UNAVAILABLE,
                    TIMEOUT -> false;
        };
    }

    /** What all views of one validation share. */
    private static final class Faults {
        final List<Detail> details = new ArrayList<>();
        boolean readable;
    }

    /** The value of one check, readable while the value of the whole is built. */
    private record Handle<T>(
            Faults faults, String field, @Nullable T value) implements Supplier<T> {
        @Override
        public T get() {
            if (!faults.readable || value == null) {
                throw new IllegalStateException(
                        "The value of \"" + field + "\" can be read only inside build(...), once every check has held");
            }
            return value;
        }

        /** {@return the field; the value itself may be what no log should hold} */
        @Override
        public String toString() {
            return "Handle[" + field + ']';
        }
    }
}
