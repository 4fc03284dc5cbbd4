package dev.underpin.testkit.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.underpin.caching.Backplane;
import dev.underpin.caching.Backplane.Subscription;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * What every {@link Backplane} promises, as tests of JUnit: a subclass connects two nodes, and lets one lose messages if
 * that can be.
 *
 * <p>Messages may come late, twice and out of order here as well, and messages of others are not minded. An instance belongs
 * to one test and its thread; the backplane calls from any.
 */
@SuppressWarnings("exports") // optional: see module-info
public abstract class BackplaneContract {
    private static final String GAP = "gap";

    private final String test = UUID.randomUUID().toString();
    private final List<Subscription> subscriptions = new ArrayList<>();
    private Backplane one;
    private Backplane two;
    long limitMillis = 30_000; // for what takes moments; less where a test of this contract waits for nothing

    /** For subclasses, of which JUnit makes one for each test. */
    protected BackplaneContract() {}

    /**
     * {@return the backplane, as a node has it} Asked for twice before each test: for two nodes. May return the same twice
     * where there is only one.
     */
    protected abstract Backplane connect();

    /**
     * Lets the second node hear nothing while that runs, and hear again after it. If the loss is reported only when some
     * time has passed, it passes here.
     *
     * @param meanwhile publishes on the first node
     * @return whether it ran; false, as it is by default, of a backplane that cannot lose anything
     */
    protected boolean loseMessages(Runnable meanwhile) {
        return false;
    }

    @BeforeEach
    void open() {
        one = connect();
        two = connect();
    }

    @AfterEach
    void close() {
        subscriptions.forEach(Subscription::close);
    }

    /* ---- messages ---- */

    @Test
    void publish_anyNode_isHeardByEverySubscriberOfEachNode() {
        List<Ear> ears = List.of(new Ear(one), new Ear(one), new Ear(two), new Ear(two));
        publish(one, "from one");
        publish(two, "from two");

        ears.forEach(ear -> ear.awaitAll("from one", "from two"));
    }

    @TestFactory
    Stream<DynamicTest> publish_anyBytes_areHeardAsTheyAre() {
        byte[] all = new byte[256];
        byte[] large = new byte[200_000];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        new Random(1).nextBytes(large);
        return Stream.of(new byte[0], new byte[1], all, large)
                .map(message -> DynamicTest.dynamicTest(message.length + " bytes", () -> heardAsItIs(message)));
    }

    private void heardAsItIs(byte[] message) throws InterruptedException {
        BlockingQueue<byte[]> heard = new LinkedBlockingQueue<>();
        subscriptions.add(two.subscribe(
                bytes -> {
                    if (bytes.length == message.length) {
                        heard.add(bytes);
                    }
                },
                () -> {}));
        await(one.publish(message));

        byte[] first = heard.poll(limitMillis, TimeUnit.MILLISECONDS);
        assertNotNull(first, "not heard");
        assertArrayEquals(message, first);
    }

    @Test
    void publish_nobodyListens_completes() {
        publish(one, "unheard");
    }

    @Test
    void publish_severalThreads_isHeardOrAGap() throws InterruptedException {
        var ear = new Ear(two);
        Set<String> messages = new HashSet<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Backplane by = i % 2 == 0 ? one : two;
            List<String> mine = Stream.iterate(i, n -> n + 4)
                    .limit(50)
                    .map(n -> "message " + n)
                    .toList();
            messages.addAll(mine);
            threads.add(new Thread(() -> mine.forEach(message -> publish(by, message))));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join(limitMillis);
        }

