package dev.underpin.result;

import java.util.ArrayList;
import java.util.Collections;
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
 * and not with the first bad input. What depends on two values is required inside {@code build}, where both are there:
 * <pre>{@code
 * return v.build(() -> {
 *     v.require("until", from.get().isBefore(until.get()), UNTIL_AFTER_FROM);
 *     return new Period(from.get(), until.get());
 * });
 * }</pre>
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
     * @throws IllegalStateException inside {@link #build}
     */
    @CanIgnoreReturnValue
    public <T> Supplier<T> check(String field, Result<? extends T, ? extends DomainError> result) {
        Objects.requireNonNull(field, "field");
        Objects.requireNonNull(result, "result");
        faults.requireNotBuilding(field);
        Result<T, DomainError> checked = Result.widen(result);
        String whole = Detail.join(path, field);
        if (checked instanceof Result.Ok<T, DomainError> ok) {
            return new Handle<>(faults, whole, ok.value());
        }
        faults.addAll(whole, checked);
        return new Handle<>(faults, whole, null);
    }

    /**
     * Adds a fault unless a condition holds. Where the text of the fault has arguments, {@link #check} an error that
     * has them: {@code v.check("name", Result.err(TOO_LONG.error(Map.of("max", 80))))}.
     *
     * @param field the path of the field, below the prefix of this validation
     * @param holds the condition
     * @param otherwise the fault; a text without placeholders
     * @return this
     * @throws IllegalArgumentException if the text has a placeholder, whether the condition holds or not
     */
    @CanIgnoreReturnValue
    public Validation require(String field, boolean holds, ErrorCode otherwise) {
        Objects.requireNonNull(field, "field");
        Objects.requireNonNull(otherwise, "otherwise").requireNoPlaceholder();
        if (!holds) {
            faults.add(Detail.of(Detail.join(path, field), otherwise));
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
     * @throws IllegalStateException inside {@link #build}
     */
    @CanIgnoreReturnValue
    public <A, T> Supplier<List<T>> checkEach(
            String field,
            Iterable<? extends A> items,
            Function<? super A, ? extends Result<? extends T, ? extends DomainError>> f) {
        Objects.requireNonNull(field, "field");
        Objects.requireNonNull(items, "items");
        Objects.requireNonNull(f, "f");
        faults.requireNotBuilding(field);
        String whole = Detail.join(path, field);
        List<T> values = new ArrayList<>();
        boolean complete = true;
        int index = 0;
        for (A item : items) {
            Result<T, DomainError> checked =
                    Result.widen(Objects.requireNonNull(f.apply(item), "checkEach function returned null"));
            if (checked instanceof Result.Ok<T, DomainError> ok) {
                values.add(ok.value());
            } else {
                faults.addAll(Detail.join(whole, "[" + index + ']'), checked);
                complete = false;
            }
            index++;
        }
        return new Handle<>(faults, whole, complete ? Collections.unmodifiableList(values) : null);
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
     * @param whenValid makes the value; runs only if every check held, may read their handles, and may call
     *     {@link #require}, whose faults count too
     * @param <T> the type of the value
     */
    public <T> Result<T, ValidationError> build(Supplier<? extends T> whenValid) {
        Objects.requireNonNull(whenValid, "whenValid");
        if (faults.details != null) {
            return new Result.Err<>(new ValidationError(faults.details));
        }
        T value = faults.whileReadable(whenValid);
        return faults.details == null ? new Result.Ok<>(value) : new Result.Err<>(new ValidationError(faults.details));
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
        /** Made by the first fault: an input without any, as nearly all are, pays for no list. */
        private @Nullable List<Detail> details;

        private boolean readable;

        void add(Detail detail) {
            if (details == null) {
                details = new ArrayList<>();
            }
            details.add(detail);
        }

        void addAll(String field, Result<?, DomainError> checked) {
            if (checked instanceof Result.Err<?, DomainError> err) {
                if (!isFaultOfInput(err.error().kind())) {
                    throw new DomainErrorException(err.error());
                }
                Detail.of(field, err.error()).forEach(this::add);
            }
        }

        /** A check made while the value is built has a handle that may have no value: it belongs before. */
        void requireNotBuilding(String field) {
            if (readable) {
                throw new IllegalStateException("\"" + field
                        + "\" must be checked before build(...); inside it only require(...) can be called");
            }
        }

        <T> T whileReadable(Supplier<? extends T> whenValid) {
            boolean outer = readable;
            readable = true;
            try {
                return Objects.requireNonNull(whenValid.get(), "whenValid returned null");
            } finally {
                readable = outer;
            }
        }
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
