package dev.underpin.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.underpin.idempotency.Fingerprint;
import dev.underpin.idempotency.IdempotencyStore;
import dev.underpin.idempotency.IdempotencyStore.State;
import dev.underpin.result.CanIgnoreReturnValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * What every {@link IdempotencyStore} promises, as tests of JUnit: a subclass makes the store and makes its time pass, and
 * has no test to write.
 *
 * <p>Each promise is tested alone, eight threads race for a key, and random sequences of calls are compared with a model of
 * one entry in plain words. An instance belongs to one test and its thread; the store is called by more.
 */
public abstract class IdempotencyStoreContract {
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Duration TTL = Duration.ofHours(24);
    private static final Duration MOMENT = Duration.ofMillis(1);
    private static final byte[] ANSWER = {1, 1, 42};

    private final Fingerprint body = Fingerprint.ofBytes(new byte[] {1});
    private final Fingerprint otherBody = Fingerprint.ofBytes(new byte[] {2});
    private final UUID mine = UUID.randomUUID();
    private final UUID other = UUID.randomUUID();
    private IdempotencyStore.Key key = newKey();
    private IdempotencyStore store;

    /** For subclasses, of which JUnit makes one for each test. */
    protected IdempotencyStoreContract() {}

    /** {@return an empty store with room for a few thousand keys} Asked for before each test. */
    protected abstract IdempotencyStore store();

    /**
     * Lets leases and expiry come nearer by that much, for all that is in the store. A store whose clock cannot be moved,
     * as a database, moves the times of its rows back instead.
     *
     * @param time how much, to the millisecond; at most a day at once
     */
    protected abstract void pass(Duration time);

    /**
     * {@return how many random sequences of 30 calls, and as many questions, are compared with the model: 1000} A store
     * behind a network overrides it by as many as it can do in the time it has; their seeds begin at 0.
     */
    protected int sequences() {
        return 1_000;
    }

    @BeforeEach
    void open() {
        store = store();
    }

    /* ---- claim ---- */

    @Test
    void claim_absent_isMine() {
        IdempotencyStore.Entry entry = claim(mine);

        assertEquals(mine, entry.owner());
        assertEquals(State.RUNNING, entry.state());
        assertEquals(body, entry.fingerprint());
        assertTrue(entry.steps().isEmpty());
        assertTrue(entry.outcome().isEmpty());
        assertTrue(entry.leaseLeft().compareTo(Duration.ZERO) > 0);
        assertTrue(entry.leaseLeft().compareTo(LEASE) <= 0);
    }

    @Test
    void claim_running_isTheOthersAndUnchanged() {
        start(mine);
        pass(LEASE.minusSeconds(5));

        IdempotencyStore.Entry entry = claim(other);

        assertEquals(mine, entry.owner());
        assertEquals(State.RUNNING, entry.state());
        assertTrue(entry.leaseLeft().compareTo(Duration.ZERO) > 0);
        assertTrue(entry.leaseLeft().compareTo(Duration.ofSeconds(5)) <= 0);
        assertTrue(store.advance(key, mine, "a", ANSWER));
    }

    @Test
    void claim_leaseOver_isMineWithItsSteps() {
        start(mine);
        assertTrue(store.advance(key, mine, "a", ANSWER));
        pass(LEASE);

        IdempotencyStore.Entry entry = claim(other);

        assertEquals(other, entry.owner());
        assertEquals(State.RUNNING, entry.state());
        assertTrue(entry.leaseLeft().compareTo(Duration.ZERO) > 0);
        assertEquals(Set.of("a"), entry.steps().keySet());
        assertArrayEquals(ANSWER, entry.steps().get("a"));
    }

    @Test
    void claim_leaseOver_isTheFirstOwnersStillUntilSomebodyClaims() {
        start(mine);
        pass(LEASE.plusSeconds(1));

        assertEquals(Duration.ZERO, store.find(key).orElseThrow().leaseLeft());
        assertTrue(store.complete(key, mine, ANSWER, TTL));
    }

