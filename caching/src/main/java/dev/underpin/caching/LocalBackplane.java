package dev.underpin.caching;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A backplane within this process, which delivers on the thread that publishes. */
final class LocalBackplane implements Backplane {
    private static final Logger LOG = LoggerFactory.getLogger(LocalBackplane.class);

    private final List<Subscriber> subscribers = new CopyOnWriteArrayList<>();

    @Override
    public CompletionStage<Void> publish(byte[] message) {
        Objects.requireNonNull(message, "message");
        for (Subscriber subscriber : subscribers) {
            subscriber.hear(message.clone());
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public Subscription subscribe(Consumer<byte[]> onMessage, Runnable onGap) {
        var subscriber =
                new Subscriber(Objects.requireNonNull(onMessage, "onMessage"), Objects.requireNonNull(onGap, "onGap"));
        subscribers.add(subscriber);
        return () -> {
            subscriber.closed = true;
            subscribers.remove(subscriber);
        };
    }

    private static final class Subscriber {
        private final Consumer<byte[]> onMessage;
        private final Runnable onGap;
        volatile boolean closed; // for a publisher that has begun: its view of the list is older

        Subscriber(Consumer<byte[]> onMessage, Runnable onGap) {
            this.onMessage = onMessage;
            this.onGap = onGap;
        }

        /** What a message that failed was to invalidate is not known, so all is. */
        void hear(byte[] message) {
            if (!closed && !runs(() -> onMessage.accept(message))) {
                var unused = runs(onGap);
            }
        }

        private static boolean runs(Runnable call) {
            try {
                call.run();
                return true;
            } catch (Throwable e) {
                if (e instanceof VirtualMachineError fatal && !(e instanceof StackOverflowError)) {
                    throw fatal;
                }
                LOG.debug("a subscriber failed", e);
                return false;
            }
        }
    }
}
