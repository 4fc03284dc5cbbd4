package dev.underpin.errors;

import dev.underpin.errors.context.RequestContext;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;

/** What a route does, from the parsed request to the result. */
@FunctionalInterface
public interface UseCase {
    /**
     * {@return what to answer: an {@link Envelope}, or data to be put into one, or an error}
     *
     * @param context the request this runs for; closed after the answer was rendered
     * @throws Exception a bug, or an exception the {@link Translator} knows: answered, not passed on
     */
    Result<?, ? extends DomainError> run(RequestContext context) throws Exception;
}
