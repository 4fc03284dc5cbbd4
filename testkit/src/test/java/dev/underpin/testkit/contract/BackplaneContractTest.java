package dev.underpin.testkit.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.underpin.caching.Backplane;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract fails on wrong backplanes, and not on right ones. */
class BackplaneContractTest {
    /** Mistakes, and the test of the contract that is to find each. */
    enum Flaw {
        OTHER_NODES_UNHEARD("publish_anyNode_isHeardByEverySubscriberOfEachNode"),
        OWN_NODE_UNHEARD("publish_anyNode_isHeardByEverySubscriberOfEachNode"),
        ONE_SUBSCRIBER_OF_A_NODE("publish_anyNode_isHeardByEverySubscriberOfEachNode"),
        EMPTY_MESSAGES_DROPPED("publish_anyBytes_areHeardAsTheyAre"),
        LARGE_MESSAGES_CUT("publish_anyBytes_areHeardAsTheyAre"),
        ONLY_CHARACTERS("publish_anyBytes_areHeardAsTheyAre"),
        FAILS_WHERE_NOBODY_LISTENS("publish_nobodyListens_completes"),
        EVERY_TENTH_LOST("publish_severalThreads_isHeardOrAGap"),
        SUBSCRIBES_WITH_THE_NEXT_MESSAGE("subscribe_returned_missesNothing"),
        CLOSED_HEARS_ON("close_subscription_hearsNoMoreAndTheOthersDo"),
        CLOSES_ALL("close_subscription_hearsNoMoreAndTheOthersDo"),
        SECOND_CLOSE_FAILS("close_subscription_hearsNoMoreAndTheOthersDo"),
        ONE_THROWS_OTHERS_MISS("subscriber_throws_itAndTheOthersHearOn"),
        WHO_THROWS_IS_CLOSED("subscriber_throws_itAndTheOthersHearOn"),
        LOSS_UNREPORTED("messageLost_anySubscriber_isToldOfAGapAndHearsOn"),
        LOSS_REPORTED_TO_ONE("messageLost_anySubscriber_isToldOfAGapAndHearsOn"),
        DEAF_AFTER_A_LOSS("messageLost_anySubscriber_isToldOfAGapAndHearsOn"),
        CLOSED_TOLD_OF_LOSS("messageLost_closedSubscription_isNotTold");

        final String foundBy;

        Flaw(String foundBy) {
            this.foundBy = foundBy;
        }
    }

    private static final class Subscriber {
        final Consumer<byte[]> onMessage;
        final Runnable onGap;
        boolean closed;
        boolean awake = true;

        Subscriber(Consumer<byte[]> onMessage, Runnable onGap) {
            this.onMessage = onMessage;
            this.onGap = onGap;
        }
    }

    /** A node that knows the others. */
    private static final class Node implements Backplane {
        private final List<Node> nodes;
        private final @Nullable Flaw flaw;
        private final List<Subscriber> subscribers = new CopyOnWriteArrayList<>();
        private final AtomicInteger messages = new AtomicInteger();
        private volatile boolean losing;

        Node(List<Node> nodes, @Nullable Flaw flaw) {
            this.nodes = nodes;
            this.flaw = flaw;
        }

        @Override
        public CompletionStage<Void> publish(byte[] message) {
            if (flaw == Flaw.FAILS_WHERE_NOBODY_LISTENS
                    && nodes.stream().allMatch(node -> node.subscribers.isEmpty())) {
                return CompletableFuture.failedFuture(new IllegalStateException("nobody listens"));
            }
            for (Node node : nodes) {
                boolean skipped = node == this ? flaw == Flaw.OWN_NODE_UNHEARD : flaw == Flaw.OTHER_NODES_UNHEARD;
                if (!skipped && !node.losing) {
                    node.hear(message);
                }
            }
            return CompletableFuture.completedFuture(null);
        }

