package dev.underpin.resilience;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.spi.TimeSource;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.github.resilience4j.core.functions.Either;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A circuit breaker made of resilience4j's, one for each closed and each half-open phase.
 *
 * <p>resilience4j counts, limits the probes and judges. What it cannot do with one instance, a fresh one for each phase
 * does: a permit belongs to the phase that gave it, so a late result or a late release touches no other; an open phase is a
 * reading of the monotonic clock and nothing else, so no wall clock and no timer thread has a part in it; and a half-open
 * phase whose probes do not come back is given up.
 */
final class Breaker {
    /** How long resilience4j stays open: a phase that has ended must not begin another by itself. */
    private static final Duration NEVER = Duration.ofDays(36_500);

    /*
     * INVARIANT: of each phase the instance of resilience4j makes one transition, to the state in which the phase ends.
     * Whoever sees that its state is no longer that of the phase replaces the phase by compareAndSet: usually the thread
     * whose record made the transition; if that one dies in between, the next that asks for a permit.
     */
    private final AtomicReference<Phase> current;
    private final String name;
    private final Object owner;
    private final TimeSource time;
    private final RandomGenerator random;
    private final LongAdder late;
    /** What resilience4j is told of every failure: it wants a throwable, and none is made for an error value. */
    private final Failure failure = new Failure();

    private volatile Settings settings;

    /**
     * What may change while it runs.
     *
     * @param probeNanos how long a probe may take before it is given up
     */
    record Settings(BreakerPolicy policy, long probeNanos, Notices notices) {}

    Breaker(String name, Object owner, Settings settings, TimeSource time, RandomGenerator random, LongAdder late) {
        this.name = name;
        this.owner = owner;
        this.settings = settings;
        this.time = time;
        this.random = random;
        this.late = late;
        current = new AtomicReference<>(closed(time.nanoTime(), 0));
    }

    /** {@return the phase that permits a call, which must be told the result or given the permit back; or null} */
    @Nullable
    Phase tryAcquire(long nowNanos) {
        while (true) {
            Phase phase = current();
            CircuitBreaker counter = phase.counter;
            if (counter == null) {
                if (nowNanos - phase.untilNanos < 0) {
                    return null;
                }
                probe(phase, nowNanos);
            } else if (counter.tryAcquirePermission()) {
                if (phase.state != CircuitBreaker.State.HALF_OPEN || counter.getState() == phase.state) {
                    phase.lastPermitNanos = nowNanos;
                    return phase;
                }
                end(phase, counter, nowNanos); // it has just judged: what it permits now is no probe
            } else if (counter.getState() != phase.state) {
                end(phase, counter, nowNanos);
            } else if (nowNanos - phase.lastPermitNanos < settings.probeNanos) {
                return null;
            } else {
                // Its probes are lost: they never came back, and nobody can know whether they will.
                open(phase, nowNanos, phase.lastError, 0);
            }
        }
    }

    /** Gives back a permit whose call said nothing of the dependency. */
    void release(Phase permit) {
        CircuitBreaker counter = permit.counter;
        if (counter != null && permit == current()) {
            counter.releasePermission();
        }
    }

    void success(Phase permit, long callNanos, long nowNanos) {
        Phase phase = current();
        CircuitBreaker counter = phase.counter;
        if (phase.epoch != permit.epoch || counter == null) {
            late.increment();
            return;
        }
        counter.onSuccess(callNanos, TimeUnit.NANOSECONDS);
        if (counter.getState() != phase.state) {
            end(phase, counter, nowNanos);
        }
    }

    void failure(Phase permit, long callNanos, long nowNanos, DomainError error) {
        Phase phase = current();
        CircuitBreaker counter = phase.counter;
        if (phase.epoch != permit.epoch || counter == null) {
            late.increment();
            return;
        }
        phase.lastError = error.code();
        phase.hintNanos = error.retryAfter().map(Deadline::nanos).orElse(0L);
        counter.onError(callNanos, TimeUnit.NANOSECONDS, failure);
        if (counter.getState() != phase.state) {
            end(phase, counter, nowNanos);
        }
    }

    /** {@return why no call is let through} */
    Rejection rejection(long nowNanos) {
        Phase phase = current();
        Rejection cached = phase.rejection;
        if (cached != null && (phase.counter != null || nowNanos - phase.rejectedNanos < phase.freshNanos)) {
            return cached;
        }
        long left = phase.untilNanos - nowNanos;
        Rejection made = Rejection.circuitOpen(
                owner, name, phase.lastError, phase.counter != null || left <= 0 ? null : Duration.ofNanos(left));
        phase.rejectedNanos = nowNanos;
        phase.rejection = made;
        return made;
    }

