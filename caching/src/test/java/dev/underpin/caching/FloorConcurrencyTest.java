package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntPredicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * No read that begins after an invalidation is over finds less than what was invalidated. One thread raises the value of the
 * store, makes the cache forget, and raises the floor; the others note the floor, and read. All ways to read take turns in
 * each thread: those that load nothing find only what the others have left.
 */
class FloorConcurrencyTest {
    /** How long each way to read and to forget meet, all shapes of the cache together; no less than so many turns. */
    private static final Duration PAIR = Duration.parse(System.getProperty("stress.pair", "PT0S"));

    private static final int TURNS = 500;
    private static final int READERS = 3;
    private static final int KEY = 0;

    private final ExecutorService threads = Executors.newFixedThreadPool(READERS);
    private final ExecutorService background = Executors.newFixedThreadPool(2);

    @AfterEach
    void end() throws InterruptedException {
        threads.shutdownNow();
        background.shutdownNow();
        assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        assertThat(background.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    }

    static Stream<Forget> ways() {
        // That tag is not on every value.
        return Stream.of(Forget.values()).filter(way -> way != Forget.ODD);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void reads_afterThatWayToForget_findNothingOlder(Forget way) throws Exception {
        Map<Read, Long> found = new EnumMap<>(Read.class);
        for (Subject.Shape shape : Subject.Shape.values()) {
            if (way.isRemote() && !shape.isRemote()) {
                continue;
            }
            Race race = new Race();
            Subject subject = Subject.of(shape, background, race::load);
            race.run(
                    PAIR.multipliedBy(Read.values().length).dividedBy(Subject.Shape.values().length),
                    read -> read.of(subject.cache(), KEY).getOrDefault(KEY, Long.MAX_VALUE),
                    (value, store) -> way.make(subject, KEY, value, store));

            assertThat(race.stale).as("stale reads of %s", shape).isEmpty();
            race.found.forEach((read, count) -> found.merge(read, count, Long::sum));
        }
        // Those that load nothing find something only now and then, so not in each shape of the cache.
        assertThat(found).containsKeys(Read.values());
    }

    @Test
    void reads_ofCaffeineAfterInvalidateAll_findOlder() throws Exception {
        Race race = new Race();
        Cache<Integer, Long> cache = Caffeine.newBuilder().maximumSize(100).build();

        race.runUntilStale(read -> cache.get(KEY, race::load), cache::invalidateAll);

        assertThat(race.stale).isNotEmpty();
    }

    @Test
    void reads_ofGetIfPresentAndPut_findOlder() throws Exception {
        Race race = new Race();
        Cache<Integer, Long> cache = Caffeine.newBuilder().maximumSize(100).build();

        race.runUntilStale(
                read -> {
                    Long value = cache.getIfPresent(KEY);
                    if (value == null) {
                        value = race.load(KEY);
                        cache.put(KEY, value);
                    }
                    return value;
                },
                () -> cache.invalidate(KEY));

        assertThat(race.stale).isNotEmpty();
    }

    private interface Found {
        long by(Read read);
    }

    private interface Forgets {
        void after(long value, Runnable store);
    }

    private final class Race {
        /** More than enough for another cache, which tens of turns show to be wrong. */
        private static final int MANY = 100_000;

        final Map<Read, Long> found = new EnumMap<>(Read.class);
        final Map<Read, Long> stale = new EnumMap<>(Read.class);
        private final AtomicLong store = new AtomicLong();
        private final AtomicLong floor = new AtomicLong();

        long load(int key) {
            long value = store.get() + key;
            HistoriesConcurrencyTest.linger();
            return value;
        }

        void runUntilStale(Found reads, Runnable forgets) throws Exception {
            AtomicBoolean over = new AtomicBoolean();
            run(
                    turn -> turn < MANY && !over.get(),
                    read -> {
                        long least = floor.get();
                        long value = reads.by(read);
                        over.compareAndSet(false, value < least);
                        return value;
                    },
                    (value, change) -> {
                        change.run();
                        forgets.run();
                    });
        }

        void run(Duration time, Found reads, Forgets forgets) throws Exception {
            long end = System.nanoTime() + time.toNanos();
            run(turn -> turn < TURNS || System.nanoTime() < end, reads, forgets);
        }

        private void run(IntPredicate more, Found reads, Forgets forgets) throws Exception {
            List<Future<Map<Read, long[]>>> readers = new ArrayList<>();
            for (int i = 0; i < READERS; i++) {
                readers.add(threads.submit(() -> read(more, reads)));
            }
            while (!readers.stream().allMatch(Future::isDone)) {
                long value = store.get() + 1;
                forgets.after(value, () -> store.set(value));
                floor.set(value);
                HistoriesConcurrencyTest.linger();
            }
            for (Future<Map<Read, long[]>> reader : readers) {
                reader.get().forEach((read, counts) -> {
                    found.merge(read, counts[0], Long::sum);
                    if (counts[1] > 0) {
                        stale.merge(read, counts[1], Long::sum);
                    }
                });
            }
        }

        private Map<Read, long[]> read(IntPredicate more, Found reads) {
            Map<Read, long[]> counts = new EnumMap<>(Read.class);
            for (int turn = 0; more.test(turn); turn++) {
                for (Read read : Read.values()) {
                    long least = floor.get();
                    long value = reads.by(read);
                    if (value != Long.MAX_VALUE) {
                        long[] count = counts.computeIfAbsent(read, each -> new long[2]);
                        count[0]++;
                        count[1] += value < least ? 1 : 0;
                    }
                }
            }
            return counts;
        }
    }
}
