package dev.underpin.quickstart.application;

import dev.underpin.idempotency.IdempotentRequest;
import dev.underpin.idempotency.Operation;
import java.util.function.Function;

/**
 * A request that takes effect once, however often it is sent.
 *
 * @param operation what is asked for
 * @param request who asks, under which key
 * @param answer what the client is shown of a result: that is kept, and shown again
 * @param <T> the type of the result
 * @param <A> the type of the answer
 */
public record Once<T, A>(Operation<A> operation, IdempotentRequest request, Function<T, A> answer) {}
