package dev.underpin.batching;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a scope itself fails with; {@link BatchingErrors} has the codes. The keys are in an accessor and not in the message,
 * since they may be what a log must not have. Immutable; two are equal if code, loader and keys are.
 */
public final class LoadError implements DomainError {
    static final int MOST_KEYS = 10;

    private final ErrorCode code;
    private final String loader;
    private final List<?> keys;
    private final List<String> waiting;
    private final @Nullable Throwable cause;

    LoadError(ErrorCode code, String loader, List<?> keys, List<String> waiting, @Nullable Throwable cause) {
        this.code = code;
        this.loader = loader;
        this.keys = List.copyOf(keys.size() > MOST_KEYS ? keys.subList(0, MOST_KEYS) : keys);
        this.waiting = List.copyOf(waiting);
        this.cause = cause;
    }

    LoadError(ErrorCode code, String loader, Object key) {
        this.code = code;
        this.loader = loader;
        this.keys = List.of(key);
        this.waiting = List.of();
        this.cause = null;
    }

    @Override
    public ErrorCode code() {
        return code;
    }

    /** {@return the name of the loader, as {@code loader}} */
    @Override
    public Map<String, Object> args() {
        return Map.of("loader", loader);
    }

    /** {@return the name of the loader} */
    public String loader() {
        return loader;
    }

    /** {@return the keys that it is about: of a batch the first ten; of a cycle the one that would have closed it} */
    public List<?> keys() {
        return keys;
    }

    /** {@return the names of up to ten threads that waited for the batch when its time was over} */
    public List<String> waiting() {
        return waiting;
    }

    /** {@return what the batch function threw} */
    @Override
    public Optional<Throwable> cause() {
        return Optional.ofNullable(cause);
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof LoadError other
                && code.equals(other.code)
                && loader.equals(other.loader)
                && keys.equals(other.keys);
    }

    @Override
    public int hashCode() {
        return Objects.hash(code, loader, keys);
    }

    @Override
    public String toString() {
        return code.name() + " of loader " + loader;
    }
}
