package dev.underpin.testkit.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.underpin.caching.RemoteLevel;
import dev.underpin.caching.RemoteLevel.Reply;
import dev.underpin.caching.RemoteLevel.Reply.Hit;
import dev.underpin.caching.RemoteLevel.Reply.Loading;
import dev.underpin.caching.RemoteLevel.Reply.Mine;
import dev.underpin.result.CanIgnoreReturnValue;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * What every {@link RemoteLevel} promises, as tests of JUnit: a subclass connects to the level and makes its time pass, and
 * has no test to write.
 *
 * <p>Each promise is tested alone, two nodes race with fills against invalidations, and random sequences of calls are
 * compared with a model in plain words. Each test has a namespace of its own, so the level need not be empty. What may
 * happen only when a level forgets is not allowed here: it is given no reason to. An instance belongs to one test and its
 * thread; the level is called by more.
 */
@SuppressWarnings("exports") // optional: see module-info
public abstract class RemoteLevelContract {
    private static final int LIMIT_SECONDS = 30; // for what takes moments
    private static final byte[] ENTRY = {1, 1, 42};
    private static final byte[] OTHER_ENTRY = {2};
    /** What separators, patterns, encodings and folding make of names must not make two of them one. */
    private static final List<String> NAMES = List.of(("~ ~a~A~a ~a:b~a:~:b~a,b~a/b~{a}~{a~a}~{}~{a}b~*~a*~?~[a]~"
                    + "a\0b~a\nb~a\r\nb~a\\nb~\"a\"~'~%61~\u00e4~a\u0308~\u00c4~\u4e2d\u6587~\ud83d\ude00~\ud83d~\ude00~"
                    + "a".repeat(2_000) + "~" + "a".repeat(2_001) + "~lease~tag~null~1")
            .split("~"));

    private String namespace = newNamespace();
    private Duration third;
    private Duration lease;
    private Duration ttl;
    private RemoteLevel level;
    private RemoteLevel other;
    long limitMillis = TimeUnit.SECONDS.toMillis(LIMIT_SECONDS); // less where a test of this contract waits for nothing

    /** For subclasses, of which JUnit makes one for each test. */
    protected RemoteLevelContract() {}

    /**
     * {@return the level, as a node has it} Asked for twice before each test: for two nodes, which have the same level. May
     * return the same twice where there is only one.
     */
    protected abstract RemoteLevel connect();

    /**
     * Lets leases and entries come nearer to their ends by that much, for all that is in the level. A level whose clock
     * cannot be moved moves the ends of what it keeps instead, or waits.
     *
     * @param time how much, to the millisecond; at most five times {@link #lease}
     */
    protected abstract void pass(Duration time);

    /**
     * {@return how long leases are in these tests: 30 s} Where {@link #pass} waits it is to be shorter, and still much
     * longer than some calls of the level.
     */
    protected Duration lease() {
        return Duration.ofSeconds(30);
    }

    /**
     * {@return how many invalidations of each kind race with fills: 300} A level behind a network overrides it by as many
     * as it can do in the time it has.
     */
    protected int rounds() {
        return 300;
    }

    /**
     * {@return how many random sequences of 40 calls are compared with the model: 500} A level behind a network overrides
     * it by as many as it can do in the time it has; their seeds begin at 0.
     */
    protected int sequences() {
        return 500;
    }

    @BeforeEach
    void open() {
        level = connect();
        other = connect();
        third = lease().dividedBy(3);
        lease = third.multipliedBy(3);
        ttl = lease.multipliedBy(4);
    }

    /* ---- begin ---- */

    @Test
    void begin_severalKeys_areAnsweredInTheirOrder() {
        store("hit");
        String theirs = mine(other, "theirs");

        List<Reply> replies = begin(level, "first", "hit", "theirs", "last");

        assertEquals(4, replies.size());
        String first = assertInstanceOf(Mine.class, replies.get(0)).token();
        assertArrayEquals(ENTRY, assertInstanceOf(Hit.class, replies.get(1)).entry());
        assertInstanceOf(Loading.class, replies.get(2));
        String last = assertInstanceOf(Mine.class, replies.get(3)).token();
        assertTrue(fill(level, "last", last));
        assertTrue(fill(level, "first", first));
        assertTrue(fill(other, "theirs", theirs));
        assertEquals(
                List.of(Hit.class, Hit.class, Hit.class, Mine.class),
                begin(other, "last", "theirs", "first", "new").stream()
                        .map(Object::getClass)
                        .toList());
    }

