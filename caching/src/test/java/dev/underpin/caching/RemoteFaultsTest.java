package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.caching.RemoteLevel.Reply;
import dev.underpin.caching.ShakyLevel.Call;
import dev.underpin.caching.ShakyLevel.Fault;
import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.spi.Codec;
import dev.underpin.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A level that fails, hangs or answers nonsense, under caches that go on. */
class RemoteFaultsTest {
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration OUTAGE_TTL = Duration.ofSeconds(10);
    private static final Duration TIMEOUT = Duration.ofMillis(50);

    private final VirtualTime time = new VirtualTime();
    private final InMemoryLevel shared = new InMemoryLevel(time);
    private final Map<String, String> store = new ConcurrentHashMap<>(Map.of("k", "old", "j", "j"));
    private volatile @Nullable Runnable duringLoad;
    private final Node a = node(UnaryOperator.identity());
    private final Node b = node(UnaryOperator.identity());

    private Node node(UnaryOperator<CacheAside.Builder<String, String>> settings) {
        return new Node(shared, new Node.Impatient(time), this::load, settings);
    }

    private Result<String, DomainError> load(String key) {
        String read = store.get(key);
        Runnable meanwhile = duringLoad;
        duringLoad = null;
        if (meanwhile != null) {
            meanwhile.run();
        }
        return read == null ? Result.err(ErrorKind.NOT_FOUND.code().error()) : Result.ok(read);
    }

    private void change(String value) {
        store.put("k", value);
    }

    @AfterEach
    void clearInterrupt() {
        var unused = Thread.interrupted();
    }

    @CanIgnoreReturnValue
    private Reply begin(String key) {
        return shared.begin("texts", List.of(key), Duration.ofHours(1))
                .toCompletableFuture()
                .join()
                .get(0);
    }

    private void fillWith(String key, byte[] entry) {
        String token = ((Reply.Mine) begin(key)).token();
        assertThat(shared.fill("texts", key, token, List.of(), entry, Node.TTL)
                        .toCompletableFuture()
                        .join())
                .isTrue();
    }

    private void getNone() {
        assertThat(a.cache.get("none").isOk()).isFalse();
    }

    /** Makes the level fail so often that it is left alone. */
    private void open(Node node) {
        node.level.inject(Fault.FAIL);
        for (int i = 0; i < 5; i++) {
            store.put("other " + i, "");
            node.get("other " + i);
        }
    }

    /* ---- whatever the level does, a get is a miss, with one load and without an exception ---- */

