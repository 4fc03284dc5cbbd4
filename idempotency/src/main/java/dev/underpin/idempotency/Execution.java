package dev.underpin.idempotency;

import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.spi.Codec;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Handle of one execution. Whatever has an effect outside belongs into a step: what a body does between its steps is
 * done again when another worker takes the request over, and what a step returned is not. Confined to the thread of the
 * body.
 *
 * <p>A result of a step is stored before the body gets it: a value, or an error that the operation keeps. Other errors are
 * passed on and stored nowhere: the step is run again if the request is.
 * Once the lease is lost, every step answers with {@link IdempotencyErrors#IDEMPOTENCY_LEASE_LOST} and runs nothing; if
 * its result could not be stored, with that or {@link IdempotencyErrors#IDEMPOTENCY_STORE_FAILED}.
 */
public interface Execution {
    /**
     * {@return the result of a step that may be repeated: of this run of it, or of an earlier one}
     *
     * <p>The step gets a key that is the same however often and by whomever it is run, for the service it calls: that is
     * what makes the repeat harmless.
     *
     * @param name unique and stable within the operation
     * @param codec of the value
     * @param body what to do, given the key for downstream
     * @param <T> the type of the value
     * @throws IllegalStateException if the execution had a step of that name already, or on another thread than the body's
     */
    <T> Result<T, DomainError> step(
            String name,
            Codec<T> codec,
            Function<? super String, ? extends Result<? extends T, ? extends DomainError>> body);

    /**
     * {@return the result of a step that must not be repeated} It is noted before the step that it begins, which costs a
     * write. If its end is not known, the step is never run again: its worker died, or it threw, or its error is not kept
     * and says {@link dev.underpin.result.Retry#IF_IDEMPOTENT} or is one of kind INTERNAL or CANCELLED that no repeat
     * changes. Unless the body makes an answer of the error, the request then ends with
     * {@link IdempotencyErrors#IDEMPOTENCY_OUTCOME_UNKNOWN} until an operator decides.
     *
     * @param name unique and stable within the operation
     * @param codec of the value
     * @param body what to do
     * @param <T> the type of the value
     * @throws IllegalStateException if the execution had a step of that name already, or on another thread than the body's
     */
    <T> Result<T, DomainError> stepOnce(
            String name, Codec<T> codec, Supplier<? extends Result<? extends T, ? extends DomainError>> body);

    /**
     * {@return the result of a step whose effect and note are one write} For what stands on a store that has the effects in
     * its database, as transactions of JDBI do: the body writes the note of a value itself, in the transaction of the
     * effect, and must not return the value if that says that the lease was lost. An error has no effect there, and is noted as
     * with {@link #step}.
     *
     * @param name unique and stable within the operation
     * @param codec of the value
     * @param body what to do, given what writes the note; it may write it more than once if it begins again
     * @param <T> the type of the value
     * @throws IllegalStateException if the execution had a step of that name already, or on another thread than the body's
     */
    <T> Result<T, DomainError> stepNoting(
            String name,
            Codec<T> codec,
            Function<? super Note<T>, ? extends Result<? extends T, ? extends DomainError>> body);

    /**
     * Writes the value that a step returned.
     *
     * @param <T> the type of the value
     */
    @FunctionalInterface
    interface Note<T> {
        /**
         * Writes the note.
         *
         * @param transaction a store whose writes are part of the transaction of the effect
         * @param value what the step will return
         * @return whether the lease is held; if not the effect must be undone, and the step return
         *     {@link IdempotencyErrors#IDEMPOTENCY_LEASE_LOST}
         */
        boolean write(IdempotencyStore transaction, T value);
    }
}