        private void hear(byte[] message) {
            if ((flaw == Flaw.EVERY_TENTH_LOST && messages.incrementAndGet() % 10 == 0)
                    || (flaw == Flaw.EMPTY_MESSAGES_DROPPED && message.length == 0)) {
                return;
            }
            byte[] heard = message.clone();
            if (flaw == Flaw.LARGE_MESSAGES_CUT) {
                heard = Arrays.copyOf(message, Math.min(message.length, 65_535));
            } else if (flaw == Flaw.ONLY_CHARACTERS) {
                heard = new String(message, UTF_8).getBytes(UTF_8);
            }
            for (Subscriber subscriber : subscribers) {
                if (!tell(subscriber, heard) || flaw == Flaw.ONE_SUBSCRIBER_OF_A_NODE) {
                    return;
                }
            }
        }

        /** {@return whether the others are told as well} */
        private boolean tell(Subscriber subscriber, byte[] message) {
            if (!subscriber.awake) {
                subscriber.awake = true;
                return true;
            }
            try {
                subscriber.onMessage.accept(message);
            } catch (RuntimeException e) {
                if (flaw == Flaw.WHO_THROWS_IS_CLOSED) {
                    subscribers.remove(subscriber);
                }
                return flaw != Flaw.ONE_THROWS_OTHERS_MISS;
            }
            return true;
        }

        void lose(Runnable meanwhile) {
            losing = true;
            meanwhile.run();
            losing = flaw == Flaw.DEAF_AFTER_A_LOSS;
            if (flaw != Flaw.LOSS_UNREPORTED) {
                subscribers.stream()
                        .filter(each -> !each.closed || flaw == Flaw.CLOSED_TOLD_OF_LOSS)
                        .limit(flaw == Flaw.LOSS_REPORTED_TO_ONE ? 1 : Long.MAX_VALUE)
                        .forEach(each -> each.onGap.run());
            }
        }

        @Override
        public Subscription subscribe(Consumer<byte[]> onMessage, Runnable onGap) {
            var subscriber = new Subscriber(onMessage, onGap);
            subscriber.awake = flaw != Flaw.SUBSCRIBES_WITH_THE_NEXT_MESSAGE;
            subscribers.add(subscriber);
            return () -> {
                if (subscriber.closed && flaw == Flaw.SECOND_CLOSE_FAILS) {
                    throw new AssertionError("closed before");
                }
                subscriber.closed = true;
                if (flaw == Flaw.CLOSES_ALL) {
                    subscribers.clear();
                } else if (flaw != Flaw.CLOSED_HEARS_ON && flaw != Flaw.CLOSED_TOLD_OF_LOSS) {
                    subscribers.remove(subscriber);
                }
            };
        }
    }

    private static final class Tried extends BackplaneContract {
        private final List<Node> nodes = new ArrayList<>();
        private final @Nullable Flaw flaw;

        Tried(@Nullable Flaw flaw) {
            this.flaw = flaw;
        }

        @Override
        protected Backplane connect() {
            var node = new Node(nodes, flaw);
            nodes.add(node);
            return node;
        }

        @Override
        protected boolean loseMessages(Runnable meanwhile) {
            nodes.get(1).lose(meanwhile);
            return true;
        }
    }

    /** Runs a test as JUnit would, but for waiting. */
    private static void run(@Nullable Flaw flaw, Method test) throws Throwable {
        BackplaneContract contract = new Tried(flaw);
        contract.limitMillis = flaw == null ? contract.limitMillis : 1;
        contract.open();
        try {
            if (test.invoke(contract) instanceof Stream<?> tests) {
                for (Object each : tests.toList()) {
                    ((DynamicTest) each).getExecutable().execute();
                }
            }
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    static Stream<String> tests() {
        return Arrays.stream(BackplaneContract.class.getDeclaredMethods())
                .filter(method ->
                        method.isAnnotationPresent(Test.class) || method.isAnnotationPresent(TestFactory.class))
                .map(Method::getName);
    }

    @ParameterizedTest
    @MethodSource("tests")
    void test_backplaneWithoutAFlaw_passes(String test) throws Throwable {
        run(null, BackplaneContract.class.getDeclaredMethod(test));
    }

    @ParameterizedTest
    @EnumSource(Flaw.class)
    void test_backplaneWithAFlaw_fails(Flaw flaw) throws Throwable {
        Method test = BackplaneContract.class.getDeclaredMethod(flaw.foundBy);

        assertThat(catchThrowable(() -> run(flaw, test))).isInstanceOf(AssertionError.class);
    }
}
