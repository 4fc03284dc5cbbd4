package dev.underpin.idempotency;

import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * An answer, and whether it was given before. Immutable.
 *
 * @param value the answer
 * @param replayed whether this is the stored answer of an earlier execution
 * @param <T> the type of the answer
 */
public record Replay<T>(T value, boolean replayed) {
    private static final Map<String, String> MARKER = Map.of("Idempotent-Replayed", "true");

    /** Checks that there is an answer. */
    public Replay {
        Objects.requireNonNull(value, "value");
    }

    /**
     * {@return the same with another value}
     *
     * @param f makes it
     * @param <U> the type of the other value
     */
    public <U> Replay<U> map(Function<? super T, ? extends U> f) {
        return new Replay<>(f.apply(value), replayed);
    }

    /** {@return the headers of an answer: {@code Idempotent-Replayed: true} if it is a repeat, else none} */
    public Map<String, String> headers() {
        return replayed ? MARKER : Map.of();
    }
}