    @Test
    void claim_released_isMineAtOnceWithItsSteps() {
        start(mine);
        assertTrue(store.advance(key, mine, "a", ANSWER));
        assertTrue(store.release(key, mine));
        assertEquals(Duration.ZERO, store.find(key).orElseThrow().leaseLeft());

        IdempotencyStore.Entry entry = claim(other);

        assertEquals(other, entry.owner());
        assertEquals(State.RUNNING, entry.state());
        assertEquals(Set.of("a"), entry.steps().keySet());
    }

    @Test
    void claim_completed_givesTheSameBytes() {
        start(mine);
        byte[] answer = new byte[100_000];
        new Random(1).nextBytes(answer);
        assertTrue(store.advance(key, mine, "a", ANSWER));
        assertTrue(store.complete(key, mine, answer, TTL));
        pass(LEASE.multipliedBy(2));

        IdempotencyStore.Entry entry = claim(other);

        assertEquals(mine, entry.owner());
        assertEquals(State.COMPLETED, entry.state());
        assertArrayEquals(answer, entry.outcome().orElseThrow());
        assertTrue(entry.steps().isEmpty());
        assertEquals(Duration.ZERO, entry.leaseLeft());
    }

    @Test
    void claim_indeterminate_isNobodys() {
        start(mine);
        assertTrue(store.suspend(key, mine));
        pass(LEASE.multipliedBy(2));

        IdempotencyStore.Entry entry = claim(other);

        assertEquals(mine, entry.owner());
        assertEquals(State.INDETERMINATE, entry.state());
        assertTrue(entry.outcome().isEmpty());
        assertEquals(Duration.ZERO, entry.leaseLeft());
    }

    @TestFactory
    Stream<DynamicTest> claim_otherFingerprint_neverTakesOver() {
        return each(EnumSet.allOf(State.class), this::claimOtherFingerprintNeverTakesOver);
    }

    private void claimOtherFingerprintNeverTakesOver(State state) {
        start(mine);
        assertTrue(store.advance(key, mine, "a", ANSWER));
        bring(state);
        pass(LEASE.multipliedBy(2));

        IdempotencyStore.Entry entry = store.claim(key, otherBody, other, LEASE, TTL);

        assertEquals(mine, entry.owner());
        assertEquals(state, entry.state());
        assertEquals(body, entry.fingerprint());
        assertEquals(mine, store.find(key).orElseThrow().owner());
        assertEquals(
                state == State.COMPLETED ? 0 : 1,
                store.find(key).orElseThrow().steps().size());
    }

    @Test
    void claim_fingerprintOfAnotherVersion_takesOver() {
        byte[] later = otherBody.toBytes();
        later[0] = 2;
        assertEquals(
                mine,
                store.claim(key, Fingerprint.ofStored(later), mine, LEASE, TTL).owner());
        pass(LEASE);

        assertEquals(other, claim(other).owner());
        assertEquals(body, store.find(key).orElseThrow().fingerprint());
    }

    @Test
    void claim_sameFingerprintTwice_doesNotExtendTheLease() {
        start(mine);
        pass(LEASE.dividedBy(2));
        assertEquals(mine, claim(other).owner());
        pass(LEASE.dividedBy(2));

        assertEquals(other, claim(other).owner());
    }

    @Test
    void claim_otherKeys_areIndependent() {
        start(mine);
        IdempotencyStore.Key another = newKey();

        assertEquals(other, store.claim(another, otherBody, other, LEASE, TTL).owner());
        assertTrue(store.complete(another, other, ANSWER, TTL));
        assertEquals(State.RUNNING, store.find(key).orElseThrow().state());
    }

    /* ---- expiry ---- */

    @TestFactory
    Stream<DynamicTest> claim_expired_isNewWithNothingLeft() {
        return each(EnumSet.allOf(State.class), this::claimExpiredIsNewWithNothingLeft);
    }

    private void claimExpiredIsNewWithNothingLeft(State state) {
        start(mine);
        assertTrue(store.advance(key, mine, "a", ANSWER));
        bring(state);
        pass(TTL);

        assertTrue(store.find(key).isEmpty());
        IdempotencyStore.Entry entry = store.claim(key, otherBody, other, LEASE, TTL);

        assertEquals(other, entry.owner());
        assertEquals(State.RUNNING, entry.state());
        assertTrue(entry.steps().isEmpty());
        assertTrue(entry.outcome().isEmpty());
        assertEquals(otherBody, entry.fingerprint());
    }

