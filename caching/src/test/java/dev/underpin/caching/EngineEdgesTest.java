package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.spi.TimeSource;
import dev.underpin.testkit.VirtualTime;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What comes together rarely. */
class EngineEdgesTest {
    private static final Duration TTL = Duration.ofSeconds(10);
    private static final Result<Integer, DomainError> DOWN =
            Result.err(ErrorKind.UNAVAILABLE.code().error());

    private final VirtualTime time = new VirtualTime();
    private final AtomicInteger loads = new AtomicInteger();
    private final Queue<Runnable> queue = new ArrayDeque<>();

    private CacheAside.Builder<Object, Integer> builder() {
        return CacheAside.named("edges").ttl(TTL).random(() -> 0).time(time).tags((Integer value) -> List.of("tag"));
    }

    private Result<Integer, DomainError> load(int key) {
        int number = loads.incrementAndGet();
        if (number > 10) {
            throw new AssertionError("loads without end");
        }
        return Result.ok(number);
    }

    /* ---- refreshes ---- */

    @Test
    void refresh_done_letsGoOfTheValueBefore() {
        AtomicReference<@Nullable WeakReference<Object>> first = new AtomicReference<>();
        CacheAside<Integer, Object> cache = CacheAside.named("edges")
                .ttl(TTL)
                .refreshAfter(0.5)
                .random(() -> 0)
                .time(time)
                .build((Integer key) -> {
                    Object value = new Object();
                    first.compareAndSet(null, new WeakReference<>(value));
                    return Result.ok(value);
                });
        for (int i = 0; i < 3; i++) {
            assertThat(cache.get(1).isOk()).isTrue();
            time.advance(TTL.dividedBy(2));
        }

        for (int i = 0; i < 50 && first.get().get() != null; i++) {
            System.gc(); // the one way to ask
        }
        assertThat(first.get().get()).isNull();
        assertThat(cache.estimatedSize()).isEqualTo(1);
    }

    @Test
    void refresh_loaderThrowsAnError_fliesOnItsThreadAndTheValueStays() {
        CacheAside<Integer, Integer> cache = builder().refreshAfter(0.5).build((Integer key) -> {
            if (loads.incrementAndGet() == 2) {
                throw new LinkageError("of the loader");
            }
            return Result.ok(1);
        });
        assertThat(cache.get(1)).isEqualTo(Result.ok(1));
        time.advance(TTL.dividedBy(2));

        assertThatThrownBy(() -> cache.get(1)).isInstanceOf(LinkageError.class);
        assertThat(cache.get(1)).isEqualTo(Result.ok(1));
        assertThat(loads).hasValue(2);
    }

    /** With chance at its middle such a value is due from the begin. */
    @Test
    void get_loadTakesLongerThanTheValueLives_refreshesOnce() {
        var node = new Node(
                new InMemoryLevel(time),
                time,
                key -> load(1).map(number -> {
                    time.advance(TTL.multipliedBy(2));
                    return "v" + number;
                }),
                builder -> builder.ttl(TTL).loadTimeout(Duration.ofDays(1)).random(() -> Long.MAX_VALUE));
        assertThat(node.get("k")).isEqualTo("v1");

        assertThat(node.get("k")).isEqualTo("v2");
        assertThat(loads).hasValue(2);
    }

    @Test
    void executor_throws_valueIsServedAndNothingIsWedged() {
        CacheAside<Integer, Integer> cache = builder()
                .refreshAfter(0.5)
                .executor(task -> {
                    throw new InternalError("no thread");
                })
                .build(this::load);
        assertThat(cache.get(1)).isEqualTo(Result.ok(1));
        time.advance(TTL.dividedBy(2));

        assertThat(cache.get(1)).isEqualTo(Result.ok(1));
        assertThat(cache.getAsync(2)).isCompletedExceptionally();
        assertThat(cache.getAsync(2)).isCompletedExceptionally();
        time.advance(TTL);
        assertThat(cache.get(1)).isEqualTo(Result.ok(2));
    }

    /* ---- failures ---- */

    @Test
    void get_tagExpiredDuringTheLoadThatFailed_triesAgain() {
        AtomicReference<CacheAside<Integer, Integer>> self = new AtomicReference<>();
        CacheAside<Integer, Integer> cache = builder()
                .staleOnError(Duration.ofHours(1))
                .build((Integer key) -> {
                    Result<Integer, DomainError> loaded = load(key);
                    if (loads.get() == 2) {
                        self.get().expireTag("tag");
                    }
                    return loads.get() == 1 || loads.get() == 4 ? loaded : DOWN;
                });
        self.set(cache);
        assertThat(cache.get(1)).isEqualTo(Result.ok(1));
        time.advance(TTL);

        assertThat(cache.get(1)).isEqualTo(Result.ok(1));
        assertThat(cache.get(1)).isEqualTo(Result.ok(1));
        assertThat(loads).as("a load that began after the tag was expired").hasValue(3);
        assertThat(cache.get(1)).isEqualTo(Result.ok(1));
        assertThat(loads).as("and then the pause").hasValue(3);
    }

