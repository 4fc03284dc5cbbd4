package dev.underpin.result;

import java.lang.reflect.InvocationTargetException;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The bridges from code that throws, and from completion stages. */
final class Bridges {
    /** Wrappers are a few deep in practice; the bound ends a chain of causes that has no end. */
    private static final int MAX_WRAPPERS = 50;

    private Bridges() {}

    static <T, X extends Exception> Result<T, X> attempt(
            Class<X> expected, ThrowingSupplier<? extends T, ? extends X> body) {
        Objects.requireNonNull(expected, "expected");
        Objects.requireNonNull(body, "body");
        T value;
        try {
            value = body.get();
        } catch (Exception e) {
            return Bridges.<T, X, RuntimeException>expectedOrThrow(expected, e);
        }
        return new Result.Ok<>(Objects.requireNonNull(value, "attempt body returned null"));
    }

    /**
     * {@return the failure by an exception that was expected} Any other is thrown as it is, declared or not: whoever let an
     * undeclared one out gets it back unchanged.
     */
    @SuppressWarnings("unchecked")
    private static <T, X extends Exception, Y extends Exception> Result<T, X> expectedOrThrow(
            Class<X> expected, Exception thrown) throws Y {
        if (!expected.isInstance(thrown) || thrown instanceof CancellationException) {
            throw (Y) thrown;
        }
        if (thrown instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        return new Result.Err<>(expected.cast(thrown));
    }

    static <T, E> CompletableFuture<Result<T, E>> fromFuture(
            CompletionStage<? extends T> stage, Function<? super Exception, ? extends E> toError) {
        Objects.requireNonNull(stage, "stage");
        Objects.requireNonNull(toError, "toError");
        var outcome = new CompletableFuture<Result<T, E>>();
        // The returned stage carries nothing that outcome does not: whatever the callback throws ends up there.
        var unused = stage.whenComplete((value, thrown) -> complete(outcome, value, thrown, toError));
        return outcome;
    }

    private static <T, E> void complete(
            CompletableFuture<Result<T, E>> outcome,
            @Nullable T value,
            @Nullable Throwable thrown,
            Function<? super Exception, ? extends E> toError) {
        try {
            if (thrown == null) {
                outcome.complete(new Result.Ok<>(Objects.requireNonNull(value, "the stage completed with null")));
                return;
            }
            Throwable failure = unwrap(thrown);
            if (failure instanceof Exception expected) {
                outcome.complete(new Result.Err<>(
                        Objects.requireNonNull(toError.apply(expected), "toError function returned null")));
            } else {
                outcome.completeExceptionally(failure);
            }
        } catch (Throwable bug) {
            // Not swallowed: whoever waits for the outcome gets it, and nobody waits forever.
            outcome.completeExceptionally(bug);
        }
    }

    private static Throwable unwrap(Throwable thrown) {
        Throwable failure = thrown;
        for (int i = 0; i < MAX_WRAPPERS && isWrapper(failure); i++) {
            Throwable cause = failure.getCause();
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
                || thrown instanceof InvocationTargetException;
    }
}