    @Test
    void complete_ttl_countsFromThen() {
        start(mine);
        pass(LEASE.dividedBy(2));
        assertTrue(store.complete(key, mine, ANSWER, TTL));
        pass(TTL.minusSeconds(5));
        assertEquals(State.COMPLETED, claim(other).state());
        pass(Duration.ofSeconds(5));

        assertEquals(other, claim(other).owner());
    }

    @Test
    void renew_pastTheTtl_keepsTheEntry() {
        start(mine);
        for (Duration past = Duration.ZERO; past.compareTo(TTL.plusHours(1)) < 0; past = past.plusMinutes(20)) {
            assertEquals(Set.of(key), store.renew(Map.of(key, mine), Duration.ofMinutes(21)));
            pass(Duration.ofMinutes(20));
        }

        assertEquals(mine, claim(other).owner());
        assertEquals(0, store.reap(100));
        assertTrue(store.complete(key, mine, ANSWER, TTL));
    }

    @Test
    void reap_expired_deletesAtMostTheLimit() {
        List<IdempotencyStore.Key> keys = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            keys.add(newKey());
            claim(keys.get(i), mine);
        }
        pass(Duration.ofHours(1));
        start(other);
        assertEquals(0, store.reap(100));
        pass(TTL.minusHours(1));