    @Test
    void get_staleValueIsRemovedWhileItsLoadIsQueued_waitsForTheLoad() {
        CacheAside<Integer, Integer> cache = builder()
                .staleOnError(Duration.ofHours(1))
                .softTimeout(Duration.ZERO)
                .executor(queue::add)
                .build(this::load);
        assertThat(cache.get(1)).isEqualTo(Result.ok(1));
        time.advance(TTL);
        assertThat(cache.get(1)).isEqualTo(Result.ok(1));
        cache.invalidateTag("tag");

        assertThat(cache.get(1)).isEqualTo(Result.ok(2));
    }

    @Test
    void listener_throwsAnErrorOfTheMachine_nothingIsWedged() {
        AtomicInteger missed = new AtomicInteger();
        CacheAside<Integer, Integer> cache = builder()
                .listener(new CacheListener() {
                    @Override
                    public void onLoad(String name, long nanos, @Nullable ErrorCode error) {
                        if (loads.get() == 1) {
                            throw new InternalError("of a listener");
                        }
                    }

                    @Override
                    public void onMiss(String name) {
                        if (missed.incrementAndGet() == 4) {
                            throw new InternalError("of a listener");
                        }
                    }
                })
                .build(this::load);

        assertThatThrownBy(() -> cache.get(1)).isInstanceOf(InternalError.class);
        assertThat(cache.get(1)).isEqualTo(Result.ok(2));
        assertThatThrownBy(() -> cache.getAll(List.of(3, 4))).isInstanceOf(InternalError.class);
        assertThat(cache.getAll(List.of(3, 4))).isEqualTo(Map.of(3, Result.ok(3), 4, Result.ok(4)));
    }

    @Test
    void getAsync_timerThrowsWhenItLooksAgain_completes() {
        AtomicInteger timers = new AtomicInteger();
        CacheAside<Integer, Integer> cache = builder()
                .executor(queue::add)
                .time(new Timers(time, () -> {
                    if (timers.incrementAndGet() > 1) {
                        throw new IllegalStateException("no timers");
                    }
                }))
                .build((Integer key) -> {
                    Result<Integer, DomainError> loaded = load(key);
                    queue.remove().run();
                    return loaded;
                });
        CompletableFuture<CompletableFuture<Result<Integer, DomainError>>> second = new CompletableFuture<>();
        CompletableFuture<Result<Integer, DomainError>> first = cache.getAsync(1);
        queue.add(() -> {
            cache.invalidateTag("tag");
            assertThat(Call.of(() -> second.complete(cache.getAsync(1))).result())
                    .isTrue();
        });
        queue.remove().run();

        assertThat(first.join()).isEqualTo(Result.ok(1));
        assertThat(second.join()).isCompletedExceptionally();
    }

    /* ---- the remote level ---- */

    @Test
    void close_absencesAndWhatIsPut_areNotKept() {
        var node = new Node(
                new InMemoryLevel(time),
                time,
                key -> Result.err(ErrorKind.NOT_FOUND.code().error()),
                builder -> builder.absentTtl(TTL));
        node.cache.close();
        assertThat(node.cache.get("k").isOk()).isFalse();
        assertThat(node.cache.get("k").isOk()).isFalse();
        assertThat(node.loads).hasValue(2);

        node.cache.put("j", "put");
        assertThat(node.cache.getIfPresent("j")).isEmpty();
    }

    @Test
    void get_tagsThrowWithinHoldOff_leaseIsGivenBack() {
        var level = new InMemoryLevel(time);
        var node = new Node(
                level,
                time,
                key -> Result.ok("value"),
                builder -> builder.holdOff(TTL).tags((String text) -> {
                    throw new IllegalStateException("bad tags");
                }));

        assertThatThrownBy(() -> node.get("k")).hasMessage("bad tags");
        assertThat(level.begin("texts", List.of("k"), TTL).toCompletableFuture().join())
                .hasOnlyElementsOfType(RemoteLevel.Reply.Mine.class);
    }

    private record Timers(VirtualTime time, Runnable before) implements TimeSource {
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
            before.run();
            return time.schedule(delay, task);
        }

        @Override
        public Instant instant() {
            return time.instant();
        }
    }
}
