package dev.underpin.caching;

import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Carries the invalidations of caches to the other nodes. A service provider interface with a contract test,
 * {@code BackplaneContract} in testkit.
 *
 * <p>Messages may arrive late, twice and out of order, also at the node that sent them. They may be lost only if the loss
 * is reported: every subscriber hears {@code onGap} soon after a message may have been lost, be it the last one. A reported
 * gap costs what is in the memory of that node; an unreported one lets it serve what was invalidated.
 */
public interface Backplane {
    /**
     * Sends a message to every subscriber of every node. Does not block.
     *
     * @param message what {@link #subscribe} is to deliver, opaque here
     * @return completes when the message is on its way: exceptionally if it is not
     */
    CompletionStage<Void> publish(byte[] message);

    /**
     * Delivers messages from now on. A message that was published after this has returned is delivered or reported as a
     * gap.
     *
     * @param onMessage hears each message; quick, does not block, and may be called by several threads. What it throws is
     *     nothing to other subscribers, and it hears the next messages all the same.
     * @param onGap told whenever messages may have been lost; quick, as {@code onMessage}
     * @return ends the subscription
     */
    Subscription subscribe(Consumer<byte[]> onMessage, Runnable onGap);

    /** Ends what it was returned for. */
    @FunctionalInterface
    interface Subscription extends AutoCloseable {
        /** Ends it; a second time does nothing. */
        @Override
        void close();
    }
}