        ear.awaitAllOrGap(messages);
    }

    /* ---- subscriptions ---- */

    @Test
    void subscribe_returned_missesNothing() {
        for (int round = 0; round < 50; round++) {
            var ear = new Ear(round % 2 == 0 ? one : two);
            publish(one, "round " + round);

            ear.awaitAllOrGap(Set.of("round " + round));
        }
    }

    @Test
    void close_subscription_hearsNoMoreAndTheOthersDo() {
        var closed = new Ear(two);
        var open = new Ear(two);
        publish(one, "before");
        closed.awaitAll("before");
        closed.subscription.close();
        closed.subscription.close();
        closed.heard.clear();
        publish(one, "after");
        publish(one, "and after that");
        open.awaitAll("before", "after", "and after that");

        // What is on its way when it is closed may still come, as "before" for the second time.
        assertFalse(closed.heard.contains("after") || closed.heard.contains("and after that"));
    }

    @Test
    void subscriber_throws_itAndTheOthersHearOn() {
        var calls = new CountDownLatch(2);
        Subscription throwing = two.subscribe(
                bytes -> {
                    if (text(bytes).startsWith("to throw")) {
                        calls.countDown();
                        throw new IllegalStateException("thrown by the subscriber of a test");
                    }
                },
                () -> {
                    throw new IllegalStateException("thrown by the subscriber of a test");
                });
        subscriptions.add(throwing);
        var ear = new Ear(two);
        publish(one, "to throw at");
        ear.awaitAll("to throw at");
        publish(one, "to throw at again");

        ear.awaitAll("to throw at again");
        await(calls);
    }

    /* ---- gaps ---- */

    @Test
    void messageLost_anySubscriber_isToldOfAGapAndHearsOn() {
        List<Ear> ears = List.of(new Ear(two), new Ear(two));
        publish(one, "before");
        ears.forEach(ear -> ear.awaitAll("before"));
        assumeTrue(loseMessages(() -> publish(one, "lost")), "cannot lose messages");

        ears.forEach(ear -> ear.awaitAllOrGap(Set.of("lost")));
        publish(one, "afterwards");
        ears.forEach(ear -> ear.awaitAll("afterwards"));
    }

    @Test
    void messageLost_closedSubscription_isNotTold() {
        var closed = new Ear(two);
        var open = new Ear(two);
        closed.subscription.close();
        closed.heard.clear();
        assumeTrue(loseMessages(() -> publish(one, "lost")), "cannot lose messages");
        open.awaitAllOrGap(Set.of("lost"));
        publish(one, "afterwards");
        open.awaitAll("afterwards");

        assertEquals(List.of(), List.copyOf(closed.heard));
    }

    /* ---- shared ---- */

    /** Writes down the messages of this test, and gaps. */
    private final class Ear {
        final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        final Subscription subscription;

        Ear(Backplane node) {
            subscription = node.subscribe(
                    bytes -> {
                        if (isOfThisTest(bytes)) {
                            heard.add(text(bytes));
                        }
                    },
                    () -> heard.add(GAP));
            subscriptions.add(subscription);
        }

        void awaitAll(String... messages) {
            await(new HashSet<>(Set.of(messages)), false);
        }

        void awaitAllOrGap(Set<String> messages) {
            await(new HashSet<>(messages), true);
        }

        /** Takes what comes, until nothing is missing any more. */
        private void await(Set<String> missing, boolean gapWillDo) {
            while (!missing.isEmpty()) {
                String next = next();
                assertNotNull(next, "neither heard nor reported as a gap: " + missing);
                missing.remove(next);
                if (gapWillDo && next.equals(GAP)) {
                    return;
                }
            }
        }

        private @Nullable String next() {
            try {
                return heard.poll(limitMillis, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            }
        }
    }

    private void publish(Backplane by, String message) {
        await(by.publish((test + message).getBytes(UTF_8)));
    }

    private boolean isOfThisTest(byte[] message) {
        return new String(message, UTF_8).startsWith(test);
    }

    private String text(byte[] message) {
        return isOfThisTest(message) ? new String(message, UTF_8).substring(test.length()) : "";
    }

    private void await(CompletionStage<Void> stage) {
        try {
            stage.toCompletableFuture().get(limitMillis, TimeUnit.MILLISECONDS);
        } catch (Exception e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            throw new AssertionError("not published", e);
        }
    }

    private void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(limitMillis, TimeUnit.MILLISECONDS), "not called any more");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
