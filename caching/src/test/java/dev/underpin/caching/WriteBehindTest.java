package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.underpin.caching.WriteBehind.WhenFull;
import dev.underpin.caching.WriteBehind.Write;
import dev.underpin.result.DomainError;
import dev.underpin.result.DomainErrorException;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.Unit;
import dev.underpin.testkit.VirtualTime;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** On virtual time. The executor is the thread that moves it, unless a test needs two threads. */
@Timeout(60)
class WriteBehindTest {
    private static final Duration WINDOW = Duration.ofSeconds(1);
    private static final DomainError DOWN = ErrorKind.BAD_GATEWAY.code().error();

    private static final Set<Thread.State> WAITS = EnumSet.of(Thread.State.WAITING, Thread.State.TIMED_WAITING);

    private final VirtualTime time = new VirtualTime(Instant.EPOCH);
    private final Map<String, Object> store = new TreeMap<>();
    private final List<List<String>> calls = new ArrayList<>();
    private final List<String> dead = new ArrayList<>();
    private final CacheCounters counters = new CacheCounters();
    private final List<Thread> threads = new ArrayList<>();

    /** What a write fails with: the whole call, and nothing is written. */
    private Predicate<Write<String, Object>> poison = write -> false;

    private DomainError failure = DOWN;
    private Consumer<List<Write<String, Object>>> before = writes -> {};

    @AfterEach
    void endThreads() throws InterruptedException {
        for (Thread thread : threads) {
            thread.interrupt();
            thread.join();
        }
    }

    private WriteBehind.Builder settings() {
        return WriteBehind.named("orders")
                .acceptLossOnCrash()
                .executor(Runnable::run)
                .time(time)
                .listener(counters)
                .delay(WINDOW);
    }

    private WriteBehind<String, Object> queue(WriteBehind.Builder settings) {
        return settings.build(
                this::write,
                (write, error) -> dead.add(write.key() + "=" + write.value().orElse("none") + " "
                        + error.code().name()));
    }

    private WriteBehind<String, Object> queue() {
        return queue(settings());
    }

    private Result<Unit, DomainError> write(List<Write<String, Object>> writes) {
        calls.add(writes.stream().map(WriteBehindTest::text).toList());
        before.accept(writes);
        if (writes.stream().anyMatch(poison)) {
            return Result.err(failure);
        }
        for (Write<String, Object> write : writes) {
            if (write.value().isPresent()) {
                store.put(write.key(), write.value().get());
            } else {
                store.remove(write.key());
            }
        }
        return Result.ok();
    }

    private static String text(Write<String, Object> write) {
        return write.key() + "=" + write.value().orElse("none");
    }

    private static void put(WriteBehind<String, Object> queue, String key, Object value) {
        assertThat(queue.put(key, value)).isEqualTo(Result.ok());
    }

    private static void putAll(WriteBehind<String, Object> queue, int from, int to) {
        IntStream.range(from, to).forEach(i -> put(queue, key(i), i));
    }

    private static String key(int i) {
        return String.format("k%04d", i);
    }

    private static ErrorCode code(Result<Unit, DomainError> result) {
        return ((Result.Err<Unit, DomainError>) result).error().code();
    }

