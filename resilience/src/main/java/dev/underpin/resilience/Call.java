package dev.underpin.resilience;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a caller knows about one call: whether a repeat does harm, and by when the answer is wanted. Immutable.
 *
 * <p>A failed call that certainly had no effect ({@link dev.underpin.result.Retry#SAME_CALL}) may always be repeated. One
 * that may have had its effect ({@link dev.underpin.result.Retry#IF_IDEMPOTENT}) is repeated only if the call is
 * idempotent.
 */
public final class Call {
    private static final int MAX_KEY_LENGTH = 255;
    private static final Call ONCE = new Call(false, null, null);
    private static final Call IDEMPOTENT = new Call(true, null, null);

    private final boolean repeatable;
    private final @Nullable String key;
    private final @Nullable Deadline deadline;

    private Call(boolean repeatable, @Nullable String key, @Nullable Deadline deadline) {
        this.repeatable = repeatable;
        this.key = key;
        this.deadline = deadline;
    }

    /** {@return a call whose second effect would do harm} */
    public static Call once() {
        return ONCE;
    }

    /** {@return a call that may have its effect twice, such as a read} */
    public static Call idempotent() {
        return IDEMPOTENT;
    }

    /**
     * {@return a call that has its effect once, because the other side knows its key} Every attempt sends the same one.
     *
     * @param key the idempotency key
     * @throws IllegalArgumentException if it is not 1 to {@value #MAX_KEY_LENGTH} visible ASCII characters
     */
    public static Call idempotent(String key) {
        Objects.requireNonNull(key, "key");
        if (key.isEmpty() || key.length() > MAX_KEY_LENGTH || !key.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
            throw new IllegalArgumentException(
                    "key must be 1 to " + MAX_KEY_LENGTH + " visible ASCII characters: one of length " + key.length());
        }
        return new Call(true, key, null);
    }

    /**
     * {@return the same call, to be done by a deadline} The earlier of this one and the pipeline's own holds. An attempt that
     * has less than a second, and less than half of the time that the pipeline gives to one, is in a hurry: if it times out,
     * the breaker does not count it.
     *
     * @param deadline of the work that this call is a part of
     */
    public Call within(Deadline deadline) {
        return new Call(repeatable, key, Objects.requireNonNull(deadline, "deadline"));
    }

    boolean isRepeatable() {
        return repeatable;
    }

    @Nullable
    String key() {
        return key;
    }

    /** {@return the reading at which this call is due, which is not later than {@code own}} */
    long due(long now, long own) {
        if (deadline == null) {
            return own;
        }
        long given = now + deadline.remainingNanos();
        return given - own < 0 ? given : own;
    }

    /** {@return what is known, without the key} */
    @Override
    public String toString() {
        return (repeatable ? "idempotent" : "once")
                + (key == null ? "" : " by key")
                + (deadline == null ? "" : " within " + deadline);
    }
}
