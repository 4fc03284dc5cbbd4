package dev.underpin.idempotency;

import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.Retry;
import dev.underpin.result.spi.Codec;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * One operation that takes idempotency keys: its stable name, how long answers are kept and workers hold it, which errors
 * are answers. The same key means two things in two operations. Immutable and thread-safe.
 *
 * @param <T> the type of the answer
 */
public final class Operation<T> {
    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9._-]{0,99}");
    private static final Duration MIN_LEASE = Duration.ofSeconds(1);
    private static final int LEASES_IN_TTL = 10;
    private static final Duration MAX_TTL = Duration.ofDays(36_500);
    private static final int MAX_RETRY_AFTER_SECONDS = 30;
    private static final long FIRST_POLL_NANOS = Duration.ofMillis(25).toNanos();
    private static final long MAX_POLL_NANOS = Duration.ofMillis(400).toNanos();
    private static final int POLLS_GROW_BY = 4;
    private static final double MAX_JITTER = 0.25;

    private final String name;
    private final Duration ttl;
    private final Duration lease;
    private final Duration maxWait;
    private final int maxAnswer;
    private final Predicate<? super DomainError> keep;
    private final Codec<T> codec;

    private Operation(Builder builder, Codec<T> codec) {
        this.name = builder.name;
        this.ttl = builder.ttl;
        this.lease = builder.lease;
        this.maxWait = builder.maxWait;
        this.maxAnswer = builder.maxAnswer;
        this.keep = builder.keep;
        this.codec = Objects.requireNonNull(codec, "codec");
    }

    /**
     * {@return a builder}
     *
     * @param name stable for ever, since it is part of every stored key: {@code orders.place}, no path with ids in it; up
     *     to 100 letters, digits, dots, hyphens and underscores
     * @throws IllegalArgumentException if it is not such a name
     */
    public static Builder named(String name) {
        return new Builder(name);
    }

    /** {@return the name} */
    public String name() {
        return name;
    }

    /** {@return how long a key is known after it was last claimed or answered} */
    public Duration ttl() {
        return ttl;
    }

    /** {@return how long a worker holds a key before it must renew it} */
    public Duration lease() {
        return lease;
    }

    /** {@return how long a duplicate waits for an answer} */
    public Duration maxWait() {
        return maxWait;
    }

    /**
     * {@return whether an error is an answer, to be stored and given again}
     *
     * @param error what a body returned
     */
    public boolean keeps(DomainError error) {
        // What a step says of its own interruption is no answer of the business, however it is classified.
        return !error.is(IdempotencyErrors.IDEMPOTENCY_OUTCOME_UNKNOWN)
                && !error.is(IdempotencyErrors.IDEMPOTENCY_LEASE_LOST)
                && !error.is(IdempotencyErrors.IDEMPOTENCY_STORE_FAILED)
                && keep.test(error);
    }

    /**
     * {@return the bytes of an answer, as a store keeps them} One that is too large or cannot be encoded leaves bytes that
     * say so.
     *
     * @param answer what a body returned
     */
    public byte[] encode(Result<? extends T, ? extends DomainError> answer) {
        return Outcome.encode(answer, codec, maxAnswer);
    }

    /**
     * {@return what is answered to a request whose key somebody else has, or had} That is
     * {@link IdempotencyErrors#IDEMPOTENCY_KEY_REUSED} if it says something else; the stored answer; or an error that says
     * why there is none.
     *
     * @param request the request
     * @param entry what the store has under its key
     */
    public Result<Replay<T>, DomainError> answer(IdempotentRequest request, IdempotencyStore.Entry entry) {
        if (!request.fingerprint().matches(entry.fingerprint())) {
            return Result.err(IdempotencyErrors.IDEMPOTENCY_KEY_REUSED.error());
        }
        return switch (entry.state()) {
            case COMPLETED ->
                Outcome.decode(entry.outcome().orElseThrow(), codec).map(value -> new Replay<>(value, true));
            case INDETERMINATE -> Result.err(IdempotencyErrors.IDEMPOTENCY_OUTCOME_UNKNOWN.error());
            case RUNNING, RELEASED ->
                Result.err(DomainError.builder(IdempotencyErrors.IDEMPOTENCY_IN_PROGRESS)
                        .retry(Retry.SAME_CALL)
                        .retryAfter(retryAfter(entry.leaseLeft()))
                        .build());
        };
    }

    /**
     * {@return how long a duplicate sleeps before it asks again; empty if it has waited as long as it may}
     *
     * @param waited how long it has waited so far
     * @param random spreads duplicates
     */
    public Optional<Duration> poll(Duration waited, RandomGenerator random) {
        Duration left = maxWait.minus(waited);
        if (left.isZero() || left.isNegative()) {
            return Optional.empty();
        }
        // Growing with what was waited, a poll comes late by a share of it, whenever the other one ends.
        long pause = Math.min(MAX_POLL_NANOS, Math.max(FIRST_POLL_NANOS, waited.toNanos() / POLLS_GROW_BY));
        Duration jittered = Duration.ofNanos(pause - (long) (pause * MAX_JITTER * random.nextDouble()));
        return Optional.of(jittered.compareTo(left) < 0 ? jittered : left);
    }

    /** {@return what is left of a lease in whole seconds, 1 to 30: the holder may be done long before} */
    private static Duration retryAfter(Duration leaseLeft) {
        long seconds = leaseLeft.plusNanos(999_999_999).toSeconds();
        return Duration.ofSeconds(Math.max(1, Math.min(MAX_RETRY_AFTER_SECONDS, seconds)));
    }

    @Override
    public String toString() {
        return "Operation[" + name + "]";
    }

    /** Builds an {@link Operation}; every option has a default. Confined to one thread. */
    @CanIgnoreReturnValue
    public static final class Builder {
        private static final int DEFAULT_MAX_ANSWER = 256 * 1024;

        private final String name;
        private Duration ttl = Duration.ofDays(1);
        private Duration lease = Duration.ofSeconds(30);
        private Duration maxWait = Duration.ZERO;
        private int maxAnswer = DEFAULT_MAX_ANSWER;
        private Predicate<? super DomainError> keep = Builder::isBusiness;

        private Builder(String name) {
            if (!NAME.matcher(Objects.requireNonNull(name, "name")).matches()) {
                throw new IllegalArgumentException("name must match " + NAME + ": length " + name.length());
            }
            this.name = name;
        }

        /**
         * Sets how long a key is known, by the clock of the store; a day by default. Publish it: a retry that comes later
         * is executed again.
         *
         * @param ttl at least ten leases, at most 36500 days
         * @return this
         * @throws IllegalArgumentException if it is longer than that
         */
        public Builder ttl(Duration ttl) {
            if (Objects.requireNonNull(ttl, "ttl").compareTo(MAX_TTL) > 0) {
                throw new IllegalArgumentException("ttl must be at most " + MAX_TTL + ": " + ttl);
            }
            this.ttl = ttl;
            return this;
        }

        /**
         * Sets how long a request whose worker died is held before another may take it over; 30 seconds by default. A
         * living worker renews it.
         *
         * @param lease at least a second, and better twice what one step may take
         * @return this
         * @throws IllegalArgumentException if it is shorter than a second
         */
        public Builder lease(Duration lease) {
            if (Objects.requireNonNull(lease, "lease").compareTo(MIN_LEASE) < 0) {
                throw new IllegalArgumentException("lease must be at least " + MIN_LEASE + ": " + lease);
            }
            this.lease = lease;
            return this;
        }

        /**
         * Sets how long a duplicate waits for the answer of the one that runs, holding its thread and nothing else; none
         * by default: it is told to come again.
         *
         * @param wait zero or more
         * @return this
         * @throws IllegalArgumentException if negative
         */
        public Builder maxWait(Duration wait) {
            if (Objects.requireNonNull(wait, "wait").isNegative()) {
                throw new IllegalArgumentException("wait must not be negative: " + wait);
            }
            this.maxWait = wait;
            return this;
        }

        /**
         * Sets the size up to which an answer is stored, in bytes of its codec; 256 KiB by default. A larger one is given
         * once, and then {@link IdempotencyErrors#IDEMPOTENCY_ANSWER_NOT_KEPT}.
         *
         * @param bytes at least 1
         * @return this
         * @throws IllegalArgumentException if less than 1
         */
        public Builder maxAnswer(int bytes) {
            if (bytes < 1) {
                throw new IllegalArgumentException("bytes must be at least 1: " + bytes);
            }
            this.maxAnswer = bytes;
            return this;
        }

        /**
         * Sets which errors are answers, to be stored and given again. By default those of the business that a repeat
         * cannot change: of kind NOT_FOUND, CONFLICT, PRECONDITION or UNPROCESSABLE, with {@link Retry#NO}. With any other
         * the request may be sent again under its key and goes on where it was.
         *
         * @param stored whether an error is stored
         * @return this
         */
        public Builder keep(Predicate<? super DomainError> stored) {
            this.keep = Objects.requireNonNull(stored, "stored");
            return this;
        }

        /**
         * {@return the operation}
         *
         * @param codec of the answer, with its own version: stored answers outlive the code that wrote them
         * @param <T> the type of the answer
         * @throws IllegalArgumentException if the ttl is shorter than ten leases
         */
        public <T> Operation<T> build(Codec<T> codec) {
            if (ttl.compareTo(lease.multipliedBy(LEASES_IN_TTL)) < 0) {
                throw new IllegalArgumentException(
                        "ttl must be at least " + LEASES_IN_TTL + " leases of " + lease + ": " + ttl);
            }
            return new Operation<>(this, codec);
        }

        private static boolean isBusiness(DomainError error) {
            return error.retry() == Retry.NO
                    && switch (error.kind()) {
                        case NOT_FOUND, CONFLICT, PRECONDITION, UNPROCESSABLE -> true;
                        case MALFORMED,
                                VALIDATION,
                                UNAUTHENTICATED,
                                FORBIDDEN,
                                RATE_LIMITED,
                                CANCELLED,
                                INTERNAL,
                                NOT_IMPLEMENTED,
                                BAD_GATEWAY,
                                UNAVAILABLE,
                                TIMEOUT -> false;
                    };
        }
    }
}
