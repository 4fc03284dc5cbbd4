package dev.underpin.resilience;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What keeps retries from multiplying the load on a dependency that is down: each costs, successes pay, and if there is
 * not enough, the call ends with the error it has. First attempts are never held back.
 *
 * <p>One budget belongs to one dependency: pipelines to the same one may share it, in one process. Thread-safe.
 */
public abstract class RetryBudget {
    private static final int CAPACITY = 500;
    private static final int COST = 14;
    private static final int THROTTLE_COST = 5;

    private RetryBudget() {}

    /** {@return 500 tokens; a retry costs 14, or 5 if it was throttled} These are the figures of the AWS SDKs since 2026. */
    public static RetryBudget standard() {
        return tokens(CAPACITY, COST, THROTTLE_COST);
    }

    /**
     * {@return a full bucket of tokens} A retry takes its cost; a call that succeeds at once gives back one token, one
     * that succeeds by a retry gives back what the last retry cost.
     *
     * @param capacity how many tokens at most
     * @param cost of a retry
     * @param throttleCost of a retry after an error that asked for less load
     * @throws IllegalArgumentException if a cost is below 1 or above the capacity
     */
    public static RetryBudget tokens(int capacity, int cost, int throttleCost) {
        return new Tokens(capacity, cost, throttleCost);
    }

    /**
     * {@return retries as a share of the calls of the last ten seconds}, and some in any case.
     *
     * @param share how many retries each call allows, such as 0.2
     * @param minPerSecond how many are allowed without calls
     * @throws IllegalArgumentException if the share is not above 0 and at most 1, or the minimum is negative
     */
    public static RetryBudget ratio(double share, int minPerSecond) {
        return new Ratio(share, minPerSecond);
    }

    /** A call begins: for a ratio. */
    abstract void call(long nowNanos);

    /** {@return what the retry cost, or 0 if there is not enough} */
    abstract int withdraw(boolean throttled, long nowNanos);

    /** A call succeeded, its last retry having cost this much, 0 if there was none. */
    abstract void succeeded(int lastCost);

    /** {@return how many tokens, or how many retries, are left} */
    abstract double left(long nowNanos);

    abstract Map<String, String> describe();

    /** Takes the place of another one: what was used of that is used of this. Who shares this one shares that, too. */
    abstract void succeed(RetryBudget other);

    private static final class Tokens extends RetryBudget {
        private final int capacity;
        private final int cost;
        private final int throttleCost;
        private final AtomicInteger tokens;

        Tokens(int capacity, int cost, int throttleCost) {
            this.capacity = Check.atLeast(1, "capacity", capacity);
            this.cost = within(capacity, "cost", cost);
            this.throttleCost = within(capacity, "throttleCost", throttleCost);
            tokens = new AtomicInteger(capacity);
        }

        private static int within(int capacity, String name, int cost) {
            if (Check.atLeast(1, name, cost) > capacity) {
                throw new IllegalArgumentException(
                        name + " must not be above the capacity of " + capacity + ": " + cost);
            }
            return cost;
        }

        @Override
        void call(long nowNanos) {
            // only successes count
        }

        @Override
        int withdraw(boolean throttled, long nowNanos) {
            int price = throttled ? throttleCost : cost;
            int have = tokens.get();
            while (have >= price) {
                if (tokens.compareAndSet(have, have - price)) {
                    return price;
                }
                have = tokens.get();
            }
            return 0;
        }

        @Override
        void succeeded(int lastCost) {
            int have = tokens.get();
            // Mostly full: then nothing is written, and threads do not meet here.
            while (have < capacity && !tokens.compareAndSet(have, Math.min(capacity, have + Math.max(1, lastCost)))) {
                have = tokens.get();
            }
        }

        @Override
        double left(long nowNanos) {
            return tokens.get();
        }

        @Override
        Map<String, String> describe() {
            return new TreeMap<>(Map.of(
                    "budget.capacity", Integer.toString(capacity),
                    "budget.cost", Integer.toString(cost),
                    "budget.throttle-cost", Integer.toString(throttleCost)));
        }

        @Override
        void succeed(RetryBudget other) {
            if (other instanceof Tokens that) {
                tokens.accumulateAndGet(that.tokens.get(), Math::min);
            }
        }
    }

    /**
     * Calls and retries of the last ten seconds, in slots of about one; a slot holds the tick it stands for, so that an old
     * one is told from a new one without a timer. Ticks and slots are powers of two: they go on where readings overflow.
     */
    private static final class Ratio extends RetryBudget {
        private static final int SECONDS = 10;
        private static final int SLOTS = 16;
        private static final int TICK_BITS = 30; // 1.07 s

        private final double share;
        private final int minPerSecond;
        private final AtomicLongArray calls = new AtomicLongArray(SLOTS);
        private final AtomicLongArray retries = new AtomicLongArray(SLOTS);

        Ratio(double share, int minPerSecond) {
            this.share = Check.share("share", share);
            this.minPerSecond = Check.atLeast(0, "minPerSecond", minPerSecond);
        }

        @Override
        void call(long nowNanos) {
            count(calls, nowNanos);
        }

        @Override
        int withdraw(boolean throttled, long nowNanos) {
            if (left(nowNanos) < 1) {
                return 0;
            }
            // RACE: threads that look at the same time may go over by their number; the next ones pay for it.
            count(retries, nowNanos);
            return 1;
        }

        @Override
        void succeeded(int lastCost) {
            // only calls count
        }

        @Override
        double left(long nowNanos) {
            double allowed = share * sum(calls, nowNanos) + (double) minPerSecond * SECONDS;
            return Math.max(0, allowed - sum(retries, nowNanos));
        }

        @Override
        Map<String, String> describe() {
            return new TreeMap<>(Map.of(
                    "budget.share", Settings.plain(share), "budget.min-per-second", Integer.toString(minPerSecond)));
        }

        @Override
        void succeed(RetryBudget other) {
            if (other instanceof Ratio that) {
                for (int i = 0; i < SLOTS; i++) {
                    calls.accumulateAndGet(i, that.calls.get(i), Ratio::later);
                    retries.accumulateAndGet(i, that.retries.get(i), Ratio::later);
                }
            }
        }

        private static long later(long mine, long other) {
            int ahead = tickOf(other) - tickOf(mine);
            boolean more = ahead > 0 || (ahead == 0 && countOf(other) > countOf(mine));
            return countOf(mine) == 0 || (countOf(other) > 0 && more) ? other : mine;
        }

        private static int tick(long nowNanos) {
            return (int) (nowNanos >> TICK_BITS);
        }

        private static void count(AtomicLongArray slots, long nowNanos) {
            int tick = tick(nowNanos);
            int slot = tick & (SLOTS - 1);
            while (true) {
                long held = slots.get(slot);
                long next = tickOf(held) == tick ? held + 1 : ((long) tick << 32) | 1;
                if (slots.compareAndSet(slot, held, next)) {
                    return;
                }
            }
        }

        private static long sum(AtomicLongArray slots, long nowNanos) {
            int tick = tick(nowNanos);
            long sum = 0;
            for (int i = 0; i < SLOTS; i++) {
                long held = slots.get(i);
                int age = tick - tickOf(held);
                if (age >= 0 && age < SECONDS) {
                    sum += countOf(held);
                }
            }
            return sum;
        }

        private static int tickOf(long held) {
            return (int) (held >>> 32);
        }

        private static long countOf(long held) {
            return held & 0xffff_ffffL;
        }
    }
}