    /** On a thread of its own, which is known to wait when this returns. */
    private <T> CompletableFuture<T> waiting(Supplier<T> call) {
        var result = new CompletableFuture<T>();
        var thread = new Thread(() -> {
            try {
                result.complete(call.get());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        threads.add(thread);
        thread.start();
        while (!WAITS.contains(thread.getState()) && !result.isDone()) {
            Thread.onSpinWait();
        }
        return result;
    }

    /* ---- what is written, and when ---- */

    @Nested
    class Order {
        @Test
        void put_tenTimesInAWindow_writesTheNewestOnce() {
            var queue = queue();
            for (int i = 0; i < 10; i++) {
                put(queue, "a", i);
            }

            time.advance(WINDOW);

            assertThat(calls).containsExactly(List.of("a=9"));
            assertThat(time.pending()).isZero();
        }

        @Test
        void delete_afterPuts_isTheLastOfTheKey() {
            var queue = queue();
            put(queue, "a", 1);
            put(queue, "a", 2);
            assertThat(queue.delete("a")).isEqualTo(Result.ok());

            time.advance(WINDOW);

            assertThat(calls).containsExactly(List.of("a=none"));
        }

        @Test
        void delete_whilePutIsWritten_isWrittenAfterIt() {
            var queue = queue();
            before = writes -> {
                before = more -> {};
                assertThat(queue.delete("a")).isEqualTo(Result.ok());
            };
            put(queue, "a", 1);

            time.advance(WINDOW.multipliedBy(2));

            assertThat(calls).containsExactly(List.of("a=1"), List.of("a=none"));
            assertThat(store).isEmpty();
        }

        @Test
        void put_sameObjectWhileItIsWritten_isWrittenOnceMore() {
            var queue = queue();
            var value = new ArrayList<>(List.of("old"));
            before = writes -> {
                before = more -> {};
                value.set(0, "new");
                put(queue, "a", value);
            };
            put(queue, "a", value);

            time.advance(WINDOW.multipliedBy(2));

            assertThat(calls).containsExactly(List.of("a=[old]"), List.of("a=[new]"));
        }

        @Test
        void put_keyThatWaits_doesNotPutItOff() {
            var queue = queue();
            put(queue, "a", 1);
            time.advance(Duration.ofMillis(999));
            put(queue, "a", 2);
            assertThat(calls).isEmpty();

            time.advance(Duration.ofMillis(1));

            assertThat(calls).containsExactly(List.of("a=2"));
        }

        @Test
        void put_whileKeyIsWritten_waitsForAWindowSinceThatBegan() {
            var queue = queue();
            before = writes -> {
                before = more -> {};
                put(queue, "a", 2);
                time.advance(Duration.ofMillis(300));
            };
            put(queue, "a", 1);
            time.advance(WINDOW);
            time.advance(Duration.ofMillis(699));
            assertThat(calls).containsExactly(List.of("a=1"));

            time.advance(Duration.ofMillis(1));

            assertThat(calls).containsExactly(List.of("a=1"), List.of("a=2"));
        }

        @Test
        void putsAndDeletes_together_shareABatch() {
            var queue = queue();
            for (int i = 0; i < 100; i++) {
                assertThat(i % 2 == 0 ? queue.put(key(i), i) : queue.delete(key(i)))
                        .isEqualTo(Result.ok());
            }

            time.advance(WINDOW);

            assertThat(calls).hasSize(1);
            assertThat(calls.get(0)).hasSize(100).startsWith("k0000=0", "k0001=none", "k0002=2");
        }

        @Test
        void batch_isNeverLargerThanItMayBe() {
            var queue = queue(settings().maxBatch(100));
            putAll(queue, 0, 250);

            time.advance(WINDOW);

            assertThat(calls).extracting(List::size).containsExactly(100, 100, 50);
            assertThat(counters.writes()).isEqualTo(250);
        }

        @Test
        void put_afterItWasWritten_isWrittenAgain() {
            var queue = queue();
            put(queue, "a", 1);
            time.advance(WINDOW);
            put(queue, "a", 1);

            time.advance(WINDOW);

            assertThat(calls).containsExactly(List.of("a=1"), List.of("a=1"));
        }

        @Test
        void delay_ofZero_writesAtOnce() {
            var queue = queue(settings().delay(Duration.ZERO));

            put(queue, "a", 1);

            assertThat(store).containsEntry("a", 1);
        }

        @Test
        void put_earlierThanTheNextAttemptOfAnother_isNotPutOff() {
            var queue = queue(settings().delay(Duration.ofMillis(10)));
            poison = write -> write.key().equals("bad");
            put(queue, "bad", 1);
            time.advance(Duration.ofMillis(10 + 100 + 200 + 1)); // the next attempt is 400 ms away
            put(queue, "good", 1);

            time.advance(Duration.ofMillis(10));

            assertThat(store).containsOnlyKeys("good");
        }
    }

    /** Any compiler, or none: there is nothing to be left out. */
    @Test
    void put_keyThatWaits_allocatesNothing() {
        var queue = queue();
        Object value = 1;
        var thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        assumeTrue(thread.isThreadAllocatedMemoryEnabled(), "this JVM does not count allocated bytes");
        put(queue, "a", value);
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 10; round++) {
            long start = thread.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 1_000; i++) {
                if (!queue.put("a", value).isOk() || !queue.delete("a").isOk()) {
                    throw new AssertionError("not taken");
                }
            }
            least = Math.min(least, thread.getCurrentThreadAllocatedBytes() - start);
        }

        assertThat(least).as("bytes, for 2000 changes").isLessThan(2_000);
    }

    @Nested
    class Reads {
        @Test
        void get_tellsWhatIsNotInTheStoreYet() {
            var queue = queue();
            assertThat(queue.get("a")).isEmpty();
            put(queue, "a", 1);
            assertThat(queue.get("a")).contains(new Write<>("a", Optional.of(1)));
            put(queue, "a", 2);
            assertThat(queue.get("a")).contains(new Write<>("a", Optional.of(2)));
            assertThat(queue.delete("a")).isEqualTo(Result.ok());

            assertThat(queue.get("a")).contains(new Write<>("a", Optional.empty()));
        }

        @Test
        void get_whileWritten_tellsItStill() {
            var queue = queue();
            var seen = new ArrayList<Optional<Write<String, Object>>>();
            before = writes -> seen.add(queue.get("a"));
            put(queue, "a", 1);

            time.advance(WINDOW);

            assertThat(seen).containsExactly(Optional.of(new Write<>("a", Optional.of(1))));
            assertThat(queue.get("a")).as("the store knows").isEmpty();
        }

        @Test
        void get_betweenAttempts_tellsItStill() {
            var queue = queue();
            poison = write -> true;
            put(queue, "a", 1);

            time.advance(WINDOW);

            assertThat(calls).hasSize(1);
            assertThat(queue.get("a")).contains(new Write<>("a", Optional.of(1)));
        }

        /** What waits is pinned, however much there is of it. */
        @Test
        void get_asMuchAsMayWait_nothingIsEvicted() {
            var held = new Held();
            var queue = queue(settings().executor(held).maxDirty(10_000, WhenFull.REJECT));
            putAll(queue, 0, 10_000);

            assertThat(IntStream.range(0, 10_000))
                    .allMatch(i -> queue.get(key(i)).equals(Optional.of(new Write<>(key(i), Optional.of(i)))));

            held.runAll();
            assertThat(store).hasSize(10_000);
        }

        @Test
        void queue_afterManyKeys_holdsNothing() {
            var queue = queue(settings().maxDirty(1_000, WhenFull.REJECT));
            for (int i = 0; i < 100_000; i++) {
                put(queue, key(i), i);
                if (i % 400 == 0) {
                    time.advance(WINDOW);
                }
            }
            time.advance(WINDOW);

            assertThat(queue.flush(Duration.ZERO)).isEmpty();
            assertThat(queue.get(key(99_999))).isEmpty();
            assertThat(time.pending()).isZero();
        }

        @Test
        void toString_ofAWrite_holdsNoData() {
            assertThat(new Write<>("secret", Optional.of("secret"))).hasToString("Write[put]");
            assertThat(new Write<>("secret", Optional.empty())).hasToString("Write[delete]");
        }
    }

    /* ---- what fails ---- */

    @Nested
    class Failures {
        @Test
        void poison_among99_keepsNobodyAndIsGivenUpAfterItsAttempts() {
            var queue = queue(settings().attempts(3));
            poison = write -> write.key().equals("k0037");
            putAll(queue, 0, 100);

            time.advance(WINDOW);
            assertThat(store).as("in the same run").hasSize(99);
            assertThat(dead).isEmpty();
            time.advance(Duration.ofMillis(100 + 200));

            assertThat(dead).containsExactly("k0037=37 UPSTREAM_FAILED");
            assertThat(calls.stream().filter(List.of("k0037=37")::equals)).hasSize(3);
            assertThat(counters.writes()).as("nobody was written twice").isEqualTo(99);
            assertThat(counters.deadLetters()).isEqualTo(1);
            assertThat(queue.get("k0037")).isEmpty();
            assertThat(time.pending()).isZero();
        }

        @Test
        void attempts_comeAfterDelaysThatDouble() {
            var queue = queue();
            var at = new ArrayList<Long>();
            before = writes -> at.add(time.instant().toEpochMilli());
            poison = write -> true;
            put(queue, "a", 1);

            time.advance(Duration.ofMinutes(2));

            assertThat(at)
                    .containsExactly(1_000L, 1_100L, 1_300L, 1_700L, 2_500L, 4_100L, 7_300L, 13_700L, 26_500L, 52_100L);
            assertThat(dead).hasSize(1);
        }

        @Test
        void put_betweenAttempts_isTriedInsteadWithAttemptsOfItsOwn() {
            var queue = queue(settings().attempts(2));
            poison = write -> true;
            put(queue, "a", 1);
            time.advance(WINDOW);
            put(queue, "a", 2);

            time.advance(Duration.ofMillis(100));
            assertThat(calls).containsExactly(List.of("a=1"), List.of("a=2"));
            assertThat(dead).isEmpty();
            time.advance(Duration.ofMillis(200));

            assertThat(calls).containsExactly(List.of("a=1"), List.of("a=2"), List.of("a=2"));
            assertThat(dead).containsExactly("a=2 UPSTREAM_FAILED");
        }

        @Test
        void put_whileTheLastAttemptFails_isNotGivenUp() {
            var queue = queue(settings().attempts(1));
            poison = write -> write.value().equals(Optional.of(1));
            before = writes -> {
                before = more -> {};
                put(queue, "a", 2);
            };
            put(queue, "a", 1);

            time.advance(WINDOW.plusMillis(100));

            assertThat(dead).isEmpty();
            assertThat(store).containsEntry("a", 2);
        }

        @Test
        void put_whileItsBatchIsHalved_isWrittenNewest() {
            var queue = queue();
            poison = write -> write.value().equals(Optional.of("bad"));
            put(queue, "a", 1);
            put(queue, "b", "bad");
            before = writes -> {
                before = more -> {};
                put(queue, "a", 2);
            };

            time.advance(WINDOW);

            assertThat(calls).containsExactly(List.of("a=1", "b=bad"), List.of("a=2"), List.of("b=bad"));
            assertThat(queue.get("a")).isEmpty();
        }

        @ParameterizedTest
        @ValueSource(
                classes = {
                    IllegalStateException.class,
                    AssertionError.class,
                    StackOverflowError.class,
                    DomainErrorException.class
                })
        void writer_throws_isAFailedAttemptAndNoEnd(Class<? extends Throwable> type) {
            var queue = queue(settings().attempts(1));
            before = writes -> {
                if (writes.get(0).key().equals("a")) {
                    throw sneaky(type == DomainErrorException.class ? new DomainErrorException(DOWN) : instance(type));
                }
            };
            put(queue, "a", 1);
            time.advance(WINDOW);
            put(queue, "b", 2);

            time.advance(WINDOW);

            assertThat(dead)
                    .containsExactly(type == DomainErrorException.class ? "a=1 UPSTREAM_FAILED" : "a=1 INTERNAL_ERROR");
            assertThat(store).containsOnlyKeys("b");
            assertThat(counters.failedWrites()).isEqualTo(1);
        }

        @Test
        void writer_throwsWhatTheMachineThrows_fliesOnceAllIsTakenCareOf() {
            var held = new Held();
            var queue = queue(settings().executor(held).attempts(1));
            before = writes -> {
                if (writes.get(0).key().equals("a")) {
                    throw new OutOfMemoryError("test");
                }
            };
            put(queue, "a", 1);
            put(queue, "b", 2);
            time.advance(WINDOW);

            assertThatThrownBy(held::runAll).isInstanceOf(OutOfMemoryError.class);

            assertThat(dead).containsExactly("a=1 INTERNAL_ERROR");
            assertThat(store).containsOnlyKeys("b");
            put(queue, "c", 3);
            time.advance(WINDOW);
            held.runAll();
            assertThat(store).containsOnlyKeys("b", "c");
        }

        @Test
        void writer_returnsNull_isAFailedAttempt() {
            var queue = settings()
                    .attempts(1)
                    .<String, Object>build(writes -> null, (write, error) -> dead.add(text(write)));
            put(queue, "a", 1);

            time.advance(WINDOW);

            assertThat(dead).containsExactly("a=1");
        }

        @Test
        void writer_returnsAnErrorWithoutACode_isAFailedAttemptAndNoEnd() {
            DomainError nameless = () -> null;
            var queue = settings()
                    .attempts(1)
                    .<String, Object>build(
                            writes -> writes.get(0).key().equals("a") ? Result.err(nameless) : write(writes),
                            (write, error) ->
                                    dead.add(text(write) + " " + error.code().name()));
            put(queue, "a", 1);
            time.advance(WINDOW);
            put(queue, "b", 2);

            time.advance(WINDOW);

            assertThat(dead).containsExactly("a=1 INTERNAL_ERROR");
            assertThat(counters.failedWrites()).isEqualTo(1);
            assertThat(store).containsOnlyKeys("b");
        }

        /** Of the code of others that runs while keys are in hand, this is what nobody expects to throw. */
        @Test
        void error_throwsWhenItIsLogged_losesNothingAndIsNoEnd() {
            DomainError hostile = new DomainError() {
                @Override
                public ErrorCode code() {
                    return DOWN.code();
                }

                @Override
                public Optional<Throwable> cause() {
                    throw new IllegalStateException("test");
                }
            };
            var held = new Held();
            var fails = new boolean[] {true};
            var queue = settings()
                    .attempts(1)
                    .executor(held)
                    .<String, Object>build(
                            writes -> fails[0] ? Result.err(hostile) : write(writes), (write, error) -> {});
            put(queue, "a", 1);
            put(queue, "b", 1);
            time.advance(WINDOW);
            assertThatThrownBy(held::runAll).isInstanceOf(IllegalStateException.class);
            fails[0] = false;

            time.advance(Duration.ofMillis(100));
            held.runAll();

            assertThat(store).containsOnlyKeys("a", "b");
        }

        @Test
        void deadLetter_throws_isNoEnd() {
            var queue = settings().attempts(1).build(this::writeUnlessA, (write, error) -> {
                throw new IllegalStateException("test");
            });
            put(queue, "a", 1);
            time.advance(WINDOW);
            put(queue, "b", 2);

            time.advance(WINDOW);

            assertThat(store).containsOnlyKeys("b");
            assertThat(counters.deadLetters()).isEqualTo(1);
            assertThat(queue.get("a")).isEmpty();
        }

        private Result<Unit, DomainError> writeUnlessA(List<Write<String, Object>> writes) {
            poison = write -> write.key().equals("a");
            return write(writes);
        }

        @Test
        void put_whileItsKeyIsGivenUp_isWritten() {
            var queues = new ArrayList<WriteBehind<String, Object>>();
            queues.add(
                    settings().attempts(1).build(this::writeUnlessOne, (write, error) -> put(queues.get(0), "a", 2)));
            put(queues.get(0), "a", 1);

            time.advance(WINDOW.plusMillis(100));

            assertThat(store).containsEntry("a", 2);
            assertThat(queues.get(0).flush(Duration.ZERO)).isEmpty();
        }

        private Result<Unit, DomainError> writeUnlessOne(List<Write<String, Object>> writes) {
            poison = write -> write.value().equals(Optional.of(1));
            return write(writes);
        }

        @Test
        void listener_throws_changesNothing() {
            var queue = queue(settings().listener(new CacheListener() {
                @Override
                public void onWrite(String name, int writes, long nanos, ErrorCode error) {
                    throw new IllegalStateException("test");
                }
            }));
            put(queue, "a", 1);

            time.advance(WINDOW);

            assertThat(store).containsEntry("a", 1);
            assertThat(queue.get("a")).isEmpty();
        }

        @Test
        void writer_changesItsList_isAFailedAttempt() {
            var queue = queue(settings().attempts(1));
            before = List::clear;
            put(queue, "a", 1);

            time.advance(WINDOW);

            assertThat(dead).containsExactly("a=1 INTERNAL_ERROR");
        }

        @Test
        void storeDown_callsAreFewAndNothingIsGivenUp() {
            var queue = queue();
            poison = write -> true;
            putAll(queue, 0, 1_000);

            time.advance(WINDOW);
            assertThat(calls).as("7 to find the first, 8 more").hasSize(15);
            time.advance(Duration.ofSeconds(20));
            assertThat(calls).hasSizeLessThan(150);
            assertThat(dead).isEmpty();
            poison = write -> false;
            time.advance(Duration.ofMinutes(1));

            assertThat(store).hasSize(1_000);
            assertThat(counters.writes()).isEqualTo(1_000);
        }

        /** Too few to tell an outage from bad writes: the dead letters get them, late and in full. */
        @Test
        void storeDown_fewKeys_areHandedOverAfterTheirAttempts() {
            var queue = queue();
            poison = write -> true;
            putAll(queue, 0, 10);

            time.advance(Duration.ofSeconds(50));
            assertThat(dead).isEmpty();
            time.advance(Duration.ofSeconds(10));

            assertThat(dead).hasSize(10);
            assertThat(time.pending()).isZero();
        }

        @ParameterizedTest
        @EnumSource(names = {"UNAVAILABLE", "RATE_LIMITED"})
        void storeDown_saysSoItself_handsNothingOver(ErrorKind kind) {
            var queue = queue();
            failure = kind.code().error();
            poison = write -> true;
            putAll(queue, 0, 3);

            time.advance(Duration.ofDays(1));
            assertThat(dead).isEmpty();
            assertThat(queue.size()).isEqualTo(3);
            poison = write -> false;
            time.advance(Duration.ofMinutes(1));

            assertThat(store).hasSize(3);
            assertThat(queue.size()).isZero();
        }

        @Test
        void storeDown_onceMore_pausesBrieflyAtFirst() {
            var queue = queue();
            poison = write -> true;
            putAll(queue, 0, 100);
            time.advance(Duration.ofSeconds(20));
            poison = write -> false;
            time.advance(Duration.ofMinutes(1));
            assertThat(store).hasSize(100);
            poison = write -> true;
            putAll(queue, 100, 200);
            time.advance(WINDOW);
            calls.clear();

            time.advance(Duration.ofMillis(100));

            assertThat(calls).isNotEmpty();
        }

        @Test
        void key_thatHasRecovered_beginsWithTheShortestDelay() {
            var queue = queue(settings().delay(Duration.ZERO));
            poison = write -> true;
            put(queue, "a", 1);
            time.advance(Duration.ofMillis(699)); // the fourth attempt is next
            poison = write -> write.value().equals(Optional.of(2));
            before = writes -> {
                before = more -> {};
                put(queue, "a", 2);
            };
            time.advance(Duration.ofMillis(1));
            assertThat(calls).endsWith(List.of("a=1"), List.of("a=2")).hasSize(5);

            time.advance(Duration.ofMillis(100));

            assertThat(calls).hasSize(6);
        }

        @Test
        void suspects_thatFailAgain_doNotPauseOthers() {
            var queue = queue(settings().delay(Duration.ZERO).attempts(1_000));
            poison = write -> write.key().startsWith("k");
            putAll(queue, 0, 100);
            time.advance(Duration.ofMinutes(10));
            calls.clear();
            time.advance(Duration.ofMinutes(1));
            assertThat(calls).as("attempts go on").hasSizeBetween(150, 300);

            put(queue, "good", 1);

            assertThat(store).containsOnlyKeys("good");
        }

        @Test
        void suspect_whileOthersNeverEnd_getsItsTurn() {
            var queue = queue(settings().delay(Duration.ZERO));
            poison = write -> write.key().equals("bad");
            put(queue, "bad", 1);
            before = writes -> {
                if (calls.size() < 50) {
                    time.advance(Duration.ofMillis(10));
                    put(queue, key(calls.size()), 1);
                }
            };

            put(queue, "first", 1);

            assertThat(calls.subList(1, 50).indexOf(List.of("bad=1"))).isBetween(9, 12);
        }

        @Test
        void put_whileManySuspectsAreDue_isNotBehindThemAll() {
            var held = new Held();
            var queue = queue(settings().delay(Duration.ZERO).executor(held));
            poison = write -> write.key().startsWith("k");
            for (int i = 0; i < 20; i++) {
                put(queue, key(i), i);
                held.runAll();
            }
            time.advance(Duration.ofMillis(100));
            calls.clear();
            put(queue, "good", 1);

            held.runAll();

            assertThat(calls).hasSize(21);
            assertThat(calls.indexOf(List.of("good=1"))).isLessThan(2);
        }

        @Test
        void executor_refuses_isAskedAgain() {
            var refusals = new ArrayDeque<RuntimeException>();
            refusals.add(new RejectedExecutionException("test"));
            refusals.add(new RejectedExecutionException("test"));
            var queue = queue(settings().executor(task -> {
                if (!refusals.isEmpty()) {
                    throw refusals.remove();
                }
                task.run();
            }));
            put(queue, "a", 1);

            time.advance(WINDOW.plusMillis(100 + 199));
            assertThat(refusals).isEmpty();
            assertThat(store).isEmpty();
            time.advance(Duration.ofMillis(1));

            assertThat(store).containsEntry("a", 1);
        }

        /** As a pool without core threads does when it is out of threads: the task is in its queue by then. */
        @Test
        void executor_throwsAndRunsItAllTheSame_onlyOneRunIsMade() {
            var tasks = new ArrayDeque<Runnable>();
            var queue = queue(settings().maxBatch(1).executor(task -> {
                tasks.add(task);
                if (tasks.size() == 1) {
                    throw new OutOfMemoryError("test");
                }
            }));
            put(queue, "a", 1);
            put(queue, "b", 1);
            time.advance(WINDOW.plusMillis(100));
            Runnable refused = tasks.remove();
            var nested = new ArrayList<Integer>();
            before = writes -> {
                before = more -> {};
                refused.run();
                nested.add(calls.size());
            };

            tasks.remove().run();

            assertThat(nested).as("calls, while the first one lasts").containsExactly(1);
            assertThat(store).containsOnlyKeys("a", "b");
        }

        @Test
        void interrupt_endsTheRunAndNotTheWriting() {
            var queue = queue(settings().maxBatch(1));
            before = writes -> {
                before = more -> {};
                Thread.currentThread().interrupt();
            };
            putAll(queue, 0, 3);

            time.advance(WINDOW);
            assertThat(Thread.interrupted()).as("for whose thread it is").isTrue();
            assertThat(calls).hasSize(1);
            time.advance(Duration.ofMillis(100));

            assertThat(store).hasSize(3);
        }
    }

    /* ---- full ---- */

    @Nested
    class Full {
        @Test
        void reject_oneMoreKey_isRefusedAndOthersAreNot() {
            var held = new Held();
            var queue = queue(settings().executor(held).maxDirty(2, WhenFull.REJECT));
            put(queue, "a", 1);
            put(queue, "b", 1);

            assertThat(code(queue.put("c", 1))).isEqualTo(CachingErrors.WRITE_BEHIND_FULL);
            assertThat(code(queue.delete("c"))).isEqualTo(CachingErrors.WRITE_BEHIND_FULL);

            put(queue, "a", 2);
            assertThat(queue.get("c")).isEmpty();
            held.runAll();
            put(queue, "c", 2);
            held.runAll();
            assertThat(store).containsExactlyInAnyOrderEntriesOf(Map.of("a", 2, "b", 1, "c", 2));
        }

        @Test
        void reject_whileKeysAreWritten_theyCount() {
            var queue = queue(settings().maxDirty(1, WhenFull.REJECT));
            var codes = new ArrayList<ErrorCode>();
            before = writes -> codes.add(code(queue.put("b", 1)));

            put(queue, "a", 1);

            assertThat(codes).containsExactly(CachingErrors.WRITE_BEHIND_FULL);
            assertThat(store).containsOnlyKeys("a");
        }

        @Test
        void queue_halfFull_doesNotWait() {
            var queue = queue(settings().maxDirty(10, WhenFull.REJECT));
            putAll(queue, 0, 4);
            assertThat(calls).isEmpty();

            putAll(queue, 4, 5);

            assertThat(store).hasSize(5);
        }

        @Test
        void queue_halfFull_doesNotLetWhatChangedMeanwhileWait() {
            var queue = queue(settings().maxDirty(2, WhenFull.REJECT));
            before = writes -> {
                before = more -> {};
                put(queue, "a", 2);
            };

            put(queue, "a", 1);

            assertThat(calls).containsExactly(List.of("a=1"), List.of("a=2"));
        }

        @Test
        void block_waitsForAPlace() {
            var held = new Held();
            var queue = queue(settings().executor(held).maxDirty(1, WhenFull.BLOCK));
            put(queue, "a", 1);
            var result = waiting(() -> queue.put("b", 2));
            assertThat(result).isNotDone();

            held.runAll();

            assertThat(result.join()).isEqualTo(Result.ok());
            held.runAll();
            assertThat(store).containsOnlyKeys("a", "b");
        }

        @Test
        void block_forTooLong_isRefused() {
            var queue = queue(settings().executor(new Held()).maxDirty(1, WhenFull.BLOCK));
            put(queue, "a", 1);
            var result = waiting(() -> queue.put("b", 2));
            time.advance(Duration.ofMillis(999));
            assertThat(result).isNotDone();

            time.advance(Duration.ofMillis(1));

            assertThat(code(result.join())).isEqualTo(CachingErrors.WRITE_BEHIND_FULL);
            assertThat(queue.get("b")).isEmpty();
        }

        @Test
        void block_interrupted_isRefusedAndKeepsTheFlag() {
            var queue = queue(settings().executor(new Held()).maxDirty(1, WhenFull.BLOCK));
            put(queue, "a", 1);
            Thread.currentThread().interrupt();

            put(queue, "a", 2);
            var result = queue.put("b", 2);

            assertThat(Thread.interrupted()).isTrue();
            assertThat(code(result)).isEqualTo(CachingErrors.CACHE_INTERRUPTED);
            assertThat(time.pending()).as("no timer is left").isZero();
        }

        @Test
        void block_whenClosed_isRefusedBeforeThatIsOver() {
            var queue = queue(settings().executor(new Held()).maxDirty(1, WhenFull.BLOCK));
            put(queue, "a", 1);
            var result = waiting(() -> queue.put("b", 2));
            var unwritten = waiting(() -> queue.close(Duration.ofMillis(500)));

            assertThat(code(result.join())).isEqualTo(CachingErrors.WRITE_BEHIND_CLOSED);

            assertThat(unwritten).isNotDone();
            time.advance(Duration.ofMillis(500));
            assertThat(unwritten.join()).containsExactly("a");
        }

        @Test
        void maxWait_ofZero_refusesAtOnce() {
            var queue =
                    queue(settings().executor(new Held()).maxWait(Duration.ZERO).maxDirty(1, WhenFull.BLOCK));
            put(queue, "a", 1);

            assertThat(code(queue.put("b", 2))).isEqualTo(CachingErrors.WRITE_BEHIND_FULL);
        }

        @Test
        void writeThrough_isWrittenBeforeItReturns() {
            var held = new Held();
            var queue = queue(settings().executor(held).maxDirty(1, WhenFull.WRITE_THROUGH));
            put(queue, "a", 1);

            put(queue, "b", 2);
            assertThat(queue.delete("c")).isEqualTo(Result.ok());
            put(queue, "a", 3);

            assertThat(calls).containsExactly(List.of("b=2"), List.of("c=none"));
            held.runAll();
            assertThat(store).containsExactlyInAnyOrderEntriesOf(Map.of("a", 3, "b", 2));
        }

        @Test
        void writeThrough_fails_isTheCallersError() {
            var queue = queue(settings().executor(new Held()).maxDirty(1, WhenFull.WRITE_THROUGH));
            poison = write -> true;
            put(queue, "a", 1);

            assertThat(queue.put("b", 2)).isEqualTo(Result.err(DOWN));

            assertThat(queue.get("b")).isEmpty();
            poison = write -> false;
            put(queue, "b", 3);
            assertThat(store).containsEntry("b", 3);
        }

        @Test
        void writeThrough_throws_fliesAndFreesTheKey() {
            var queue = queue(settings().executor(new Held()).maxDirty(1, WhenFull.WRITE_THROUGH));
            put(queue, "a", 1);
            before = writes -> {
                before = more -> {};
                throw new IllegalStateException("test");
            };

            assertThatThrownBy(() -> queue.put("b", 2)).isInstanceOf(IllegalStateException.class);

            assertThat(counters.failedWrites()).isEqualTo(1);
            put(queue, "b", 3);
            assertThat(store).containsEntry("b", 3);
        }

        @Test
        void writeThrough_ofAKeyThatAnotherWrites_comesAfterIt() throws InterruptedException {
            var queue = queue(settings().executor(new Held()).maxDirty(1, WhenFull.WRITE_THROUGH));
            put(queue, "a", 1);
            var writing = new CountDownLatch(1);
            var release = new CountDownLatch(1);
            before = writes -> {
                before = more -> {};
                writing.countDown();
                uninterrupted(release);
            };
            var first = waiting(() -> queue.put("b", 1));
            writing.await();
            assertThat(queue.get("b")).as("it may yet fail").isEmpty();

            var second = waiting(() -> queue.put("b", 2));
            assertThat(calls).containsExactly(List.of("b=1"));
            release.countDown();

            assertThat(first.join()).isEqualTo(Result.ok());
            assertThat(second.join()).isEqualTo(Result.ok());
            assertThat(calls).containsExactly(List.of("b=1"), List.of("b=2"));
        }

        @Test
        void writeThrough_ofAKeyThatAnotherWritesForTooLong_isRefused() throws InterruptedException {
            var queue = queue(settings().executor(new Held()).maxDirty(1, WhenFull.WRITE_THROUGH));
            put(queue, "a", 1);
            var writing = new CountDownLatch(1);
            var release = new CountDownLatch(1);
            before = writes -> {
                writing.countDown();
                uninterrupted(release);
            };
            var first = waiting(() -> queue.put("b", 1));
            writing.await();
            var second = waiting(() -> queue.put("b", 2));

            time.advance(Duration.ofSeconds(1));

            assertThat(code(second.join())).isEqualTo(CachingErrors.WRITE_BEHIND_FULL);
            assertThat(queue.close(Duration.ZERO)).containsExactlyInAnyOrder("a", "b");
            release.countDown();
            assertThat(first.join()).isEqualTo(Result.ok());
        }
    }

    /* ---- flush and close ---- */

    @Nested
    class Flush {
        @Test
        void flush_writesWhatWaits() {
            var queue = queue();
            putAll(queue, 0, 3);

            assertThat(queue.flush(Duration.ofSeconds(1))).isEmpty();

            assertThat(store).hasSize(3);
            assertThat(time.pending()).isZero();
        }

        @Test
        void flush_hungWriter_returnsWhatIsNotWritten() throws InterruptedException {
            var hung = new HungWriter();
            var queue = queue(settings().executor(hung).maxBatch(2));
            putAll(queue, 0, 3);
            time.advance(WINDOW);
            hung.await();

            var unwritten = waiting(() -> queue.flush(Duration.ofSeconds(5)));
            time.advance(Duration.ofSeconds(5));

            assertThat(unwritten.join()).containsExactlyInAnyOrder(key(0), key(1), key(2));
            hung.release();
            assertThat(queue.flush(Duration.ofDays(1))).isEmpty();
        }

        @Test
        void flush_whileAnOlderChangeIsWritten_waitsForTheNewerOne() {
            var held = new Held();
            var queue = queue(settings().executor(held));
            var flushes = new ArrayList<CompletableFuture<Set<String>>>();
            poison = write -> write.value().equals(Optional.of(2));
            before = writes -> {
                before = more -> {};
                put(queue, "a", 2);
                flushes.add(waiting(() -> queue.flush(Duration.ofSeconds(5))));
            };
            put(queue, "a", 1);
            time.advance(WINDOW);

            held.runAll();
            assertThat(calls).as("at once").containsExactly(List.of("a=1"), List.of("a=2"));
            time.advance(Duration.ofSeconds(5));

            assertThat(flushes.get(0).join()).containsExactly("a");
        }

        @Test
        void flush_ofAKeyThatNeverRests_waitsForItsChangesOfBefore() {
            var held = new Held();
            var queue = queue(settings().executor(held));
            before = writes -> put(
                    queue,
                    "a",
                    writes.get(0).value().map(n -> (Object) ((int) n + 1)).get());
            put(queue, "a", 1);
            var unwritten = waiting(() -> queue.flush(Duration.ofDays(1)));

            held.runAll();

            assertThat(unwritten.join()).isEmpty();
            assertThat(queue.get("a")).contains(new Write<>("a", Optional.of(2)));
        }

        @Test
        void flush_keyWaitsForItsNextAttempt_isNotTriedBefore() {
            var queue = queue();
            poison = write -> true;
            put(queue, "a", 1);
            time.advance(WINDOW);

            assertThat(queue.flush(Duration.ZERO)).containsExactly("a");

            assertThat(calls).hasSize(1);
        }

        @Test
        void flush_storeIsBack_endsThePause() {
            var queue = queue();
            poison = write -> true;
            putAll(queue, 0, 100);
            time.advance(Duration.ofSeconds(20));
            poison = write -> false;

            var unwritten = queue.flush(Duration.ZERO);

            assertThat(unwritten).as("but those that failed alone").hasSizeLessThan(100);
            assertThat(store).hasSize(100 - unwritten.size()).isNotEmpty();
        }

        @Test
        void flush_changeIsGivenUp_returnsItsKey() {
            var queue = queue(settings().attempts(1));
            poison = write -> write.key().equals("a");
            put(queue, "a", 1);
            put(queue, "b", 1);

            assertThat(queue.flush(Duration.ofDays(1))).containsExactly("a");

            assertThat(dead).hasSize(1);
        }

        @Test
        void flush_interrupted_returnsWhatIsNotWrittenAndKeepsTheFlag() {
            var queue = queue(settings().executor(new Held()));
            put(queue, "a", 1);
            Thread.currentThread().interrupt();

            var unwritten = queue.flush(Duration.ofDays(1));

            assertThat(Thread.interrupted()).isTrue();
            assertThat(unwritten).containsExactly("a");
        }

        @Test
        void flush_negativeDeadline_isRefused() {
            var queue = queue();

            assertThatThrownBy(() -> queue.flush(Duration.ofNanos(-1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("deadline must not be negative: PT-0.000000001S");
        }
    }

    @Nested
    class Close {
        @Test
        void close_writesAllAndAcceptsNoMore() {
            var queue = queue();
            putAll(queue, 0, 250);

            assertThat(queue.close(Duration.ofSeconds(1))).isEmpty();

            assertThat(store).hasSize(250);
            assertThat(code(queue.put("z", 1))).isEqualTo(CachingErrors.WRITE_BEHIND_CLOSED);
            assertThat(code(queue.delete("z"))).isEqualTo(CachingErrors.WRITE_BEHIND_CLOSED);
            assertThat(queue.close(Duration.ofSeconds(1))).isEmpty();
            assertThat(time.pending()).isZero();
        }

        @Test
        void close_hungWriter_returnsTheUnwrittenAtTheDeadline() throws InterruptedException {
            var hung = new HungWriter();
            var queue = queue(settings().executor(hung).maxBatch(1));
            putAll(queue, 0, 3);
            time.advance(WINDOW);
            hung.await();

            var unwritten = waiting(() -> queue.close(Duration.ofSeconds(1)));
            time.advance(Duration.ofSeconds(1));

            assertThat(unwritten.join()).containsExactlyInAnyOrder(key(0), key(1), key(2));
            assertThat(queue.get(key(2))).contains(new Write<>(key(2), Optional.of(2)));
            assertThat(code(queue.put(key(2), 7))).isEqualTo(CachingErrors.WRITE_BEHIND_CLOSED);
            hung.release();
            hung.join();
            time.advance(Duration.ofDays(1));
            assertThat(calls).as("nothing begins after the deadline").containsExactly(List.of("k0000=0"));
            assertThat(queue.close(Duration.ofDays(1))).containsExactlyInAnyOrder(key(1), key(2));
        }

        @Test
        void close_hungInTheMiddleOfABatch_goesNoFurther() throws InterruptedException {
            var hung = new HungWriter();
            poison = write -> write.key().equals(key(0));
            var queue = queue(settings().executor(hung));
            putAll(queue, 0, 4);
            time.advance(WINDOW);
            hung.await();

            assertThat(queue.close(Duration.ZERO)).hasSize(4);
            hung.release();
            hung.join();

            assertThat(calls).hasSize(1);
            assertThat(queue.get(key(3))).isPresent();
        }

        @Test
        void close_writeThatHungFailsForTheLastTime_isLeftToWhoClosed() throws InterruptedException {
            var hung = new HungWriter();
            poison = write -> true;
            var queue = queue(settings().executor(hung).attempts(1));
            put(queue, "a", 1);
            time.advance(WINDOW);
            hung.await();

            assertThat(queue.close(Duration.ZERO)).containsExactly("a");
            hung.release();
            hung.join();

            assertThat(calls).hasSize(1);
            assertThat(queue.get("a")).contains(new Write<>("a", Optional.of(1)));
            assertThat(dead).isEmpty();
        }

        @Test
        void close_keyWaitsForItsNextAttempt_isTriedAtOnceAndThenAfterTheDelaysOfTheStart() {
            var queue = queue(settings().attempts(100));
            poison = write -> true;
            put(queue, "a", 1);
            time.advance(Duration.ofSeconds(30));
            int before = calls.size();

            var unwritten = waiting(() -> queue.close(Duration.ofSeconds(10)));
            assertThat(calls).hasSize(before + 1);
            poison = write -> false;
            time.advance(Duration.ofMillis(200));

            assertThat(unwritten.join()).isEmpty();
            assertThat(store).containsEntry("a", 1);
        }

        @Test
        void close_withoutDeadline_takesTenSecondsAtMost() throws InterruptedException {
            var hung = new HungWriter();
            var queue = queue(settings().executor(hung));
            put(queue, "a", 1);
            time.advance(WINDOW);
            hung.await();
            var closed = waiting(() -> {
                queue.close();
                return "closed";
            });
            time.advance(Duration.ofMillis(9_999));
            assertThat(closed).isNotDone();

            time.advance(Duration.ofMillis(1));

            assertThat(closed.join()).isEqualTo("closed");
            hung.release();
        }

        /** Who shuts down is often interrupted, and the end of a try block is the last chance to write. */
        @Test
        void close_interruptedBefore_writesAllAndKeepsTheFlag() {
            var queue = queue();
            putAll(queue, 0, 3);
            Thread.currentThread().interrupt();

            queue.close();

            assertThat(Thread.interrupted()).isTrue();
            assertThat(store).hasSize(3);
        }

        @Test
        void flush_afterClose_returnsWhatIsLeft() {
            var queue = queue(settings().executor(new Held()));
            put(queue, "a", 1);
            assertThat(queue.close(Duration.ZERO)).containsExactly("a");

            assertThat(queue.flush(Duration.ofDays(1))).containsExactly("a");
        }
    }

    /* ---- all together ---- */

    @ParameterizedTest
    @EnumSource(WhenFull.class)
    void randomOperations_withRandomFailures_leaveTheStoreLikeTheModel(WhenFull whenFull) {
        for (int seed = 0; seed < 200; seed++) {
            walk(seed, whenFull);
        }
    }

    private void walk(int seed, WhenFull whenFull) {
        var random = new Random(seed);
        store.clear();
        var model = new HashMap<String, Object>();
        var given = new HashMap<String, Object>();
        BooleanSupplier fail = () -> random.nextInt(4) == 0;
        var healthy = new boolean[1];
        var queue = settings()
                .delay(Duration.ofMillis(random.nextInt(3) * 50L))
                .maxBatch(1 + random.nextInt(8))
                .maxDirty(1 + random.nextInt(16), whenFull)
                .maxWait(Duration.ZERO)
                .attempts(1 + random.nextInt(4))
                .<String, Object>build(
                        writes -> {
                            boolean fails = !healthy[0] && fail.getAsBoolean();
                            int done = fails ? random.nextInt(writes.size() + 1) : writes.size();
                            var unused = write(writes.subList(0, done)); // what fails may have done some of it
                            return fails ? Result.err(DOWN) : Result.ok();
                        },
                        (write, error) -> given.put(write.key(), write.value().orElse("none")));
        for (int i = 0; i < 200; i++) {
            String key = key(random.nextInt(20));
            int operation = random.nextInt(8);
            if (operation == 0) {
                time.advance(Duration.ofMillis(random.nextInt(200)));
            } else if (operation == 1) {
                assertThat(queue.flush(Duration.ZERO)).isNotNull();
            } else {
                Object value = operation < 4 ? "none" : (Object) i;
                Object earlier = given.remove(key);
                var result = operation < 4 ? queue.delete(key) : queue.put(key, i);
                if (result.isOk()) {
                    model.put(key, value);
                } else if (code(result).equals(DOWN.code())) {
                    model.remove(key); // this thread wrote it, and it failed: it may be there or not
                } else {
                    assertThat(code(result)).isEqualTo(CachingErrors.WRITE_BEHIND_FULL);
                    given.put(key, earlier);
                }
            }
            queue.get(key)
                    .ifPresent(write -> assertThat(write.value().orElse("none")).isEqualTo(model.get(key)));
        }
        healthy[0] = true;
        time.advance(Duration.ofMinutes(1));

        assertThat(queue.close(Duration.ZERO)).as("seed %s", seed).isEmpty();
        model.forEach((key, value) -> {
            if (!value.equals(given.get(key))) {
                assertThat(store.getOrDefault(key, "none"))
                        .as("seed %s, %s", seed, key)
                        .isEqualTo(value);
            }
        });
    }

    /* ---- settings ---- */

    @Nested
    class Settings {
        @Test
        void build_withoutAcceptedLoss_saysWhy() {
            var settings = WriteBehind.named("orders").executor(Runnable::run);

            assertThatThrownBy(() -> queue(settings))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("acceptLossOnCrash() must be called: what waits to be written is lost when the process"
                            + " dies");
        }

        @Test
        void build_withoutExecutor_saysWhy() {
            var settings = WriteBehind.named("orders").acceptLossOnCrash();

            assertThatThrownBy(() -> queue(settings))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("executor must be set: the writer blocks, and no thread is started for it");
        }

        @Test
        void builder_invalidValue_isRefused() {
            var settings = settings();

            assertThatThrownBy(() -> settings.maxDirty(0, WhenFull.BLOCK)).hasMessage("keys must be at least 1: 0");
            assertThatThrownBy(() -> settings.maxBatch(0)).hasMessage("writes must be at least 1: 0");
            assertThatThrownBy(() -> settings.attempts(0)).hasMessage("max must be at least 1: 0");
            assertThatThrownBy(() -> settings.delay(Duration.ofNanos(-1)))
                    .hasMessage("delay must not be negative: PT-0.000000001S");
            assertThatThrownBy(() -> settings.delay(Duration.ofDays(1).plusNanos(1)))
                    .hasMessage("delay must be at most PT24H: PT24H0.000000001S");
            assertThatThrownBy(() -> settings.maxWait(Duration.ofNanos(-1)))
                    .hasMessage("wait must not be negative: PT-0.000000001S");
            assertThatThrownBy(() -> WriteBehind.named("no name")).isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void put_null_isABug() {
            var queue = queue();

            assertThatThrownBy(() -> queue.put(null, 1)).hasMessage("key");
            assertThatThrownBy(() -> queue.put("a", null)).hasMessage("value");
            assertThatThrownBy(() -> queue.delete(null)).hasMessage("key");
            assertThatThrownBy(() -> queue.get(null)).hasMessage("key");
        }

        @Test
        void error_namesTheQueue() {
            var queue = queue();
            assertThat(queue.close(Duration.ZERO)).isEmpty();

            assertThat(queue.put("a", 1))
                    .isEqualTo(Result.err(DomainError.builder(CachingErrors.WRITE_BEHIND_CLOSED)
                            .arg("name", "orders")
                            .build()));
        }
    }

    /* ---- threads ---- */

    /** Runs what it was handed when it is told to. */
    private static final class Held implements Executor {
        private final Queue<Runnable> tasks = new ArrayDeque<>();

        @Override
        public synchronized void execute(Runnable task) {
            tasks.add(task);
        }

        void runAll() {
            for (Runnable task = next(); task != null; task = next()) {
                task.run();
            }
        }

        private synchronized Runnable next() {
            return tasks.poll();
        }
    }

    /** A thread for each task, in which the first call of the writer waits until it is let go. */
    private final class HungWriter implements Executor {
        private final CountDownLatch hangs = new CountDownLatch(1);
        private final CountDownLatch release = new CountDownLatch(1);
        private final List<Thread> workers = new ArrayList<>();

        HungWriter() {
            before = writes -> {
                before = more -> {};
                hangs.countDown();
                uninterrupted(release);
            };
        }

        @Override
        public synchronized void execute(Runnable task) {
            var worker = new Thread(task);
            workers.add(worker);
            threads.add(worker);
            worker.start();
        }

        void await() throws InterruptedException {
            hangs.await();
        }

        void release() {
            release.countDown();
        }

        synchronized void join() throws InterruptedException {
            for (Thread worker : workers) {
                worker.join();
            }
        }
    }

    private static void uninterrupted(CountDownLatch latch) {
        while (true) {
            try {
                if (latch.await(30, TimeUnit.SECONDS)) {
                    return;
                }
                throw new AssertionError("nobody let it go");
            } catch (InterruptedException e) {
                // it hangs on
            }
        }
    }

    private static Throwable instance(Class<? extends Throwable> type) {
        try {
            return type.getConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.toString(), e);
        }
    }

    @SuppressWarnings("unchecked")
    private static <X extends Throwable> RuntimeException sneaky(Throwable thrown) throws X {
        throw (X) thrown;
    }
}
