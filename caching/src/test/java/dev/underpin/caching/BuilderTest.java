package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a cache cannot be built with. */
class BuilderTest {
    private static final Duration LESS = Duration.ofNanos(-1);
    private static final Function<String, Result<String, DomainError>> LOADER = Result::ok;

    private final CacheAside.Builder<Object, Object> builder = CacheAside.named("users");

    private static Arguments bad(String message, Consumer<CacheAside.Builder<Object, Object>> setting) {
        return Arguments.argumentSet(message, message, setting);
    }

    static Stream<Arguments> badValues() {
        return Stream.of(
                bad("maximumSize must be at least 1: 0", b -> b.maximumSize(0)),
                bad("ttl must be positive: PT0S", b -> b.ttl(Duration.ZERO)),
                bad("ttl must be positive: PT-0.000000001S", b -> b.ttl(LESS)),
                bad("refreshAfter must be above 0 and at most 1: 0.0", b -> b.refreshAfter(0)),
                bad("refreshAfter must be above 0 and at most 1: 1.1", b -> b.refreshAfter(1.1)),
                bad("refreshAfter must be above 0 and at most 1: NaN", b -> b.refreshAfter(Double.NaN)),
                bad("staleOnError must not be negative: PT-0.000000001S", b -> b.staleOnError(LESS)),
                bad("absentTtl must not be negative: PT-0.000000001S", b -> b.absentTtl(LESS)),
                bad("loadTimeout must be positive: PT0S", b -> b.loadTimeout(Duration.ZERO)),
                bad("softTimeout must not be negative: PT-0.000000001S", b -> b.softTimeout(LESS)),
                bad("maxConcurrentLoads must be at least 1: 0", b -> b.maxConcurrentLoads(0)),
                bad("maxBatch must be at least 1: 0", b -> b.maxBatch(0)),
                bad("holdOff must not be negative: PT-0.000000001S", b -> b.holdOff(LESS)));
    }

    @ParameterizedTest
    @MethodSource("badValues")
    void setting_badValue_isRefused(String message, Consumer<CacheAside.Builder<Object, Object>> setting) {
        assertThatThrownBy(() -> setting.accept(builder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    static Stream<Arguments> nulls() {
        return Stream.of(
                bad("ttl", b -> b.ttl(null)),
                bad("type", b -> b.ttl((Class<String>) null, value -> Duration.ZERO)),
                bad("ttl", b -> b.ttl(String.class, null)),
                bad("staleOnError", b -> b.staleOnError(null)),
                bad("absentTtl", b -> b.absentTtl(null)),
                bad("errorTtl", b -> b.errorTtl(null)),
                bad("loadTimeout", b -> b.loadTimeout(null)),
                bad("softTimeout", b -> b.softTimeout(null)),
                bad("holdOff", b -> b.holdOff(null)),
                bad("tags", b -> b.tags(null)),
                bad("level", b -> b.remote(null, Object::toString, new Utf8())),
                bad("key", b -> b.remote(new InMemoryLevel(new VirtualTime()), null, new Utf8())),
                bad("codec", b -> b.remote(new InMemoryLevel(new VirtualTime()), Object::toString, null)),
                bad("executor", b -> b.executor(null)),
                bad("listener", b -> b.listener(null)),
                bad("time", b -> b.time(null)),
                bad("random", b -> b.random(null)));
    }

    @ParameterizedTest
    @MethodSource("nulls")
    void setting_null_isRefused(String message, Consumer<CacheAside.Builder<Object, Object>> setting) {
        assertThatThrownBy(() -> setting.accept(builder))
                .isInstanceOf(NullPointerException.class)
                .hasMessage(message);
    }

    @Test
    void build_noLoader_isRefused() {
        assertThatThrownBy(() -> builder.build((Function<String, Result<String, DomainError>>) null))
                .hasMessage("loader");
        assertThatThrownBy(() -> builder.buildConditional(
                        (BiFunction<String, Optional<String>, Result<String, DomainError>>) null))
                .hasMessage("loader");
        assertThatThrownBy(() ->
                        builder.buildBulk((Function<Set<String>, Result<Map<String, String>, DomainError>>) null))
                .hasMessage("loader");
    }

    @Test
    void softTimeout_withoutExecutorOrSomethingToServe_doesNotBuild() {
        String message =
                "users: softTimeout needs staleOnError, for something to serve, and an executor, for the load to go on";
        builder.softTimeout(Duration.ofSeconds(1)).executor(Runnable::run);
        assertThatThrownBy(() -> builder.build(LOADER))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(message);
        CacheAside.Builder<Object, Object> other =
                CacheAside.named("users").softTimeout(Duration.ofSeconds(1)).staleOnError(Duration.ofHours(1));
        assertThatThrownBy(() -> other.build(LOADER)).hasMessage(message);
    }

    @Test
    void softTimeout_notBelowTheLoadTimeout_doesNotBuild() {
        builder.softTimeout(Duration.ofSeconds(1))
                .staleOnError(Duration.ofHours(1))
                .executor(Runnable::run)
                .loadTimeout(Duration.ofSeconds(1));

        assertThatThrownBy(() -> builder.build(LOADER))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("users: softTimeout PT1S must be below loadTimeout PT1S");
        CacheAside<String, String> cache =
                builder.loadTimeout(Duration.ofSeconds(2)).build(LOADER);
        assertThat(cache.get("a")).isEqualTo(Result.ok("a"));
    }

    @Test
    void defaults_ofTimeAndChance_work() {
        CacheAside<String, String> cache = CacheAside.named("users").build(LOADER);

        assertThat(cache.getAll(List.of("a", "b"))).hasSize(2);
        Cached<String> cached = cache.getCached("a").toOptional().orElseThrow();
        assertThat(cached.freshFor()).isBetween(Duration.ofMinutes(1), Duration.ofMinutes(10));
    }
}