    @ParameterizedTest
    @EnumSource(Fault.class)
    void get_everyCallFails_loadsOnceAndKeepsItForAShortTime(Fault fault) {
        a.level.inject(fault);

        assertThat(a.cache.getCached("k").orElseThrow().freshFor()).isLessThanOrEqualTo(OUTAGE_TTL);
        assertThat(a.get("k")).isEqualTo("old");
        assertThat(a.cache.getAsync("k").join()).isEqualTo(Result.ok("old"));
        assertThat(a.loads).hasValue(1);
        assertThat(a.remoteFailures).hasPositiveValue();

        assertThat(a.cache.getAsync("j").join()).isEqualTo(Result.ok("j"));
        assertThat(a.cache.getAll(List.of("k", "j", "none")).values()).startsWith(Result.ok("old"), Result.ok("j"));
        assertThat(a.loads).hasValue(3);
        time.advance(OUTAGE_TTL);
        assertThat(a.cache.getIfPresent("k")).isEmpty();
        assertThat(time.pending()).isZero();
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void refresh_everyCallFails_loadsOnceAndKeepsItForAShortTime(Fault fault) {
        Node early = node(builder -> builder.refreshAfter(0.5));
        early.get("k");
        time.advance(Duration.ofMinutes(6));
        change("new");
        early.level.inject(fault);

        assertThat(early.get("k")).isEqualTo("new");
        assertThat(early.loads).hasValue(2);
        assertThat(early.cache.getCached("k").orElseThrow().freshFor()).isLessThanOrEqualTo(OUTAGE_TTL);
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void fill_fails_valueIsKeptForAShortTime(Fault fault) {
        a.level.inject(fault, Call.FILL);

        assertThat(a.get("k")).isEqualTo("old");
        assertThat(a.cache.getCached("k").orElseThrow().freshFor()).isLessThanOrEqualTo(OUTAGE_TTL);
        assertThat(a.loads).hasValue(1);
        assertThat(a.remoteFailures).hasValue(1);
    }

    @Test
    void begin_repliesThatAreNone_areAMiss() {
        List<UnaryOperator<List<Reply>>> wrong = List.of(
                replies -> List.of(),
                replies -> Arrays.asList((Reply) null),
                replies -> List.of(new Reply.Loading(), new Reply.Loading()),
                replies -> null);
        for (UnaryOperator<List<Reply>> change : wrong) {
            Node node = node(UnaryOperator.identity());
            node.level.replies(change);
            assertThat(node.get("k")).isEqualTo("old");
            assertThat(node.loads).hasValue(1);
            assertThat(node.remoteFailures).hasValue(1);
        }
    }

    @Test
    void get_bytesThatCannotBeRead_isAMissAndReplacesThem() {
        byte[] good = RemoteEntry.encode(Node.TTL.toNanos(), 1, List.of(), new byte[] {'x'});
        List<byte[]> wrong = new ArrayList<>();
        for (int length = 0; length < good.length - 1; length++) {
            wrong.add(Arrays.copyOf(good, length));
        }
        byte[] version = good.clone();
        version[0] = 2;
        wrong.add(version);
        wrong.add(RemoteEntry.encode(-1, 1, List.of(), new byte[0]));
        wrong.add(RemoteEntry.encode(Long.MAX_VALUE, 1, List.of(), new byte[0]));
        wrong.add(RemoteEntry.encode(1, -1, List.of(), new byte[0]));
        wrong.add(RemoteEntry.encode(1, 1, List.of("not its tag"), new byte[0]));
        for (byte[] entry : wrong) {
            shared.clear("texts").toCompletableFuture().join();
            fillWith("k", entry);
            Node node = node(UnaryOperator.identity());
            assertThat(node.get("k")).isEqualTo("old");
            assertThat(node.loads).hasValue(1);
            assertThat(node(UnaryOperator.identity()).cache.getAll(List.of("k")).get("k"))
                    .isEqualTo(Result.ok("old"));
            assertThat(((Reply.Hit) begin("k")).entry()).endsWith('o', 'l', 'd');
        }
    }

    /* ---- functions of the user ---- */

    @ParameterizedTest
    @ValueSource(classes = {IOException.class, IllegalStateException.class, StackOverflowError.class})
    void codec_fails_valueIsKeptInMemoryAndTheLeaseIsGivenBack(Class<?> kind) {
        Codec<String> failing = new Codec<>() {
            @Override
            public byte[] encode(String value) throws IOException {
                throw failure(kind);
            }

            @Override
            public String decode(byte[] bytes) throws IOException {
                throw failure(kind);
            }
        };
        Node node = node(builder -> builder.remote(shared, (String key) -> key, failing));
        fillWith("k", RemoteEntry.encode(1_000_000_000, 1, List.of(), new byte[0]));

        assertThat(node.get("k")).isEqualTo("old");
        assertThat(node.get("k")).isEqualTo("old");
        assertThat(node.loads).hasValue(1);
        assertThat(node.remoteFailures).hasValue(2);
        assertThat(begin("k")).isInstanceOf(Reply.Mine.class);
    }

    private static IOException failure(Class<?> kind) {
        if (kind == IllegalStateException.class) {
            throw new IllegalStateException("of the codec");
        }
        if (kind == StackOverflowError.class) {
            throw new StackOverflowError("of the codec");
        }
        return new IOException("of the codec");
    }

    @Test
    void codec_answersNull_valueIsKeptInMemory() {
        @SuppressWarnings("NullAway")
        Codec<String> none = new Codec<>() {
            @Override
            public byte[] encode(String value) {
                return null;
            }

            @Override
            public String decode(byte[] bytes) {
                return null;
            }
        };
        Node node = node(builder -> builder.remote(shared, (String key) -> key, none));
        fillWith("k", RemoteEntry.encode(1_000_000_000, 1, List.of(), new byte[0]));

        assertThat(node.get("k")).isEqualTo("old");
        assertThat(node.cache.getIfPresent("k")).contains("old");
        assertThat(node.remoteFailures).hasValue(2);
    }

    @Test
    void key_throwsOrIsNull_reachesTheCallerAndNothingIsWedged() {
        Map<String, String> names = new ConcurrentHashMap<>();
        Node node = node(builder -> builder.remote(shared, (String key) -> names.get(key), new Node.Texts()));
        Node bulk = node(builder -> builder.remote(
                shared,
                (String key) -> {
                    throw new IllegalStateException("no name");
                },
                new Node.Texts()));

        assertThatThrownBy(() -> node.cache.get("k")).hasMessageContaining("must not be null");
        assertThatThrownBy(() -> node.cache.getAll(List.of("k", "j"))).hasMessageContaining("must not be null");
        assertThatThrownBy(() -> node.cache.invalidate("k")).hasMessageContaining("must not be null");
        assertThatThrownBy(() -> bulk.cache.getAll(List.of("k", "j"))).hasMessage("no name");
        names.putAll(Map.of("k", "k", "j", "j"));
        assertThat(node.cache.getAll(List.of("k", "j"))).containsEntry("k", Result.ok("old"));
    }

    /* ---- invalidations the level is not told ---- */

    @ParameterizedTest
    @EnumSource(Fault.class)
    void invalidate_levelFails_isQueuedNotReadAndReplayed(Fault fault) {
        a.get("k");
        b.get("k");
        change("new");
        a.level.inject(fault, Call.INVALIDATE);

        assertThat(a.cache.invalidate("k"))
                .isEqualTo(fault == Fault.NULL_ANSWER ? Propagation.DONE : Propagation.QUEUED);
        a.level.heal();
        if (fault == Fault.NULL_ANSWER) {
            return; // a level that lies
        }
        int begun = a.level.calls(Call.BEGIN);
        assertThat(a.get("k")).isEqualTo("new");
        assertThat(a.cache.getAll(List.of("j"))).hasSize(1);
        assertThat(a.level.calls(Call.BEGIN)).isEqualTo(begun);

        time.advance(PAUSE);
        assertThat(b.get("k")).isEqualTo("new");
        time.advance(OUTAGE_TTL);
        assertThat(a.get("k")).isEqualTo("new");
        assertThat(a.level.calls(Call.BEGIN)).isEqualTo(begun + 1);
        assertThat(time.pending()).isZero();
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void publish_fails_isQueuedAndOtherNodesHearOfItLater(Fault fault) {
        assertThat(b.get("k")).isEqualTo("old");
        change("new");
        a.level.inject(fault, Call.PUBLISH);
        Propagation told = a.cache.invalidate("k");
        a.level.heal();
        time.advance(PAUSE);

        assertThat(told).isEqualTo(fault == Fault.NULL_ANSWER ? Propagation.DONE : Propagation.QUEUED);
        assertThat(fault == Fault.NULL_ANSWER || b.get("k").equals("new")).isTrue();
    }

    @Test
    void transaction_levelFailsAfterTheCommit_commitIsDoneAndInvalidationFollows() {
        b.get("k");
        List<Runnable> afterCommit = new ArrayList<>();
        var unit = a.cache.in(afterCommit::add);
        unit.invalidate("k");
        unit.invalidateTag("t");
        change("new");
        a.level.inject(Fault.THROW_ERROR);

        afterCommit.forEach(Runnable::run);
        assertThat(a.get("k")).isEqualTo("new");
        a.level.heal();
        time.advance(PAUSE);
        assertThat(b.get("k")).isEqualTo("new");
    }

    @Test
    void invalidate_sameKeyAgainWhileReplayed_isToldAgain() {
        a.level.inject(Fault.FAIL, Call.INVALIDATE);
        a.cache.invalidate("k");
        a.level.heal();
        a.level.after(Call.INVALIDATE, () -> {
            b.get("k"); // loads before the second change, and fills
            change("new");
            assertThat(a.cache.invalidate("k")).isEqualTo(Propagation.QUEUED);
        });
        time.advance(PAUSE);

        assertThat(a.get("k")).isEqualTo("new");
        time.advance(PAUSE);
        assertThat(a.get("k")).isEqualTo("new");
        time.advance(OUTAGE_TTL);
        assertThat(a.get("k")).isEqualTo("new");
        assertThat(b.get("k")).isEqualTo("new");
    }

    @Test
    void invalidate_moreThanMayWait_becomesOneClear() {
        a.level.inject(Fault.FAIL);
        for (int i = 0; i <= 10_000; i++) {
            assertThat(a.cache.invalidate("k" + i)).isEqualTo(Propagation.QUEUED);
        }
        a.level.heal();
        b.get("j");
        int told = a.level.calls(Call.INVALIDATE);
        a.cache.invalidateTag("t");
        time.advance(PAUSE);

        assertThat(a.level.calls(Call.INVALIDATE)).isEqualTo(told);
        assertThat(a.level.calls(Call.CLEAR)).isEqualTo(1);
        assertThat(b.cache.getIfPresent("j")).isEmpty();
        assertThat(a.cache.invalidate("k")).isEqualTo(Propagation.DONE);
    }

    @Test
    void replay_failsManyTimesInManyWays_goesOnUntilItIsDone() {
        b.get("k");
        a.level.inject(Fault.FAIL);
        a.cache.clear();
        for (Fault fault : Fault.values()) {
            a.level.heal();
            if (fault != Fault.NULL_ANSWER) {
                a.level.inject(fault, Call.CLEAR);
                time.advance(PAUSE.multipliedBy(3));
                assertThat(a.cache.clear()).isEqualTo(Propagation.QUEUED);
            }
        }
        a.level.heal();
        time.advance(PAUSE.multipliedBy(2));

        assertThat(a.cache.clear()).isEqualTo(Propagation.DONE);
        assertThat(time.pending()).isZero();
    }

    @Test
    void replay_fails_nothingIsLost() {
        b.get("k");
        b.get("j");
        change("new");
        a.level.inject(Fault.FAIL);
        a.cache.invalidate("k");
        time.advance(PAUSE);
        a.cache.invalidate("j");
        time.advance(PAUSE.multipliedBy(3));
        a.level.heal();
        time.advance(PAUSE);

        assertThat(b.get("k")).isEqualTo("new");
        assertThat(b.cache.getIfPresent("j")).isEmpty();
        assertThat(time.pending()).isZero();
    }

    @Test
    void close_invalidationsWait_areToldOnceMoreAndNoTimerIsLeft() {
        b.get("k");
        change("new");
        a.level.inject(Fault.FAIL, Call.INVALIDATE);
        a.cache.invalidate("k");
        a.level.heal();

        a.cache.close();
        a.cache.close();
        assertThat(b.get("k")).isEqualTo("new");
        assertThat(time.pending()).isZero();
    }

    /** Each kind of invalidation, of what a get on the same node reads from the level in the middle of it. */
    @ParameterizedTest
    @CsvSource({"key,", "tag,", "clear,", "put,", "key,FAIL", "tag,FAIL", "clear,FAIL", "key,HANG", "tag,THROW"})
    void invalidate_getReadsTheEntryJustBeforeItGoes_isNotKept(String kind, @Nullable Fault fault) {
        change("old#t");
        b.get("k");
        Call call = kind.equals("clear") ? Call.CLEAR : Call.INVALIDATE;
        if (fault != null) {
            a.level.inject(fault, call);
        }
        a.level.before(call, () -> assertThat(a.get("k")).isEqualTo("old#t"));
        store.put("k", "new#t");

        Propagation told = switch (kind) {
            case "key" -> a.cache.invalidate("k");
            case "tag" -> a.cache.invalidateTag("t");
            case "clear" -> a.cache.clear();
            default -> a.cache.put("k", "new#t");
        };
        assertThat(a.level.calls(Call.BEGIN)).isEqualTo(1);
        assertThat(told).isEqualTo(fault == null ? Propagation.DONE : Propagation.QUEUED);
        assertThat(a.get("k")).isEqualTo("new#t");
        a.level.heal();
        time.advance(OUTAGE_TTL);
        assertThat(a.get("k")).isEqualTo("new#t");
        assertThat(b.get("k")).isEqualTo("new#t");
    }

    @Test
    void get_tagInvalidatedBetweenTheAnswerAndItsUse_isNotKept() {
        change("old#t");
        b.get("k");
        a.level.after(Call.BEGIN, () -> {
            store.put("k", "new#t");
            assertThat(a.cache.invalidateTag("t")).isEqualTo(Propagation.DONE);
        });
        assertThat(a.get("k")).isEqualTo("old#t"); // it overlaps
        a.level.heal();

        assertThat(a.get("k")).isEqualTo("new#t");
    }

    @Test
    void fill_arrivesAfterTheQueuedInvalidation_isNeverRead() {
        a.level.inject(Fault.HANG, Call.FILL);
        assertThat(a.get("k")).isEqualTo("old"); // the fill is on its way
        change("new");
        a.level.inject(Fault.FAIL, Call.INVALIDATE);
        assertThat(a.cache.invalidate("k")).isEqualTo(Propagation.QUEUED);
        a.level.heal(); // it has arrived
        assertThat(a.get("k")).isEqualTo("new");
        time.advance(PAUSE);

        assertThat(b.get("k")).isEqualTo("new");
    }

    @Test
    void fill_loadedBeforeAQueuedInvalidation_isNeverRead() {
        duringLoad = () -> {
            change("new");
            a.level.inject(Fault.FAIL, Call.INVALIDATE);
            assertThat(a.cache.invalidate("k")).isEqualTo(Propagation.QUEUED);
            a.level.heal();
        };
        assertThat(a.get("k")).isEqualTo("old"); // it overlaps, and fills

        assertThat(a.get("k")).isEqualTo("new");
        time.advance(PAUSE);
        assertThat(b.get("k")).isEqualTo("new");
    }

    /* ---- late answers and interrupted callers ---- */

    @Test
    void begin_answerTooLate_leaseIsGivenBack() {
        a.level.inject(Fault.HANG_ANSWER, Call.BEGIN);
        assertThat(a.get("k")).isEqualTo("old");
        assertThat(begin("k")).isEqualTo(new Reply.Loading());

        a.level.heal();
        assertThat(begin("k")).isInstanceOf(Reply.Mine.class);
    }

    @Test
    void get_interruptedWhileItAsks_loadsKeepsTheFlagAndGivesTheLeaseBack() {
        Node patient = new Node(shared, time, this::load);
        patient.level.inject(Fault.HANG_ANSWER, Call.BEGIN, Call.FILL);
        Thread.currentThread().interrupt();

        assertThat(patient.get("k")).isEqualTo("old");
        assertThat(Thread.interrupted()).isTrue();
        patient.level.heal();
        assertThat(begin("k")).isInstanceOf(Reply.Mine.class);
        assertThat(time.pending()).isZero();
    }

    @Test
    void invalidate_interrupted_isStillDone() {
        b.get("k");
        change("new");
        Thread.currentThread().interrupt();

        assertThat(a.cache.invalidate("k")).isEqualTo(Propagation.DONE);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(b.get("k")).isEqualTo("new");
    }

    /* ---- a level that is left alone ---- */

    @Test
    void get_fiveFailures_levelIsLeftAloneForAPauseThenAskedOnce() {
        open(a);
        int begun = a.level.calls(Call.BEGIN);
        assertThat(begun).isEqualTo(5);
        int failures = a.remoteFailures.get();
        a.get("k");
        assertThat(a.level.calls(Call.BEGIN)).isEqualTo(begun);
        assertThat(a.remoteFailures).hasValue(failures + 1);

        time.advance(PAUSE.minusNanos(1));
        a.get("j");
        assertThat(a.level.calls(Call.BEGIN)).isEqualTo(begun);
        time.advance(Duration.ofNanos(1));
        getNone();
        getNone();
        assertThat(a.level.calls(Call.BEGIN)).isEqualTo(begun + 1); // failed: another pause
        a.level.heal();
        time.advance(PAUSE);
        getNone();
        getNone();
        assertThat(a.level.calls(Call.BEGIN)).isEqualTo(begun + 3); // works: no more pauses
    }

    @Test
    void get_pauseIsOverForManyThreads_oneAsks() throws Exception {
        open(a);
        int begun = a.level.calls(Call.BEGIN);
        for (int round = 1; round <= 20; round++) {
            time.advance(PAUSE.plus(TIMEOUT));
            var barrier = new CyclicBarrier(8);
            var keys = new AtomicInteger();
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                var task = new FutureTask<@Nullable Void>(() -> {
                    barrier.await();
                    var unused = a.cache.get("none" + keys.incrementAndGet());
                    return null;
                });
                all.add(task);
                new Thread(task).start();
            }
            for (Future<?> task : all) {
                task.get();
            }
            assertThat(a.level.calls(Call.BEGIN)).isEqualTo(begun + round);
        }
    }

    @Test
    void invalidate_levelLeftAlone_isQueuedWithoutACall() {
        open(a);
        int calls = a.level.calls(Call.INVALIDATE);

        assertThat(a.cache.invalidate("k")).isEqualTo(Propagation.QUEUED);
        assertThat(a.level.calls(Call.INVALIDATE)).isEqualTo(calls);
    }

    @Test
    void subscriber_throws_invalidationIsDoneAndOthersHearIt() {
        var unused = shared.backplane()
                .subscribe(
                        message -> {
                            throw new IllegalStateException("a subscriber");
                        },
                        () -> {
                            throw new StackOverflowError();
                        });
        Node last = node(UnaryOperator.identity());
        last.get("k");
        change("new");

        assertThat(a.cache.invalidate("k")).isEqualTo(Propagation.DONE);
        assertThat(last.get("k")).isEqualTo("new");
    }

    @Test
    void get_manyCallersWhileTheLevelHangs_oneLoad() throws Exception {
        Node patient = new Node(shared, time, this::load);
        patient.level.inject(Fault.HANG, Call.BEGIN);
        List<FutureTask<String>> gets = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            gets.add(new FutureTask<>(() -> patient.get("k")));
            new Thread(gets.get(i)).start();
        }
        while (time.pending() < 2) { // the end of the call, and that of the load, for those who wait
            Thread.onSpinWait();
        }
        time.advance(TIMEOUT);
        for (FutureTask<String> get : gets) {
            assertThat(get.get()).isEqualTo("old");
        }
        assertThat(patient.loads).hasValue(1);
    }
}
