package dev.underpin.caching;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.Result;
import dev.underpin.result.spi.Codec;
import dev.underpin.result.spi.TimeSource;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A process with a cache of texts: what is behind a {@code '#'} in a text are its tags. */
final class Node implements CacheListener {
    static final Duration TTL = Duration.ofMinutes(10);
    static final RandomGenerator CERTAIN = () -> 0L;

    final ShakyLevel level;
    final CacheAside<String, String> cache;
    final AtomicInteger loads = new AtomicInteger();
    final AtomicInteger remoteCalls = new AtomicInteger();
    final AtomicInteger remoteFailures = new AtomicInteger();
    final AtomicInteger gaps = new AtomicInteger();
    final List<String> loaded = Collections.synchronizedList(new ArrayList<>());

    Node(RemoteLevel level, TimeSource time, Function<String, Result<String, DomainError>> loader) {
        this(level, time, loader, UnaryOperator.identity());
    }

    Node(
            RemoteLevel level,
            TimeSource time,
            Function<String, Result<String, DomainError>> loader,
            UnaryOperator<CacheAside.Builder<String, String>> settings) {
        this.level = new ShakyLevel(level);
        cache = settings.apply(CacheAside.named("texts")
                        .ttl(TTL)
                        .random(CERTAIN)
                        .time(time)
                        .listener(this)
                        .tags((String text) -> tags(text))
                        .remote(this.level, (String key) -> key, new Texts()))
                .build(key -> {
                    loads.incrementAndGet();
                    loaded.add(key);
                    return loader.apply(key);
                });
    }

    static Collection<String> tags(String text) {
        int at = text.indexOf('#');
        return at < 0 ? List.of() : List.of(text.substring(at + 1).split(",", -1));
    }

    @CanIgnoreReturnValue
    String get(String key) {
        return cache.get(key).orElseThrow();
    }

    @Override
    public void onRemote(String name, long nanos, @Nullable ErrorCode error) {
        (error == null ? remoteCalls : remoteFailures).incrementAndGet();
    }

    @Override
    public void onGap(String name) {
        gaps.incrementAndGet();
    }

    static final class Texts implements Codec<String> {
        @Override
        public byte[] encode(String value) {
            return value.getBytes(UTF_8);
        }

        @Override
        public String decode(byte[] bytes) {
            return new String(bytes, UTF_8);
        }
    }

    /** The time of one thread: where a call of the level does not answer, its timeout is over at once. */
    record Impatient(VirtualTime time) implements TimeSource {
        @Override
        public long nanoTime() {
            return time.nanoTime();
        }

        @Override
        public void sleep(Duration duration) throws InterruptedException {
            time.sleep(duration);
        }

        @Override
        public Future<?> schedule(Duration delay, Runnable task) {
            Future<?> timer = time.schedule(delay, task);
            if (delay.equals(Duration.ofMillis(50))) {
                time.advance(delay);
            }
            return timer;
        }

        @Override
        public Instant instant() {
            return time.instant();
        }
    }
}
