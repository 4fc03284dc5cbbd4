package dev.underpin.result;

/**
 * The body of {@link Result#attempt}: a supplier that may throw one declared checked exception. The compiler checks
 * that {@code X} is all the body declares.
 *
 * @param <T> what the body yields
 * @param <X> the exception it declares
 */
@FunctionalInterface
public interface ThrowingSupplier<T, X extends Exception> {
    /**
     * Runs the body.
     *
     * @return the value
     * @throws X the declared failure
     */
    T get() throws X;
}