    /** {@return the state as the next call would find it}: an open wait that is over is no reason to refuse one. */
    PipelineState.Breaker state(long nowNanos) {
        Phase phase = current();
        return phase.counter == null && nowNanos - phase.untilNanos >= 0
                ? PipelineState.Breaker.HALF_OPEN
                : phase.shown();
    }

    /** {@return for how long it has not been closed} */
    long notClosedNanos(long nowNanos) {
        Phase phase = current();
        return phase.shown() == PipelineState.Breaker.CLOSED ? 0 : Math.max(0, nowNanos - phase.brokenNanos);
    }

    /** Takes new settings. What the closed phase has counted stays; other phases end as they began. */
    void reconfigure(Settings next) {
        BreakerPolicy before = settings.policy;
        settings = next;
        if (!before.equals(next.policy)) {
            adapt();
        }
    }

    /** Puts a closed phase under the present policy. What is recorded meanwhile, by some threads once, is not counted. */
    private void adapt() {
        Phase phase = current();
        while (phase.counter != null && phase.state == CircuitBreaker.State.CLOSED) {
            if (current.compareAndSet(phase, new Phase(phase.state, carried(phase.counter), phase))) {
                return;
            }
            phase = current();
        }
    }

    private Phase current() {
        return Objects.requireNonNull(current.get());
    }

    private void probe(Phase open, long nowNanos) {
        CircuitBreaker counter = CircuitBreaker.of(
                name,
                config().initialState(CircuitBreaker.State.HALF_OPEN)
                        .slidingWindowType(SlidingWindowType.COUNT_BASED)
                        .slidingWindowSize(settings.policy.probes())
                        .minimumNumberOfCalls(settings.policy.probes())
                        .build());
        Phase next =
                new Phase(CircuitBreaker.State.HALF_OPEN, counter, open.epoch + 1, open.reopened, open.brokenNanos);
        next.lastError = open.lastError;
        next.lastPermitNanos = nowNanos;
        if (current.compareAndSet(open, next)) {
            settings.notices.probing();
        }
    }

    /** Replaces a phase whose counter has judged. */
    private void end(Phase phase, CircuitBreaker counter, long nowNanos) {
        if (counter.getState() == CircuitBreaker.State.CLOSED) {
            BreakerPolicy policy = settings.policy;
            if (current.compareAndSet(phase, closed(nowNanos, phase.epoch + 1))) {
                // RACE: who changed the policy after this had read it saw no closed phase to adapt.
                if (!policy.equals(settings.policy)) {
                    adapt();
                }
                settings.notices.closed(phase.shown());
            }
        } else {
            open(phase, nowNanos, phase.lastError, phase.hintNanos);
        }
    }

    private void open(Phase phase, long nowNanos, ErrorCode lastError, long hintNanos) {
        boolean again = phase.shown() == PipelineState.Breaker.HALF_OPEN;
        int reopened = again ? phase.reopened + 1 : 0;
        double jitter = random.nextDouble();
        long max = Deadline.nanos(settings.policy.maxOpenFor());
        long wait = (long) (settings.policy.waitNanos(reopened) * (0.5 + jitter));
        // A dependency that said when to come back is not asked before, by anybody; nor by all at that moment.
        wait = Math.max(wait, Math.min(hintNanos + (long) (hintNanos * jitter / 2), max));
        Phase next = new Phase(
                CircuitBreaker.State.OPEN, null, phase.epoch + 1, reopened, again ? phase.brokenNanos : nowNanos);
        next.lastError = lastError;
        next.untilNanos = nowNanos + wait;
        next.freshNanos = Math.min(TimeUnit.SECONDS.toNanos(1), Math.max(1, wait / 64));
        if (current.compareAndSet(phase, next)) {
            settings.notices.opened(phase.shown(), lastError, wait);
        }
    }

    private Phase closed(long nowNanos, int epoch) {
        return new Phase(CircuitBreaker.State.CLOSED, CircuitBreaker.of(name, windowConfig()), epoch, 0, nowNanos);
    }

    private CircuitBreakerConfig windowConfig() {
        BreakerPolicy policy = settings.policy;
        boolean counted = policy.window() > 0;
        return config().slidingWindowType(counted ? SlidingWindowType.COUNT_BASED : SlidingWindowType.TIME_BASED)
                .slidingWindowSize(
                        counted ? policy.window() : (int) policy.period().toSeconds())
                .minimumNumberOfCalls(policy.minimumCalls())
                .build();
    }

