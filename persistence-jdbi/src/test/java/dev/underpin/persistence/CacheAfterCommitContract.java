package dev.underpin.persistence;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.caching.Backplane;
import dev.underpin.caching.CacheAside;
import dev.underpin.caching.CacheCounters;
import dev.underpin.caching.InMemoryLevel;
import dev.underpin.caching.Propagation;
import dev.underpin.caching.RemoteLevel;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.spi.Codec;
import dev.underpin.result.spi.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a cache is told of a transaction, on any database. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class CacheAfterCommitContract {
    private static final DomainError REFUSED = ErrorKind.UNPROCESSABLE.code().error();
    private static final String TAG = "all";
    private static final int OLD = 10;
    private static final int NEW = 11;

    private final ExecutorService others = Executors.newCachedThreadPool();
    private Jdbi jdbi;
    private Transactions transactions;
    private CacheCounters counters;
    private CacheAside<Integer, Integer> prices;

    /** {@return an empty database} */
    abstract Jdbi newDatabase() throws Exception;

    @BeforeAll
    void create() throws Exception {
        jdbi = newDatabase();
        transactions = Transactions.named("shop").build(jdbi);
        jdbi.useHandle(
                handle -> handle.execute("create table products (id integer primary key, price integer not null)"));
    }

    @AfterAll
    void stop() {
        others.shutdownNow();
    }

    @BeforeEach
    void fill() {
        jdbi.useHandle(handle -> {
            handle.execute("delete from products");
            handle.execute("insert into products (id, price) values (1, ?), (2, ?), (3, ?)", OLD, OLD, OLD);
        });
        counters = new CacheCounters();
        prices = CacheAside.named("prices")
                .tags((Integer price) -> List.of(TAG))
                .listener(counters)
                .build((Integer id) -> transactions.inTransaction(tx -> find(tx.handle(), id)));
    }

    /* ---- scenario 31 ---- */

    @Test
    void invalidate_committed_othersSeeBeforeAndThenAfter() {
        assertThat(prices.get(1)).isEqualTo(Result.ok(OLD));

        var result = transactions.inTransaction(tx -> {
            change(tx, prices.in(tx::afterCommit), 1);
            assertThat(elsewhere(() -> prices.get(1))).isEqualTo(Result.ok(OLD));
            return Result.ok();
        });

        assertThat(result.isOk()).isTrue();
        assertThat(elsewhere(() -> prices.get(1))).isEqualTo(Result.ok(NEW));
        assertThat(counters.loads()).isEqualTo(2);
    }

    @Test
    void invalidateTag_committed_othersSeeBeforeAndThenAfter() {
        assertThat(prices.get(1)).isEqualTo(Result.ok(OLD));
        assertThat(prices.get(2)).isEqualTo(Result.ok(OLD));

        var result = transactions.inTransaction(tx -> {
            var cached = prices.in(tx::afterCommit);
            tx.handle().execute("update products set price = ?", NEW);
            cached.invalidateTag(TAG);
            assertThat(cached.get(2, id -> find(tx.handle(), id))).isEqualTo(Result.ok(NEW));
            assertThat(elsewhere(() -> prices.get(2))).isEqualTo(Result.ok(OLD));
            return Result.ok();
        });

        assertThat(result.isOk()).isTrue();
        assertThat(prices.get(1)).isEqualTo(Result.ok(NEW));
        assertThat(prices.get(2)).isEqualTo(Result.ok(NEW));
    }

    @Test
    void invalidate_rolledBack_isNone() {
        assertThat(prices.get(1)).isEqualTo(Result.ok(OLD));

        var result = transactions.inTransaction(tx -> {
            change(tx, prices.in(tx::afterCommit), 1);
            return Result.err(REFUSED);
        });

        assertThat(result).isEqualTo(Result.err(REFUSED));
        assertThat(prices.getIfPresent(1)).contains(OLD);
    }

    @Test
    void invalidate_inABlockThatIsUndone_dropsThatPartOnly() {
        List.of(1, 2, 3).forEach(id -> assertThat(prices.get(id)).isEqualTo(Result.ok(OLD)));

        var result = transactions.inTransaction(tx -> {
            var cached = prices.in(tx::afterCommit);
            change(tx, cached, 1);
            var undone = tx.nested(inner -> {
                change(inner, cached, 2);
                return Result.err(REFUSED);
            });
            assertThat(undone).isEqualTo(Result.err(REFUSED));
            return tx.nested(inner -> {
                change(inner, cached, 3);
                return Result.ok();
            });
        });

        assertThat(result.isOk()).isTrue();
        assertThat(prices.getIfPresent(1)).isEmpty();
        assertThat(prices.getIfPresent(2)).contains(OLD);
        assertThat(prices.getIfPresent(3)).isEmpty();
        assertThat(prices.get(1)).isEqualTo(Result.ok(NEW));
        assertThat(prices.get(3)).isEqualTo(Result.ok(NEW));
    }

    @Test
    void invalidate_ofAnotherTransaction_isAffectedByNeitherEnd() {
        List.of(1, 2).forEach(id -> assertThat(prices.get(id)).isEqualTo(Result.ok(OLD)));

        var result = transactions.inTransaction(tx -> {
            change(tx, prices.in(tx::afterCommit), 1);
            var other = elsewhere(() -> transactions.inTransaction(second -> {
                var cached = prices.in(second::afterCommit);
                change(second, cached, 2);
                // What the first one has changed is none of its business.
                return cached.get(1, id -> Result.err(REFUSED));
            }));
            assertThat(other).isEqualTo(Result.ok(OLD));
            assertThat(prices.getIfPresent(1)).contains(OLD);
            assertThat(prices.getIfPresent(2)).isEmpty();
            return Result.err(REFUSED);
        });

        assertThat(result).isEqualTo(Result.err(REFUSED));
        assertThat(prices.getIfPresent(1)).contains(OLD);
        assertThat(prices.get(2)).isEqualTo(Result.ok(NEW));
    }

    /* ---- scenario 32 ---- */

    @Test
    void get_ofWhatTheTransactionChanged_isItsOwnAndNotKept() {
        assertThat(prices.get(1)).isEqualTo(Result.ok(OLD));

        var result = transactions.inTransaction(tx -> {
            var cached = prices.in(tx::afterCommit);
            change(tx, cached, 1);
            assertThat(cached.get(1, id -> find(tx.handle(), id))).isEqualTo(Result.ok(NEW));
            // The loader of the cache asks for a transaction, which joins this one.
            assertThat(cached.get(1)).isEqualTo(Result.ok(NEW));
            assertThat(elsewhere(() -> prices.get(1))).isEqualTo(Result.ok(OLD));
            return Result.err(REFUSED);
        });

        assertThat(result).isEqualTo(Result.err(REFUSED));
        assertThat(prices.getIfPresent(1)).contains(OLD);
        assertThat(counters.loads()).isEqualTo(1);
    }

    @Test
    void get_ofWhatIsNotCached_isLoadedInTheTransactionAndNotKept() {
        var result = transactions.inTransaction(tx -> {
            var cached = prices.in(tx::afterCommit);
            tx.handle().execute("update products set price = ? where id = 1", NEW);
            assertThat(cached.get(1, id -> find(tx.handle(), id))).isEqualTo(Result.ok(NEW));
            return Result.err(REFUSED);
        });

        assertThat(result).isEqualTo(Result.err(REFUSED));
        assertThat(prices.getIfPresent(1)).isEmpty();
        assertThat(prices.get(1)).isEqualTo(Result.ok(OLD));
    }

    @Test
    void load_fromAnOlderSnapshot_endsAfterTheInvalidation_isNotKept() throws Exception {
        var hasSnapshot = new CountDownLatch(1);
        var invalidated = new CountDownLatch(1);
        var loads = new AtomicInteger();
        var cache = CacheAside.named("snapshots")
                .listener(counters)
                .build((Integer id) -> transactions.inTransaction(TxOptions.reading(), tx -> {
                    if (loads.incrementAndGet() == 1) {
                        assertThat(find(tx.handle(), 2)).isEqualTo(Result.ok(OLD));
                        hasSnapshot.countDown();
                        await(invalidated);
                    }
                    return find(tx.handle(), id);
                }));
        Future<Result<Integer, DomainError>> reader = others.submit(() -> cache.get(1));
        await(hasSnapshot);

        var result = transactions.inTransaction(tx -> {
            change(tx, cache.in(tx::afterCommit), 1);
            return Result.ok();
        });
        invalidated.countDown();

        assertThat(result.isOk()).isTrue();
        assertThat(reader.get(1, TimeUnit.MINUTES)).isEqualTo(Result.ok(OLD));
        assertThat(cache.getIfPresent(1)).isEmpty();
        assertThat(cache.get(1)).isEqualTo(Result.ok(NEW));
        assertThat(counters.discarded()).isEqualTo(1);
    }

    @Test
    void get_inATransactionWithAnOlderSnapshot_afterTheInvalidation_isNotKept() {
        var result = transactions.inTransaction(TxOptions.reading(), tx -> {
            assertThat(find(tx.handle(), 2)).isEqualTo(Result.ok(OLD));
            var writer = elsewhere(() -> transactions.inTransaction(second -> {
                change(second, prices.in(second::afterCommit), 1);
                return Result.ok();
            }));
            assertThat(writer.isOk()).isTrue();
            return prices.in(tx::afterCommit).get(1, id -> find(tx.handle(), id));
        });

        assertThat(result).isEqualTo(Result.ok(OLD));
        assertThat(prices.getIfPresent(1)).isEmpty();
        assertThat(prices.get(1)).isEqualTo(Result.ok(NEW));
    }

    /* ---- scenario 33 ---- */

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void invalidate_levelAway_commitsAndIsToldLater(boolean throwing) {
        var time = new HeldTime();
        var level = new FailingLevel(new InMemoryLevel(time));
        try (var here = node(level, time);
                var there = node(level, time)) {
            assertThat(here.get(1)).isEqualTo(Result.ok(OLD));
            assertThat(there.get(1)).isEqualTo(Result.ok(OLD));
            level.away = true;
            level.throwing = throwing;

            var result = transactions.inTransaction(tx -> {
                change(tx, here.in(tx::afterCommit), 1);
                return Result.ok();
            });

            assertThat(result.isOk()).isTrue();
            assertThat(level.refused.get()).isEqualTo(1);
            level.away = false;
            assertThat(here.invalidate(2)).isEqualTo(Propagation.QUEUED);
            assertThat(here.get(1)).isEqualTo(Result.ok(NEW));
            assertThat(there.getIfPresent(1)).contains(OLD);

            time.advance(Duration.ofSeconds(2));

            assertThat(level.invalidated).containsExactly("1", "2");
            assertThat(there.get(1)).isEqualTo(Result.ok(NEW));
            assertThat(here.invalidate(2)).isEqualTo(Propagation.DONE);
        }
    }

    @Test
    void invalidate_throws_commitsAllTheSame() {
        var cache = CacheAside.named("broken")
                .remote(
                        new InMemoryLevel(),
                        (Integer id) -> {
                            throw new IllegalStateException("a bug");
                        },
                        PRICE)
                .build((Integer id) -> transactions.inTransaction(tx -> find(tx.handle(), id)));
        List<String> ran = new ArrayList<>();

        var result = transactions.inTransaction(tx -> {
            change(tx, cache.in(tx::afterCommit), 1);
            tx.afterCommit(() -> ran.add("what comes after it"));
            return Result.ok();
        });

        assertThat(result.isOk()).isTrue();
        assertThat(ran).containsExactly("what comes after it");
        assertThat(prices.get(1)).isEqualTo(Result.ok(NEW));
    }

    private CacheAside<Integer, Integer> node(RemoteLevel level, TimeSource time) {
        return CacheAside.named("prices")
                .remote(level, (Integer id) -> id.toString(), PRICE)
                .time(time)
                .build((Integer id) -> transactions.inTransaction(tx -> find(tx.handle(), id)));
    }

    /* ---- what they do ---- */

    private static void change(Tx tx, CacheAside.Transactional<Integer, Integer> cached, int id) {
        tx.handle().execute("update products set price = ? where id = ?", NEW, id);
        cached.invalidate(id);
    }

    private static Result<Integer, DomainError> find(Handle handle, int id) {
        return Result.ofOptional(
                handle.createQuery("select price from products where id = :id")
                        .bind("id", id)
                        .mapTo(Integer.class)
                        .findOne(),
                ErrorKind.NOT_FOUND.code()::error);
    }

    /** On another thread, which has no transaction. */
    private <T> T elsewhere(Callable<T> call) {
        try {
            return others.submit(call).get(1, TimeUnit.MINUTES);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static final Codec<Integer> PRICE = new Codec<>() {
        @Override
        public byte[] encode(Integer value) {
            return value.toString().getBytes(UTF_8);
        }

        @Override
        public Integer decode(byte[] bytes) {
            return Integer.valueOf(new String(bytes, UTF_8));
        }
    };

    /** A level whose invalidations fail while it is away. */
    private static final class FailingLevel implements RemoteLevel {
        final InMemoryLevel level;
        final AtomicInteger refused = new AtomicInteger();
        final List<String> invalidated = new ArrayList<>();
        boolean away;
        boolean throwing;

        FailingLevel(InMemoryLevel level) {
            this.level = level;
        }

        @Override
        public CompletionStage<List<Reply>> begin(String namespace, List<String> keys, Duration lease) {
            return level.begin(namespace, keys, lease);
        }

        @Override
        public CompletionStage<Boolean> fill(
                String namespace, String key, String token, Collection<String> tags, byte[] entry, Duration ttl) {
            return level.fill(namespace, key, token, tags, entry, ttl);
        }

        @Override
        public CompletionStage<Void> release(String namespace, String key, String token) {
            return level.release(namespace, key, token);
        }

        @Override
        public CompletionStage<Void> invalidate(String namespace, List<String> keys, List<String> tags) {
            if (!away) {
                invalidated.addAll(keys);
                return level.invalidate(namespace, keys, tags);
            }
            refused.incrementAndGet();
            var down = new IllegalStateException("away");
            if (throwing) {
                throw down;
            }
            return CompletableFuture.failedFuture(down);
        }

        @Override
        public CompletionStage<Void> clear(String namespace) {
            return level.clear(namespace);
        }

        @Override
        public Backplane backplane() {
            return level.backplane();
        }
    }

    /** Time that moves when it is told to. That of testkit, which is to stand above this module, is not to be had. */
    private static final class HeldTime implements TimeSource {
        private record Task(long due, FutureTask<?> work) {}

        private final List<Task> tasks = new ArrayList<>();
        private long now;

        synchronized void advance(Duration by) {
            now += by.toNanos();
            List<Task> due = tasks.stream().filter(task -> task.due <= now).toList();
            tasks.removeAll(due);
            due.forEach(task -> task.work.run());
        }

        @Override
        public synchronized Instant instant() {
            return Instant.EPOCH.plusNanos(now);
        }

        @Override
        public synchronized long nanoTime() {
            return now;
        }

        @Override
        public void sleep(Duration duration) {
            throw new UnsupportedOperationException("nobody waits here");
        }

        @Override
        public synchronized Future<?> schedule(Duration delay, Runnable task) {
            var work = new FutureTask<>(task, null);
            tasks.add(new Task(now + delay.toNanos(), work));
            return work;
        }
    }
}
