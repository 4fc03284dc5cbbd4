package dev.underpin.resilience;

import dev.underpin.result.DomainError;
import dev.underpin.result.Result;

/**
 * The remote call that a {@link Pipeline} makes, once or several times.
 *
 * @param <T> the type of its value
 */
@FunctionalInterface
public interface RemoteCall<T> {
    /**
     * {@return the answer}
     *
     * @param attempt what is left of the time, and what to send along
     * @throws Exception what went wrong on the way: the pipeline classifies it
     */
    Result<? extends T, ? extends DomainError> call(Attempt attempt) throws Exception;
}