    @Test
    void begin_noKeys_hasNoReplies() {
        assertEquals(List.of(), begin(level));
    }

    @Test
    void begin_leased_isLoadingForEveryNode() {
        String token = mine(level, "key");
        assertLoading(level, "key");
        assertLoading(other, "key");
        pass(third);
        assertLoading(other, "key");

        assertTrue(fill(level, "key", token));
    }

    @Test
    void begin_leaseOver_isTheLeaseOfTheNext() {
        String first = mine(level, "key");
        pass(lease);
        String second = mine(other, "key");

        assertFalse(fill(level, "key", first));
        assertLoading(level, "key");
        assertTrue(fill(other, "key", second));
    }

    @Test
    void begin_aLongerLease_holdsLonger() {
        String token = assertInstanceOf(
                        Mine.class,
                        now(level.begin(namespace, List.of("key"), lease.multipliedBy(2)))
                                .get(0))
                .token();
        pass(lease);
        assertLoading(other, "key");

        assertTrue(fill(level, "key", token));
    }

    @Test
    void begin_leasedByAnother_doesNotExtendTheLease() {
        String first = mine(level, "key");
        pass(third);
        assertLoading(other, "key");
        pass(third.multipliedBy(2));

        assertFalse(fill(level, "key", first));
        assertMiss("key");
    }

    /* ---- fill ---- */

    @TestFactory
    Stream<DynamicTest> fill_leaseHolds_isAHitForEveryNode() {
        byte[] all = new byte[256];
        byte[] large = new byte[100_000];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        new Random(1).nextBytes(large);
        return Stream.of(new byte[0], new byte[1], all, large)
                .map(entry -> DynamicTest.dynamicTest(entry.length + " bytes", () -> {
                    String key = "of " + entry.length;
                    assertTrue(fill(level, key, mine(level, key), List.of(), entry));

                    assertHit(level, key, entry);
                    assertHit(other, key, entry);
                }));
    }

    @Test
    void fill_leaseOver_isRefused() {
        String token = mine(level, "key");
        pass(lease);

        assertFalse(fill(level, "key", token));
        assertMiss("key");
    }

    @Test
    void fill_stored_endsTheLease() {
        String token = mine(level, "key");
        assertTrue(fill(level, "key", token));

        assertFalse(fill(level, "key", token, List.of(), OTHER_ENTRY));
        assertHit(level, "key", ENTRY);
    }

    @Test
    void fill_anotherToken_isRefusedAndTheLeaseStays() {
        String former = mine(level, "key");
        pass(lease);
        String token = mine(level, "key");
        for (String wrong : List.of(former, token + "1", "", "0", "*", token.substring(1))) {
            assertFalse(fill(level, "key", wrong), "a token that is not of the lease");
        }
        assertLoading(other, "key");

        assertTrue(fill(level, "key", token));
    }

    @Test
    void fill_withoutALease_isRefused() {
        assertFalse(fill(level, "key", "1"));
        assertMiss("key");
    }

    @Test
    void fill_tagInvalidatedSince_endsTheLease() {
        String token = mine(level, "key");
        invalidate(other, List.of(), List.of("tag"));
        assertFalse(fill(level, "key", token, List.of("tag"), ENTRY));

        assertFalse(fill(level, "key", token));
        assertMiss("key");
    }

    @Test
    void fill_anotherTagInvalidatedSince_isStored() {
        String token = mine(level, "key");
        invalidate(other, List.of("another"), List.of("tag"));

        assertTrue(fill(level, "key", token, List.of("another"), ENTRY));
        assertHit(other, "key", ENTRY);
    }

    /* ---- release ---- */

    @Test
    void release_lease_isFreeAtOnceAndFillsNoMore() {
        String token = mine(level, "key");
        now(level.release(namespace, "key", token));
        assertFalse(fill(level, "key", token));

        String next = mine(other, "key");
        assertFalse(fill(level, "key", token));
        assertTrue(fill(other, "key", next));
    }

