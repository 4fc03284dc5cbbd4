package dev.underpin.errors;

import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.result.DomainError;
import dev.underpin.result.DomainErrorException;
import dev.underpin.result.ErrorKind;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.UndeclaredThrowableException;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Turns what was thrown into an error. Immutable and thread-safe.
 *
 * <p>{@link CompletionException}, {@link ExecutionException}, {@link InvocationTargetException} and
 * {@link UndeclaredThrowableException} are taken off first. A {@link DomainErrorException} is its own error. For
 * anything else the function registered for the exact class decides, else that of the nearest superclass, else that of
 * an interface, nearest first. What nobody registered is {@link ErrorKind#INTERNAL}, with the exception as its cause.
 *
 * <p>Nothing of a throwable is copied, least of all its message, unless a registered function does so.
 */
public final class Translator {
    /** Wrappers are a few deep in practice; the bound ends a chain of causes that has no end. */
    private static final int MAX_WRAPPERS = 50;

    private final Map<Class<?>, Function<Object, ? extends @Nullable DomainError>> functions;
    private final boolean interfaces;

    private Translator(Map<Class<?>, Function<Object, ? extends @Nullable DomainError>> functions) {
        this.functions = Map.copyOf(functions);
        this.interfaces = functions.keySet().stream().anyMatch(Class::isInterface);
    }

    /** {@return a builder without registered functions} */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * {@return the error that stands for what was thrown} Never throws: a registered function that throws an exception
     * or returns null gives {@link ErrorKind#INTERNAL}.
     *
     * @param thrown what was thrown; an {@link Error} gives {@link ErrorKind#INTERNAL} like any other
     */
    public DomainError translate(Throwable thrown) {
        Throwable failure = unwrap(Objects.requireNonNull(thrown, "thrown"));
        // The error is null in an exception that went through Java serialization.
        if (failure instanceof DomainErrorException carrier && carrier.error() != null) {
            return carrier.error();
        }
        Function<Object, ? extends @Nullable DomainError> function = functionFor(failure.getClass());
        return function == null ? internal(thrown) : apply(function, failure);
    }

    private static DomainError apply(Function<Object, ? extends @Nullable DomainError> function, Throwable failure) {
        try {
            DomainError error = function.apply(failure);
            return error == null ? internal(untranslated(failure, null)) : error;
        } catch (Exception bug) {
            return internal(untranslated(failure, bug));
        }
    }

    /** {@return an exception for the log that has both: what was to be translated, and what went wrong with it} */
    private static Exception untranslated(Throwable failure, @Nullable Exception bug) {
        var both = new IllegalStateException(
                "The function registered for " + failure.getClass().getName()
                        + (bug == null ? " returned null" : " threw"),
                bug);
        both.addSuppressed(failure);
        return both;
    }

    private static DomainError internal(Throwable cause) {
        return DomainError.builder(ErrorKind.INTERNAL.code()).cause(cause).build();
    }

    private static Throwable unwrap(Throwable thrown) {
        Throwable failure = thrown;
        // A circle of wrappers ends at the bound, on one of them: nothing has to remember which were seen.
        for (int i = 0; i < MAX_WRAPPERS && isWrapper(failure); i++) {
            Throwable cause = causeOf(failure);
            if (cause == null) {
                break;
            }
            failure = cause;
        }
        return failure;
    }

    private static boolean isWrapper(Throwable thrown) {
        return thrown instanceof CompletionException
                || thrown instanceof ExecutionException
                || thrown instanceof InvocationTargetException
                || thrown instanceof UndeclaredThrowableException;
    }

    private static @Nullable Throwable causeOf(Throwable thrown) {
        try {
            return thrown.getCause();
        } catch (Exception hostile) {
            return null;
        }
    }

    private @Nullable Function<Object, ? extends @Nullable DomainError> functionFor(Class<?> type) {
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            var function = functions.get(c);
            if (function != null) {
                return function;
            }
        }
        return interfaces ? functionForInterface(type) : null;
    }

    private @Nullable Function<Object, ? extends @Nullable DomainError> functionForInterface(Class<?> type) {
        Deque<Class<?>> next = new ArrayDeque<>();
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            Collections.addAll(next, c.getInterfaces());
        }
        Set<Class<?>> seen = new HashSet<>();
        for (Class<?> c = next.poll(); c != null; c = next.poll()) {
            var function = functions.get(c);
            if (function != null) {
                return function;
            }
            if (seen.add(c)) {
                Collections.addAll(next, c.getInterfaces());
            }
        }
        return null;
    }

    /** Builds a {@link Translator}. Confined to one thread. */
    public static final class Builder {
        private final Map<Class<?>, Function<Object, ? extends @Nullable DomainError>> functions = new HashMap<>();

        private Builder() {}

        /**
         * Registers what an exception stands for.
         *
         * @param type a class of exceptions, or an interface that some implement; the last function registered for the
         *     same type counts
         * @param f makes the error; should keep the exception as its cause and take no text of it
         * @param <X> the type of the exceptions
         * @return this
         * @throws IllegalArgumentException if no exception can be of this type
         */
        @CanIgnoreReturnValue
        public <X> Builder on(Class<X> type, Function<? super X, ? extends DomainError> f) {
            Objects.requireNonNull(f, "f");
            if (!type.isInterface() && !Throwable.class.isAssignableFrom(type)) {
                throw new IllegalArgumentException("type must be a throwable or an interface: " + type.getName());
            }
            functions.put(type, thrown -> f.apply(type.cast(thrown)));
            return this;
        }

        /** {@return the translator} */
        public Translator build() {
            return new Translator(functions);
        }
    }
}