        assertEquals(3, store.reap(3));
        assertEquals(2, store.reap(3));
        assertEquals(0, store.reap(3));
        assertTrue(store.find(key).isPresent());
    }

    /* ---- the fence ---- */

    @Test
    void write_byTheOwner_holds() {
        start(mine);

        assertTrue(store.advance(key, mine, "a", new byte[0]));
        assertTrue(store.advance(key, mine, "b", ANSWER));
        assertTrue(store.advance(key, mine, "a", ANSWER));
        assertEquals(Set.of(key), store.renew(Map.of(key, mine), LEASE));
        assertEquals(Set.of("a", "b"), store.find(key).orElseThrow().steps().keySet());
        assertArrayEquals(ANSWER, store.find(key).orElseThrow().steps().get("a"));
        assertArrayEquals(ANSWER, store.find(key).orElseThrow().steps().get("b"));
        assertTrue(store.complete(key, mine, ANSWER, TTL));
    }

    @Test
    void write_afterTakeover_holdsNothing() {
        start(mine);
        pass(LEASE);
        start(other);
        IdempotencyStore.Entry before = store.find(key).orElseThrow();

        assertNothingHolds(mine);
        assertEquals(other, store.find(key).orElseThrow().owner());
        assertEquals(State.RUNNING, store.find(key).orElseThrow().state());
        assertEquals(before.steps(), store.find(key).orElseThrow().steps());
        assertTrue(store.complete(key, other, ANSWER, TTL));
        assertNothingHolds(mine);
        assertArrayEquals(ANSWER, store.find(key).orElseThrow().outcome().orElseThrow());
    }

    @Test
    void write_afterReapAndANewEntry_holdsNothing() {
        start(mine);
        pass(TTL);
        assertEquals(1, store.reap(10));
        assertNothingHolds(mine);
        start(other);

        assertNothingHolds(mine);
        assertEquals(other, store.find(key).orElseThrow().owner());
    }

    @TestFactory
    Stream<DynamicTest> write_byTheOwnerOfWhatDoesNotRun_holdsNothing() {
        return each(EnumSet.complementOf(EnumSet.of(State.RUNNING)), this::writeByTheOwnerOfWhatDoesNotRunHoldsNothing);
    }

    private void writeByTheOwnerOfWhatDoesNotRunHoldsNothing(State state) {
        start(mine);
        bring(state);

        assertNothingHolds(mine);
        assertEquals(state, store.find(key).orElseThrow().state());
    }

    @Test
    void write_unknownKey_holdsNothing() {
        assertNothingHolds(mine);
        assertTrue(store.find(key).isEmpty());
        assertFalse(store.settle(key, ANSWER, TTL));
    }

    @Test
    void renew_severalKeys_keepsThoseOfTheirOwners() {
        start(mine);
        IdempotencyStore.Key second = newKey();
        IdempotencyStore.Key third = newKey();
        claim(second, other);
        claim(third, other);
        pass(LEASE.minusSeconds(1));

        assertEquals(
                Set.of(key, third), store.renew(Map.of(key, mine, second, mine, third, other, newKey(), mine), LEASE));
        assertTrue(store.renew(Map.of(), LEASE).isEmpty());
        pass(Duration.ofSeconds(2));
        assertEquals(mine, claim(key, UUID.randomUUID()).owner());
        assertEquals(mine, claim(second, mine).owner());
        assertEquals(other, claim(third, UUID.randomUUID()).owner());
    }

    /* ---- the operator ---- */

    @Test
    void settle_withAnAnswer_completes() {
        start(mine);
        assertTrue(store.suspend(key, mine));
        assertTrue(store.settle(key, ANSWER, TTL));

        assertEquals(State.COMPLETED, claim(other).state());
        assertArrayEquals(ANSWER, claim(other).outcome().orElseThrow());
        assertFalse(store.settle(key, ANSWER, TTL));
    }

    @Test
    void settle_ttl_countsFromThen() {
        start(mine);
        assertTrue(store.suspend(key, mine));
        pass(TTL.dividedBy(2));
        assertTrue(store.settle(key, ANSWER, TTL));
        pass(TTL.minusSeconds(5));
        assertEquals(State.COMPLETED, claim(other).state());
        pass(Duration.ofSeconds(5));

        assertEquals(other, claim(other).owner());
    }

    @Test
    void settle_withoutAnAnswer_releasesAndForgetsWhatHadBegun() {
        start(mine);
        assertTrue(store.advance(key, mine, "done", ANSWER));
        assertTrue(store.advance(key, mine, "begun", new byte[0]));
        assertTrue(store.suspend(key, mine));
        assertTrue(store.settle(key, null, TTL));

        assertEquals(State.RELEASED, store.find(key).orElseThrow().state());
        assertEquals(Set.of("done"), claim(other).steps().keySet());
    }

    @TestFactory
    Stream<DynamicTest> settle_otherStates_changesNothing() {
        return each(EnumSet.complementOf(EnumSet.of(State.INDETERMINATE)), this::settleOtherStatesChangesNothing);
    }

    private void settleOtherStatesChangesNothing(State state) {
        start(mine);
        bring(state);

        assertFalse(store.settle(key, new byte[] {7}, TTL));
        assertFalse(store.settle(key, null, TTL));
        assertEquals(state, store.find(key).orElseThrow().state());
        assertEquals(mine, store.find(key).orElseThrow().owner());
    }

    @Test
    void arrays_changedByTheCaller_changeNothing() {
        start(mine);
        byte[] step = {1};
        byte[] answer = {1};
        assertTrue(store.advance(key, mine, "a", step));
        step[0] = 2;
        assertArrayEquals(new byte[] {1}, store.find(key).orElseThrow().steps().get("a"));
        assertTrue(store.complete(key, mine, answer, TTL));
        answer[0] = 2;

        assertArrayEquals(
                new byte[] {1}, store.find(key).orElseThrow().outcome().orElseThrow());
    }

    /* ---- many at once ---- */

    @Test
    void claim_manyThreads_haveOneWinner() throws Exception {
        for (int round = 0; round < 50; round++) {
            IdempotencyStore.Key contended = newKey();
            if (round % 2 == 1) { // every other time, of a lease that is over
                claim(contended, UUID.randomUUID());
                pass(LEASE);
            }
            assertEquals(
                    1,
                    Collections.frequency(
                            race(8, () -> {
                                UUID owner = UUID.randomUUID();
                                return claim(contended, owner).owner().equals(owner);
                            }),
                            true),
                    "round " + round);
        }
    }

    @Test
    void complete_andATakeover_areOneAfterTheOther() throws Exception {
        for (int round = 0; round < 50; round++) {
            IdempotencyStore.Key contended = newKey();
            UUID slow = UUID.randomUUID();
            UUID next = UUID.randomUUID();
            claim(contended, slow);
            pass(LEASE);
            boolean[] of = {false, false};
            race(List.of(
                    () -> of[0] = store.complete(contended, slow, ANSWER, TTL),
                    () -> of[1] = claim(contended, next).owner().equals(next)));

            assertTrue(of[0] != of[1], "round " + round + ": either completed or taken over");
            assertEquals(
                    of[0] ? State.COMPLETED : State.RUNNING,
                    store.find(contended).orElseThrow().state());
        }
    }

    private static <T> List<T> race(int threads, Callable<T> task) throws Exception {
        List<Callable<T>> tasks = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            tasks.add(task);
        }
        return race(tasks);
    }

    @CanIgnoreReturnValue
    private static <T> List<T> race(List<Callable<T>> tasks) throws Exception {
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
                results.add(future.get());
            }
            return results;
        } finally {
            executor.shutdown();
        }
    }

    /* ---- any sequence ---- */

    @Test
    void anySequence_answersAsTheModelDoes() {
        for (long seed = 0; seed < sequences(); seed++) {
            var random = new Random(seed);
            var model = new Model();
            IdempotencyStore.Key one = newKey();
            List<UUID> workers = List.of(UUID.randomUUID(), UUID.randomUUID(), UUID.randomUUID());
            var trace = new ArrayList<String>();
            for (int i = 0; i < 30; i++) {
                UUID worker = workers.get(random.nextInt(workers.size()));
                String expected;
                String actual;
                Fingerprint fingerprint = random.nextInt(8) == 0 ? otherBody : body;
                byte[] data = {(byte) i};
                int action = random.nextInt(12);
                switch (action) {
                    case 0, 1, 2 -> {
                        expected = model.claim(fingerprint, worker);
                        actual = text(store.claim(one, fingerprint, worker, LEASE, TTL));
                    }
                    case 3 -> {
                        expected = "" + model.complete(worker, data);
                        actual = "" + store.complete(one, worker, data, TTL);
                    }
                    case 4, 5 -> {
                        String step = "s" + random.nextInt(3);
                        byte[] note = random.nextInt(3) == 0 ? new byte[0] : data;
                        expected = "" + model.advance(worker, step, note);
                        actual = "" + store.advance(one, worker, step, note);
                    }
                    case 6 -> {
                        expected = "" + model.renew(worker);
                        actual = "" + store.renew(Map.of(one, worker), LEASE).contains(one);
                    }
                    case 7 -> {
                        expected = "" + model.leave(worker, State.RELEASED);
                        actual = "" + store.release(one, worker);
                    }
                    case 8 -> {
                        expected = "" + model.leave(worker, State.INDETERMINATE);
                        actual = "" + store.suspend(one, worker);
                    }
                    case 9 -> {
                        byte[] outcome = random.nextBoolean() ? data : null;
                        expected = "" + model.settle(outcome);
                        actual = "" + store.settle(one, outcome, TTL);
                    }
                    default -> {
                        Duration time =
                                random.nextInt(6) == 0 ? TTL : random.nextBoolean() ? LEASE : LEASE.dividedBy(3);
                        model.pass(time);
                        pass(time);
                        expected = actual = "" + time;
                    }
                }
                trace.add(action + " by " + workers.indexOf(worker) + ": " + expected);
                assertEquals(expected, actual, "seed " + seed + ": " + trace);
                assertEquals(
                        model.text(),
                        store.find(one).map(IdempotencyStoreContract::text).orElse("none"),
                        "seed " + seed + ": " + trace);
            }
        }
    }

    private static String text(IdempotencyStore.Entry entry) {
        var steps = new TreeMap<String, String>();
        entry.steps().forEach((name, data) -> steps.put(name, Arrays.toString(data)));
        return entry.state() + " of " + entry.owner() + " " + entry.fingerprint() + " "
                + (entry.leaseLeft().isZero() ? "free" : "leased") + " " + steps + " "
                + entry.outcome().map(Arrays::toString).orElse("-");
    }

    /** One entry in plain words, with a clock of its own in nanoseconds. */
    private static final class Model {
        private final Map<String, String> steps = new TreeMap<>();
        private final Set<String> begun = new HashSet<>();
        private @Nullable State state; // null: absent
        private @Nullable UUID owner;
        private @Nullable Fingerprint fingerprint;
        private String outcome = "-";
        private long now;
        private long leaseUntil;
        private long expiresAt;

        String claim(Fingerprint by, UUID worker) {
            boolean free = state == State.RELEASED || (state == State.RUNNING && now >= leaseUntil);
            if (state == null || (free && Objects.equals(fingerprint, by))) {
                state = State.RUNNING;
                owner = worker;
                fingerprint = by;
                leaseUntil = now + LEASE.toNanos();
                expiresAt = now + TTL.toNanos();
            }
            return text();
        }

        boolean complete(UUID worker, byte[] answer) {
            return isOf(worker) && completed(answer);
        }

        private boolean completed(byte[] answer) {
            state = State.COMPLETED;
            outcome = Arrays.toString(answer);
            steps.clear();
            begun.clear();
            expiresAt = now + TTL.toNanos();
            return true;
        }

        boolean advance(UUID worker, String step, byte[] data) {
            if (isOf(worker)) {
                steps.put(step, Arrays.toString(data));
                begun.remove(step);
                if (data.length == 0) {
                    begun.add(step);
                }
            }
            return isOf(worker);
        }

        boolean renew(UUID worker) {
            if (isOf(worker)) {
                leaseUntil = now + LEASE.toNanos();
                expiresAt = Math.max(expiresAt, leaseUntil);
            }
            return isOf(worker);
        }

        boolean leave(UUID worker, State to) {
            boolean held = isOf(worker);
            state = held ? to : state;
            return held;
        }

        boolean settle(byte @Nullable [] answer) {
            if (state != State.INDETERMINATE) {
                return false;
            }
            if (answer != null) {
                return completed(answer);
            }
            state = State.RELEASED;
            steps.keySet().removeAll(begun);
            begun.clear();
            expiresAt = now + TTL.toNanos();
            return true;
        }

        void pass(Duration time) {
            now += time.toNanos();
            if (state != null && now >= expiresAt) {
                state = null;
                steps.clear();
                begun.clear();
                outcome = "-";
            }
        }

        private boolean isOf(UUID worker) {
            return state == State.RUNNING && worker.equals(owner);
        }

        String text() {
            return state == null
                    ? "none"
                    : state + " of " + owner + " " + fingerprint + " "
                            + (state == State.RUNNING && now < leaseUntil ? "leased" : "free") + " " + steps + " "
                            + outcome;
        }
    }

    /* ---- shared ---- */

    private IdempotencyStore.Entry claim(UUID owner) {
        return claim(key, owner);
    }

    @CanIgnoreReturnValue
    private IdempotencyStore.Entry claim(IdempotencyStore.Key of, UUID owner) {
        return store.claim(of, body, owner, LEASE, TTL);
    }

    private void start(UUID owner) {
        assertEquals(owner, claim(owner).owner());
    }

    /** {@return a test for each state, with a key of its own} */
    private Stream<DynamicTest> each(Set<State> states, Consumer<State> test) {
        return states.stream()
                .map(state -> DynamicTest.dynamicTest(state.name(), () -> {
                    key = newKey();
                    test.accept(state);
                }));
    }

    /** Brings a running entry of mine into a state. */
    private void bring(State state) {
        boolean done = switch (state) {
            case RUNNING -> true;
            case RELEASED -> store.release(key, mine);
            case COMPLETED -> store.complete(key, mine, ANSWER, TTL);
            case INDETERMINATE -> store.suspend(key, mine);
        };
        assertTrue(done);
        pass(MOMENT);
    }

    private void assertNothingHolds(UUID owner) {
        assertFalse(store.complete(key, owner, new byte[] {9}, TTL));
        assertFalse(store.advance(key, owner, "late", ANSWER));
        assertTrue(store.renew(Map.of(key, owner), LEASE).isEmpty());
        assertFalse(store.release(key, owner));
        assertFalse(store.suspend(key, owner));
    }

    private static IdempotencyStore.Key newKey() {
        return IdempotencyStore.Key.of("tenant", "operation", UUID.randomUUID().toString());
    }
}