    @Test
    void release_noLongerHeld_doesNothing() {
        now(level.release(namespace, "key", "1"));
        String former = mine(level, "key");
        pass(lease);
        String token = mine(other, "key");
        now(level.release(namespace, "key", former));
        assertLoading(level, "key");
        assertTrue(fill(other, "key", token));
        now(other.release(namespace, "key", token));

        assertHit(level, "key", ENTRY);
    }

    /* ---- time to live ---- */

    @Test
    void hit_ttl_isWhatIsLeftAndNeverGrows() {
        store("key");
        Duration left = ttl;
        for (int i = 0; i < 12; i++) {
            Hit hit = assertInstanceOf(
                    Hit.class, begin(i % 2 == 0 ? level : other, "key").get(0));
            assertTrue(hit.ttl().compareTo(left) <= 0, "grows");
            assertTrue(hit.ttl().compareTo(ttl.minus(third.multipliedBy(i))) <= 0, "longer than it may be kept");
            assertTrue(hit.ttl().compareTo(Duration.ZERO) > 0, "nothing left");
            left = hit.ttl();
            pass(third);
        }

        assertMiss("key");
    }

    @Test
    void fill_anewWithAShorterTtl_endsByThat() {
        store("key");
        invalidate(level, List.of("key"), List.of());
        assertTrue(now(level.fill(namespace, "key", mine(level, "key"), List.of(), ENTRY, third)));
        pass(third);

        assertMiss("key");
    }

    /* ---- invalidate and clear ---- */

    /** The ways to invalidate an entry of the key {@code key} and the tags {@code tag} and {@code second}. */
    private enum Way {
        KEY,
        KEY_AMONG_OTHERS,
        TAG,
        SECOND_TAG,
        KEY_AND_TAG,
        CLEAR
    }

    private void invalidate(RemoteLevel by, Way way) {
        now(
                switch (way) {
                    case KEY -> by.invalidate(namespace, List.of("key"), List.of());
                    case KEY_AMONG_OTHERS -> by.invalidate(namespace, List.of("a", "key", "b"), List.of("unknown"));
                    case TAG -> by.invalidate(namespace, List.of(), List.of("tag"));
                    case SECOND_TAG -> by.invalidate(namespace, List.of("unknown"), List.of("x", "second"));
                    case KEY_AND_TAG -> by.invalidate(namespace, List.of("key"), List.of("tag"));
                    case CLEAR -> by.clear(namespace);
                });
    }

    /** {@return a test for each way, in a namespace of its own} */
    private Stream<DynamicTest> each(Consumer<Way> test) {
        return Arrays.stream(Way.values())
                .map(way -> DynamicTest.dynamicTest(way.name(), () -> {
                    namespace = newNamespace();
                    test.accept(way);
                }));
    }

