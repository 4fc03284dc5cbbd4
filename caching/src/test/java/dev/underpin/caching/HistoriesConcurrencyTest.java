package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;

import com.alicp.jetcache.embedded.CaffeineCacheBuilder;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Function;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Short histories of three or four threads at two keys: all of ours are right, and among those of other caches some are
 * found that are not.
 */
class HistoriesConcurrencyTest {
    /** Of ours, all shapes together: the profile stress makes a hundred thousand. */
    private static final int HISTORIES = Integer.getInteger("stress.histories", 5_000) / Subject.Shape.values().length;

    /** Among so many of another cache there must be one that is wrong. Some tens are enough, mostly. */
    private static final int ENOUGH = 50_000;

    private static final int THREADS = 4;
    private static final int STEPS = 4;

    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    private final ExecutorService background = Executors.newFixedThreadPool(2);

    @AfterEach
    void end() throws InterruptedException {
        threads.shutdownNow();
        background.shutdownNow();
        assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        assertThat(background.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    }

    /** What a thread does next. */
    private interface Raced {
        void read(History history, int key);

        /** Changes the store, and tells the cache. */
        void change(History history, int key, long value, Runnable store);
    }

    @ParameterizedTest
    @EnumSource
    void histories_ofOurs_areRight(Subject.Shape shape) throws Exception {
        Optional<History> wrong = firstWrong(HISTORIES, load -> {
            Subject subject = Subject.of(shape, background, load);
            return new Ours(subject);
        });

        assertThat(wrong).isEmpty();
    }

    @Test
    void histories_ofGetIfPresentAndPut_areFoundWrong() throws Exception {
        assertThat(firstWrong(ENOUGH, load -> new Other() {
                    private final Cache<Integer, Long> cache =
                            Caffeine.newBuilder().maximumSize(100).build();

                    @Override
                    long get(int key) {
                        Long value = cache.getIfPresent(key);
                        if (value == null) {
                            value = load.applyAsLong(key);
                            cache.put(key, value);
                        }
                        return value;
                    }

                    @Override
                    void forget(History history, int key) {
                        int begin = history.now();
                        cache.invalidate(key);
                        history.forgot(key, begin);
                    }
                }))
                .isPresent();
    }

    @Test
    void histories_ofCaffeineWithInvalidateAll_areFoundWrong() throws Exception {
        assertThat(firstWrong(ENOUGH, load -> new Other() {
                    private final Cache<Integer, Long> cache =
                            Caffeine.newBuilder().maximumSize(100).build();

                    @Override
                    long get(int key) {
                        return cache.get(key, load::applyAsLong);
                    }

                    @Override
                    void forget(History history, int key) {
                        int begin = history.now();
                        cache.invalidateAll();
                        history.forgotAll(null, begin);
                    }
                }))
                .isPresent();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void histories_ofJetCache_areFoundWrong(boolean penetrationProtected) throws Exception {
        assertThat(firstWrong(ENOUGH, load -> new Other() {
                    private final com.alicp.jetcache.Cache<Integer, Long> cache = jetCache(penetrationProtected);

                    @Override
                    long get(int key) {
                        return cache.computeIfAbsent(key, load::applyAsLong);
                    }

                    @Override
                    void forget(History history, int key) {
                        int begin = history.now();
                        cache.remove(key);
                        history.forgot(key, begin);
                    }
                }))
                .isPresent();
    }

    static com.alicp.jetcache.Cache<Integer, Long> jetCache(boolean penetrationProtected) {
        var builder =
                CaffeineCacheBuilder.createCaffeineCacheBuilder().limit(100).expireAfterWrite(1, TimeUnit.HOURS);
        builder.setCachePenetrateProtect(penetrationProtected);
        return builder.buildCache();
    }

    /** {@return the first that is wrong}, if there is one among so many. */
    private Optional<History> firstWrong(int histories, Function<IntToLongFunction, Raced> subjects) throws Exception {
        for (int i = 0; i < histories; i++) {
            History history = make(3 + i % 2, subjects);
            if (!history.isRight()) {
                return Optional.of(history);
            }
        }
        return Optional.empty();
    }

    private History make(int count, Function<IntToLongFunction, Raced> subjects) throws Exception {
        History history = new History();
        AtomicLongArray store = new AtomicLongArray(2);
        AtomicLong values = new AtomicLong(History.FIRST);
        Raced subject = subjects.apply(key -> {
            linger();
            long value = store.get(key);
            linger();
            return value;
        });
        CyclicBarrier together = new CyclicBarrier(count);
        Callable<Void> steps = () -> {
            Random random = ThreadLocalRandom.current();
            together.await();
            for (int i = 0; i < STEPS; i++) {
                int key = random.nextInt(2);
                if (random.nextInt(5) < 3) {
                    subject.read(history, key);
                } else {
                    long value = values.incrementAndGet();
                    subject.change(history, key, value, () -> store.set(key, value));
                }
            }
            return null;
        };
        List<Future<Void>> running = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            running.add(threads.submit(steps));
        }
        for (Future<Void> each : running) {
            each.get();
        }
        return history;
    }

    /** Lets others run: where a load can be overtaken. */
    @SuppressWarnings("ThreadPriorityCheck") // nothing relies on it: it only makes overtaking likelier
    static void linger() {
        for (int i = ThreadLocalRandom.current().nextInt(3); i > 0; i--) {
            Thread.yield();
        }
    }

    private record Ours(Subject subject) implements Raced {
        private static final Read[] READS = Read.values();
        private static final Forget[] FORGETS = Forget.values();

        @Override
        public void read(History history, int key) {
            Read way = READS[ThreadLocalRandom.current().nextInt(READS.length)];
            history.read(() -> way.of(subject.cache(), key));
        }

        @Override
        public void change(History history, int key, long value, Runnable store) {
            Forget way = FORGETS[ThreadLocalRandom.current().nextInt(FORGETS.length)];
            int[] begin = new int[1];
            way.make(subject, key, value, () -> {
                history.store(key, value, store);
                begin[0] = history.now();
            });
            if (way == Forget.PUT) {
                history.put(key, value, begin[0]);
            } else if (way == Forget.CLEAR || way.tag != null) {
                history.forgotAll(way.tag, begin[0]);
            } else {
                history.forgot(key, begin[0]);
            }
        }
    }

    private abstract static class Other implements Raced {
        abstract long get(int key);

        abstract void forget(History history, int key);

        @Override
        public final void read(History history, int key) {
            history.read(() -> Map.of(key, get(key)));
        }

        @Override
        public final void change(History history, int key, long value, Runnable store) {
            history.store(key, value, store);
            forget(history, key);
        }
    }
}
