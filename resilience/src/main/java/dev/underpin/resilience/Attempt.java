package dev.underpin.resilience;

import dev.underpin.result.spi.TimeSource;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One attempt at a call: its number, the time it has, and what to send along.
 *
 * <p>What it calls should stop by itself when the time is over: hand {@link #remaining()} to the client as its timeout.
 * Immutable.
 */
public final class Attempt {
    /** The header that tells the other side how many attempts went before, absent on the first: {@value}. */
    public static final String PREVIOUS_ATTEMPTS_HEADER = "Previous-Attempts";

    /** The header of the key of the call, if it has one: {@value}. */
    public static final String IDEMPOTENCY_KEY_HEADER = "Idempotency-Key";

    private final Call call;
    private final int number;
    private final TimeSource time;
    private final long dueNanos;

    Attempt(Call call, int number, TimeSource time, long dueNanos) {
        this.call = call;
        this.number = number;
        this.time = time;
        this.dueNanos = dueNanos;
    }

    /** {@return which attempt of the call this is, from 1} */
    public int number() {
        return number;
    }

    /** {@return how much time it has left, zero if none: some clients refuse a timeout of zero} */
    public Duration remaining() {
        return Duration.ofNanos(Math.max(0, dueNanos - time.nanoTime()));
    }

    /** {@return when this attempt must be done}: for {@link Call#within}, if what is called makes calls of its own. */
    public Deadline deadline() {
        return new Deadline(time, dueNanos);
    }

    /**
     * {@return what to send along, by header} {@value Deadline#HEADER}, so that the other side drops what nobody waits for;
     * {@value #PREVIOUS_ATTEMPTS_HEADER}, so that it can tell repeats; {@value #IDEMPOTENCY_KEY_HEADER} of a call that
     * has a key, the same on every attempt.
     */
    public Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put(Deadline.HEADER, deadline().toHeader());
        if (number > 1) {
            headers.put(PREVIOUS_ATTEMPTS_HEADER, Integer.toString(number - 1));
        }
        String key = call.key();
        if (key != null) {
            headers.put(IDEMPOTENCY_KEY_HEADER, key);
        }
        return headers;
    }

    /** {@return the number of the attempt} */
    @Override
    public String toString() {
        return "attempt " + number;
    }
}
