package dev.underpin.idempotency;

import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.spi.Codec;
import java.util.function.Function;
import java.util.function.Supplier;

/** What runs when the store is down and the service would rather execute twice than not at all. */
record Unguarded(IdempotencyStore.Key key) implements Execution {
    @Override
    public <T> Result<T, DomainError> step(
            String name,
            Codec<T> codec,
            Function<? super String, ? extends Result<? extends T, ? extends DomainError>> body) {
        return Result.widen(body.apply(LeasedRun.downstreamKey(key, name)));
    }

    @Override
    public <T> Result<T, DomainError> stepOnce(
            String name, Codec<T> codec, Supplier<? extends Result<? extends T, ? extends DomainError>> body) {
        return Result.widen(body.get());
    }

    @Override
    public <T> Result<T, DomainError> stepNoting(
            String name,
            Codec<T> codec,
            Function<? super Note<T>, ? extends Result<? extends T, ? extends DomainError>> body) {
        Note<T> nothing = (transaction, value) -> true;
        return Result.widen(body.apply(nothing));
    }
}