    private CircuitBreakerConfig.Builder config() {
        BreakerPolicy policy = settings.policy;
        return CircuitBreakerConfig.custom()
                .failureRateThreshold((float) (policy.failureRate() * 100))
                .slowCallRateThreshold((float) (policy.slowRate() * 100))
                .slowCallDurationThreshold(Duration.ofNanos(Deadline.nanos(policy.slowAfter())))
                .permittedNumberOfCallsInHalfOpenState(policy.probes())
                .waitDurationInOpenState(NEVER)
                .transitionOnResult(Breaker::none)
                .clock(new ElapsedClock(time));
    }

    private static CircuitBreakerConfig.TransitionCheckResult none(Either<Object, Throwable> result) {
        return NO_TRANSITION;
    }

    private static final CircuitBreakerConfig.TransitionCheckResult NO_TRANSITION =
            CircuitBreakerConfig.TransitionCheckResult.noTransition();

    /**
     * {@return a counter under the present policy that has counted what another has} Which calls failed, and when, is not
     * known any more: they are spread evenly, so that neither a smaller window nor the calls that leave it change the rates.
     */
    private CircuitBreaker carried(CircuitBreaker from) {
        CircuitBreaker.Metrics counted = from.getMetrics();
        CircuitBreaker to = CircuitBreaker.of(name, windowConfig());
        long slowNanos = Deadline.nanos(settings.policy.slowAfter()) + 1;
        long calls = counted.getNumberOfBufferedCalls();
        long failed = counted.getNumberOfFailedCalls();
        long slow = counted.getNumberOfSlowCalls();
        int window = settings.policy.window();
        long kept = window > 0 ? Math.min(window, calls) : calls;
        for (long i = 1; i <= kept; i++) {
            long nanos = isOneOf(slow, calls, i) ? slowNanos : 0;
            if (isOneOf(failed, calls, i)) {
                to.onError(nanos, TimeUnit.NANOSECONDS, failure);
            } else {
                to.onSuccess(nanos, TimeUnit.NANOSECONDS);
            }
        }
        return to;
    }

    /** {@return whether the i-th of so many calls is one of some that are spread evenly} Never more than their share are early. */
    private static boolean isOneOf(long some, long calls, long i) {
        return i * some / calls > (i - 1) * some / calls;
    }

    /** A time between two transitions. What is not final is written by whoever comes last: any of the values is good. */
    static final class Phase {
        private final CircuitBreaker.State state;
        /** Null while open. */
        private final @Nullable CircuitBreaker counter;
        /** Tells phases apart, but not what a change of the policy makes of one. */
        private final int epoch;
        /** How often in a row the probes of an open phase failed. */
        private final int reopened;
        /** Since when it has not been closed, if it is not. */
        private final long brokenNanos;

        private long untilNanos;
        private long freshNanos;
        private volatile long lastPermitNanos;
        private volatile ErrorCode lastError = ResilienceErrors.CALL_FAILED;
        private volatile long hintNanos;
        private volatile @Nullable Rejection rejection;
        private volatile long rejectedNanos;

        Phase(CircuitBreaker.State state, @Nullable CircuitBreaker counter, int epoch, int reopened, long brokenNanos) {
            this.state = state;
            this.counter = counter;
            this.epoch = epoch;
            this.reopened = reopened;
            this.brokenNanos = brokenNanos;
        }

        /** The same phase with another counter. */
        Phase(CircuitBreaker.State state, CircuitBreaker counter, Phase same) {
            this(state, counter, same.epoch, same.reopened, same.brokenNanos);
            lastError = same.lastError;
            hintNanos = same.hintNanos;
        }

        PipelineState.Breaker shown() {
            return switch (state) {
                case OPEN -> PipelineState.Breaker.OPEN;
                case HALF_OPEN -> PipelineState.Breaker.HALF_OPEN;
                default -> PipelineState.Breaker.CLOSED;
            };
        }
    }

    private static final class Failure extends RuntimeException {
        private static final long serialVersionUID = 1;

        private Failure() {
            super("a call returned an error", null, /* enableSuppression= */ false, /* writableStackTrace= */ false);
        }
    }

    /** Elapsed time as resilience4j wants it: a jump of the wall clock moves no window. */
    private static final class ElapsedClock extends Clock {
        private final TimeSource time;
        private final long originNanos;

        ElapsedClock(TimeSource time) {
            this.time = time;
            originNanos = time.nanoTime();
        }

        @Override
        public Instant instant() {
            return Instant.EPOCH.plusNanos(time.nanoTime() - originNanos);
        }

        @Override
        public long millis() {
            return TimeUnit.NANOSECONDS.toMillis(time.nanoTime() - originNanos);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
