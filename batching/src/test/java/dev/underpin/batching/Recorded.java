package dev.underpin.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.Result;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A source that has {@code "v" + key} for every key, and writes down what it was asked for and on which thread. */
final class Recorded {
    final List<List<Object>> batches = new CopyOnWriteArrayList<>();
    final List<Thread> threads = new CopyOnWriteArrayList<>();

    <K> Result<Map<K, String>, DomainError> get(List<K> keys) {
        note(keys);
        return Result.ok(values(keys));
    }

    void note(List<?> keys) {
        batches.add(List.copyOf(keys));
        threads.add(Thread.currentThread());
    }

    Loader<Integer, String> loader() {
        return loader("numbers");
    }

    Loader<Integer, String> loader(String name) {
        return Loader.named(name).build((List<Integer> keys) -> get(keys));
    }

    /** {@return what a load failed with} */
    static DomainError error(@Nullable Result<?, DomainError> result) {
        assertThat(result).isInstanceOf(Result.Err.class);
        return ((Result.Err<?, DomainError>) Objects.requireNonNull(result)).error();
    }

    static void assertFailed(@Nullable Result<?, DomainError> result, ErrorCode code) {
        assertThat(error(result).code()).isEqualTo(code);
    }

    static <K> Map<K, String> values(List<K> keys) {
        return keys.stream().collect(Collectors.toMap(Function.identity(), key -> "v" + key));
    }
}