    @TestFactory
    Stream<DynamicTest> invalidate_entry_isAMissForEveryNode() {
        return each(way -> {
            for (RemoteLevel by : List.of(level, other)) {
                store("key", "tag", "second");
                assertHit(level, "key", ENTRY);
                assertHit(other, "key", ENTRY);
                invalidate(by, way);
                assertMiss("key");
                assertLoading(level, "key");
                now(level.clear(namespace));
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> invalidate_leasedSince_refusesTheFill() {
        return each(way -> {
            for (RemoteLevel by : List.of(level, other)) {
                String token = mine(level, "key");
                invalidate(by, way);

                assertFalse(fill(level, "key", token, List.of("tag", "second"), ENTRY));
                assertMiss("key");
                now(level.clear(namespace));
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> invalidate_leasedSinceAndAgain_refusesTheOldFillAndStoresTheNew() {
        return each(way -> {
            String old = mine(level, "key");
            invalidate(level, way);
            if (way == Way.TAG || way == Way.SECOND_TAG) {
                now(level.release(namespace, "key", old));
            }
            String token = mine(other, "key");

            assertFalse(fill(level, "key", old, List.of("tag", "second"), ENTRY));
            assertLoading(level, "key");
            assertTrue(fill(other, "key", token, List.of("tag", "second"), OTHER_ENTRY));
            assertHit(level, "key", OTHER_ENTRY);
        });
    }

    @TestFactory
    Stream<DynamicTest> invalidate_beforeTheLease_doesNotConcernIt() {
        return each(way -> {
            store("key", "tag", "second");
            invalidate(level, way);
            invalidate(other, way);
            store("key", "tag", "second");

            assertHit(other, "key", ENTRY);
            invalidate(level, way);
            assertMiss("key");
        });
    }

    @Test
    void invalidate_others_leavesEntriesAndLeases() {
        store("key", "tag");
        store("tag", "key");
        String token = mine(level, "leased");
        invalidate(level, List.of(), List.of());
        invalidate(level, List.of("another"), List.of("leased", "another"));
        now(level.clear(newNamespace()));
        now(level.invalidate(newNamespace(), List.of("key", "leased"), List.of("tag")));
        assertHit(level, "key", ENTRY);
        assertHit(level, "tag", ENTRY);
        assertTrue(fill(level, "leased", token));

        invalidate(level, List.of("tag"), List.of());
        assertHit(level, "key", ENTRY);
        assertMiss("tag");
    }

    @Test
    void invalidate_tag_takesTheEntriesThatHaveIt() {
        store("one", "t");
        store("both", "u", "t");
        store("other", "u");
        store("none");
        invalidate(level, List.of(), List.of("t"));

        assertEquals(
                List.of(Mine.class, Mine.class, Hit.class, Hit.class),
                begin(other, "one", "both", "other", "none").stream()
                        .map(Object::getClass)
                        .toList());
    }

    @Test
    void clear_namespace_leavesOthers() {
        String cleared = namespace;
        store("key", "tag");
        List<String> others = new ArrayList<>();
        for (String suffix : List.of("", ".key", "-key", "_", "1")) {
            namespace = cleared.substring(0, suffix.isEmpty() ? cleared.length() - 1 : cleared.length()) + suffix;
            store("key", "tag");
            store(".key", "tag");
            others.add(namespace);
        }
        now(level.clear(cleared));

        for (String each : others) {
            namespace = each;
            assertHit(level, "key", ENTRY);
            assertHit(other, ".key", ENTRY);
        }
        namespace = cleared;
        assertMiss("key");
    }

    /* ---- names ---- */

    @Test
    void keys_anyStrings_areDifferent() {
        storeNames();

        List<Reply> replies = now(other.begin(namespace, NAMES, lease));
        for (int i = 0; i < NAMES.size(); i++) {
            assertArrayEquals(
                    new byte[] {(byte) i},
                    assertInstanceOf(Hit.class, replies.get(i), "key " + i).entry(),
                    "key " + i);
        }
        for (int i = 0; i < NAMES.size(); i++) {
            invalidate(level, List.of(NAMES.get(i)), List.of());
            assertGone(i);
        }
    }

    @Test
    void tags_anyStrings_areDifferent() {
        storeNames();

        for (int i = 0; i < NAMES.size(); i++) {
            invalidate(level, List.of(), List.of(NAMES.get(i)));
            assertGone(i);
        }
    }

    /** Stores an entry for each name, which has its number in it, and one tag: the same name. */
    private void storeNames() {
        List<Reply> replies = now(level.begin(namespace, NAMES, lease));
        for (int i = 0; i < NAMES.size(); i++) {
            String token =
                    assertInstanceOf(Mine.class, replies.get(i), "key " + i).token();
            assertTrue(fill(level, NAMES.get(i), token, List.of(NAMES.get(i)), new byte[] {(byte) i}));
        }
    }

    /** Asserts that it went, and those after it stayed. */
    private void assertGone(int index) {
        List<Reply> replies = now(other.begin(namespace, NAMES.subList(index, NAMES.size()), lease));
        assertInstanceOf(Mine.class, replies.get(0), "name " + index);
        for (int i = 1; i < replies.size(); i++) {
            assertInstanceOf(Hit.class, replies.get(i), "name " + (index + i) + " after " + index);
        }
    }

    /* ---- many ---- */

    @Test
    void tenThousandKeys_areFilledAndInvalidatedByTagAndByKeyAndCleared() {
        List<String> keys = IntStream.range(0, 10_000).mapToObj(i -> "key" + i).toList();
        for (int way = 0; way < 3; way++) {
            List<Reply> replies = now(level.begin(namespace, keys, lease));
            List<CompletionStage<Boolean>> fills = new ArrayList<>();
            for (int i = 0; i < keys.size(); i++) {
                String token = assertInstanceOf(Mine.class, replies.get(i)).token();
                fills.add(level.fill(namespace, keys.get(i), token, List.of("all", "tag" + i % 7), bytes(i), ttl));
            }
            fills.forEach(fill -> assertTrue(now(fill)));
            replies = now(other.begin(namespace, keys, lease));
            for (int i = 0; i < keys.size(); i++) {
                assertArrayEquals(
                        bytes(i), assertInstanceOf(Hit.class, replies.get(i)).entry());
            }
            now(
                    switch (way) {
                        case 0 -> level.invalidate(namespace, List.of(), List.of("all"));
                        case 1 -> level.invalidate(namespace, keys, List.of());
                        default -> level.clear(namespace);
                    });
        }

        assertTrue(now(other.begin(namespace, keys, lease)).stream().allMatch(Mine.class::isInstance));
    }

    private static byte[] bytes(int number) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
    }

    private static int number(byte[] bytes) {
        return ByteBuffer.wrap(bytes).getInt();
    }

    /* ---- many at once ---- */

    @Test
    void begin_manyThreads_giveOneLease() throws Exception {
        for (int round = 0; round < 50; round++) {
            String key = "key" + round;
            if (round % 2 == 1) { // every other time, of a lease that is over
                String over = mine(level, key);
                pass(lease);
                assertFalse(fill(level, key, over));
            }
            List<Callable<Reply>> tasks = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                RemoteLevel by = i % 2 == 0 ? level : other;
                tasks.add(() -> begin(by, key).get(0));
            }
            List<Reply> replies = race(tasks);

            assertEquals(1, replies.stream().filter(Mine.class::isInstance).count(), "leases in round " + round);
            assertEquals(7, Collections.frequency(replies, new Loading()), "who waits, in round " + round);
        }
    }

    @Test
    void fill_andInvalidationAtOnce_neverLeaveTheOldEntry() throws Exception {
        List<Way> ways = List.of(Way.KEY, Way.TAG, Way.SECOND_TAG, Way.CLEAR);
        for (int round = 0; round < rounds(); round++) {
            Way way = ways.get(round % ways.size());
            String token = mine(level, "key");
            race(List.of(() -> fill(level, "key", token, List.of("tag", "second"), ENTRY), () -> {
                invalidate(other, way);
                return true;
            }));
            assertMiss("key");
            now(level.clear(namespace));
        }
    }

    /** What is stored is never older than the last invalidation that was over when it was asked for. */
    @TestFactory
    Stream<DynamicTest> manyNodes_loadAndInvalidate_neverSeeTheOldEntry() {
        return each(way -> {
            var source = new Source();
            List<Callable<Integer>> tasks = new ArrayList<>();
            for (RemoteLevel by : List.of(level, other)) {
                tasks.add(() -> {
                    int reads = 0;
                    while (!source.over.get()) {
                        readOrLoad(by, source);
                        reads++;
                    }
                    return reads;
                });
            }
            tasks.add(() -> {
                try {
                    for (int round = 1; round <= rounds(); round++) {
                        int leases = source.leases.get();
                        spinWhile(() -> source.leases.get() == leases); // until somebody loads
                        source.current.set(round);
                        invalidate(round % 2 == 0 ? level : other, way);
                        source.invalidated.set(round);
                    }
                    return rounds();
                } finally {
                    source.over.set(true);
                }
            });

            race(tasks);
        });
    }

    /** What is loaded: a number that grows. */
    private static final class Source {
        final AtomicInteger current = new AtomicInteger();
        final AtomicInteger invalidated = new AtomicInteger();
        final AtomicInteger leases = new AtomicInteger();
        final AtomicBoolean over = new AtomicBoolean();
    }

    private void readOrLoad(RemoteLevel by, Source source) {
        int least = source.invalidated.get();
        Reply reply = begin(by, "key").get(0);
        if (reply instanceof Hit hit) {
            assertTrue(number(hit.entry()) >= least, "an entry that was invalidated before it was asked for");
        } else if (reply instanceof Mine lease) {
            int loaded = source.current.get();
            source.leases.incrementAndGet();
            spinWhile(() -> source.current.get() == loaded); // until it is old, and being invalidated
            now(by.fill(namespace, "key", lease.token(), List.of("tag", "second"), bytes(loaded), ttl));
        }
    }

    /** Waits for another thread, which may have no reason to come. */
    private static void spinWhile(BooleanSupplier condition) {
        for (int i = 0; i < 10_000 && condition.getAsBoolean(); i++) {
            Thread.onSpinWait();
        }
    }

    @CanIgnoreReturnValue
    private static <T> List<T> race(List<Callable<T>> tasks) {
        var barrier = new CyclicBarrier(tasks.size());
        ExecutorService executor = Executors.newFixedThreadPool(tasks.size());
        try {
            List<Future<T>> futures = new ArrayList<>();
            for (Callable<T> task : tasks) {
                futures.add(executor.submit(() -> {
                    barrier.await();
                    return task.call();
                }));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : futures) {
                results.add(future.get(LIMIT_SECONDS, TimeUnit.SECONDS));
            }
            return results;
        } catch (Exception e) {
            throw failure(e);
        } finally {
            executor.shutdownNow();
        }
    }

    /* ---- backplane ---- */

    @Test
    void backplane_message_isHeardByTheOtherNode() throws Exception {
        var heard = new CountDownLatch(1);
        byte[] message = namespace.getBytes(UTF_8);
        try (var subscription = other.backplane()
                .subscribe(
                        bytes -> {
                            if (Arrays.equals(bytes, message)) {
                                heard.countDown();
                            }
                        },
                        () -> {})) {
            now(level.backplane().publish(message));

            assertTrue(heard.await(limitMillis, TimeUnit.MILLISECONDS), "not heard by " + subscription);
        }
    }

    /* ---- any sequence ---- */

    @Test
    void anySequence_answersAsTheModelDoes() {
        for (long seed = 0; seed < sequences(); seed++) {
            namespace = newNamespace();
            var random = new Random(seed);
            var model = new Model();
            Map<String, List<String>> tokens =
                    Map.of("k", new ArrayList<>(List.of("none")), "l", new ArrayList<>(List.of("none")));
            var trace = new ArrayList<String>();
            for (int i = 0; i < 40; i++) {
                step(random, model, tokens, trace, "seed " + seed);
            }
        }
    }

    private void step(Random random, Model model, Map<String, List<String>> given, List<String> trace, String seed) {
        RemoteLevel by = random.nextBoolean() ? level : other;
        String key = random.nextInt(3) == 0 ? "k" : "l";
        List<String> tags = List.of("t", "u").subList(random.nextInt(2), 1 + random.nextInt(2));
        List<String> tokens = given.getOrDefault(key, List.of());
        // The last token is more often the one that still holds.
        int token = random.nextInt(3) == 0 ? random.nextInt(tokens.size()) : tokens.size() - 1;
        String expected = "done";
        String actual = "done";
        String action;
        switch (random.nextInt(12)) {
            case 0, 1, 2, 3 -> {
                action = "begin " + key;
                Reply reply = begin(by, key).get(0);
                expected = model.begin(key, tokens.size());
                actual = reply instanceof Hit hit
                        ? "hit " + Arrays.toString(hit.entry())
                        : reply.getClass().getSimpleName();
                if (reply instanceof Mine mine) {
                    tokens.add(mine.token());
                }
            }
            case 4, 5, 6, 7 -> {
                action = "fill " + key + " " + tags + " with " + token;
                byte[] entry = {(byte) trace.size()};
                expected = "" + model.fill(key, token, tags, Arrays.toString(entry));
                actual = "" + fill(by, key, tokens.get(token), tags, entry);
            }
            case 8 -> {
                action = "release " + key + " of " + token;
                model.release(key, token);
                now(by.release(namespace, key, tokens.get(token)));
            }
            case 9 -> {
                action = "invalidate " + key;
                model.invalidate(List.of(key), List.of());
                invalidate(by, List.of(key), List.of());
            }
            case 10 -> {
                boolean everything = random.nextInt(4) == 0;
                action = everything ? "clear" : "invalidate " + tags;
                if (everything) {
                    model.clear();
                    now(by.clear(namespace));
                } else {
                    model.invalidate(List.of(), tags);
                    invalidate(by, List.of(), tags);
                }
            }
            default -> {
                int thirds = random.nextInt(5) == 0 ? 12 : 1 + random.nextInt(3);
                action = "pass " + thirds;
                model.now += thirds;
                pass(third.multipliedBy(thirds));
            }
        }
        trace.add(action + ": " + expected);
        assertEquals(expected, actual, seed + ": " + trace);
    }

    /** What is known of each key, in plain words, and a clock in thirds of a lease. */
    private static final class Model {
        private static final int LEASE = 3;
        private static final int TTL = 12;

        private final Map<String, Known> keys = new HashMap<>();
        private final Map<String, Integer> invalidated = new HashMap<>();
        private int calls;
        int now;

        /**
         * A lease, or an entry.
         *
         * @param since when the lease was given, by the number of the call
         */
        private record Known(
                int token, int since, int until, @Nullable String entry, Collection<String> tags) {}

        String begin(String key, int token) {
            calls++;
            Known known = known(key);
            if (known == null) {
                keys.put(key, new Known(token, calls, now + LEASE, null, List.of()));
                return "Mine";
            }
            return known.entry == null ? "Loading" : "hit " + known.entry;
        }

        boolean fill(String key, int token, Collection<String> tags, String entry) {
            Known known = known(key);
            if (known == null || known.entry != null || known.token != token) {
                return false;
            }
            keys.remove(key);
            if (tags.stream().anyMatch(tag -> invalidated.getOrDefault(tag, 0) > known.since)) {
                return false;
            }
            keys.put(key, new Known(token, known.since, now + TTL, entry, tags));
            return true;
        }

        void release(String key, int token) {
            Known known = known(key);
            if (known != null && known.entry == null && known.token == token) {
                keys.remove(key);
            }
        }

        void invalidate(List<String> gone, List<String> tags) {
            calls++;
            keys.keySet().removeAll(gone);
            tags.forEach(tag -> invalidated.put(tag, calls));
            keys.values().removeIf(known -> known.tags.stream().anyMatch(tags::contains));
        }

        void clear() {
            keys.clear();
        }

        private @Nullable Known known(String key) {
            Known known = keys.get(key);
            return known != null && now < known.until ? known : null;
        }
    }

    /* ---- shared ---- */

    private List<Reply> begin(RemoteLevel by, String... keys) {
        return now(by.begin(namespace, List.of(keys), lease));
    }

    private String mine(RemoteLevel by, String key) {
        return assertInstanceOf(Mine.class, begin(by, key).get(0)).token();
    }

    private boolean fill(RemoteLevel by, String key, String token) {
        return fill(by, key, token, List.of(), ENTRY);
    }

    private boolean fill(RemoteLevel by, String key, String token, List<String> tags, byte[] entry) {
        return now(by.fill(namespace, key, token, tags, entry, ttl));
    }

    private void store(String key, String... tags) {
        assertTrue(fill(level, key, mine(level, key), List.of(tags), ENTRY));
    }

    private void invalidate(RemoteLevel by, List<String> keys, List<String> tags) {
        now(by.invalidate(namespace, keys, tags));
    }

    private void assertLoading(RemoteLevel by, String key) {
        assertInstanceOf(Loading.class, begin(by, key).get(0));
    }

    private void assertHit(RemoteLevel by, String key, byte[] entry) {
        assertArrayEquals(
                entry, assertInstanceOf(Hit.class, begin(by, key).get(0)).entry());
    }

    /** Asserts that it is neither there nor leased; it is leased then. */
    private void assertMiss(String key) {
        assertInstanceOf(Mine.class, begin(other, key).get(0));
    }

    @CanIgnoreReturnValue
    private static <T> T now(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw failure(e);
        }
    }

    /** {@return an error of the test} Throws it if there is one inside, as from another thread. */
    private static AssertionError failure(Exception e) {
        if (e instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        if (e.getCause() instanceof AssertionError error) {
            throw error;
        }
        return new AssertionError("the level failed", e);
    }

    private static String newNamespace() {
        return "contract-" + UUID.randomUUID();
    }
}
