package dev.underpin.resilience;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What a {@link Pipeline} is doing, for details of a readiness check. Never for liveness: a restart does not help against
 * a dependency that is down. A snapshot; its parts may be some calls apart.
 *
 * @param name the name of the dependency
 * @param breaker the state of the breaker
 * @param notClosedFor for how long it has not been closed; zero if it is
 * @param inFlight how many attempts are running; counted only where {@code maxConcurrent} limits them, else -1
 * @param budget what is left of the retry budget: tokens, or retries
 * @param lateResults how many results came too late for the breaker: it had changed its state meanwhile
 * @param listenerErrors how often a listener, or a table given to the builder, threw
 * @param critical for how long the dependency may be gone before this instance should get no traffic, if ever
 */
public record PipelineState(
        String name,
        Breaker breaker,
        Duration notClosedFor,
        int inFlight,
        double budget,
        long lateResults,
        long listenerErrors,
        Optional<Duration> critical) {
    /** The state of a circuit breaker. */
    public enum Breaker {
        /** Calls are let through. */
        CLOSED,
        /** No call is let through. */
        OPEN,
        /** Some calls are let through, to find out; the next one is, if none was yet. */
        HALF_OPEN,
        /** There is none. */
        OFF
    }

    /** What a readiness check should say. */
    public enum Readiness {
        /** All is well. */
        UP,
        /** Ready, and something is missing: to be shown, not to be acted upon. */
        DEGRADED,
        /** Without this dependency the instance is of no use. */
        OUT_OF_SERVICE
    }

    /** Checks that nothing is null. */
    public PipelineState {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(breaker, "breaker");
        Objects.requireNonNull(notClosedFor, "notClosedFor");
        Objects.requireNonNull(critical, "critical");
    }

    /**
     * {@return what this means for readiness}: a breaker that is not closed makes it degraded, and out of service only while
     * calls are refused, if the dependency was declared critical and has been gone for longer than its grace. If every
     * instance leaves the load balancer because of one dependency, there is nobody left to answer with a fallback; and one
     * that got no traffic again when the wait is over would never find out that the dependency is back.
     */
    public Readiness readiness() {
        if (breaker == Breaker.CLOSED || breaker == Breaker.OFF) {
            return Readiness.UP;
        }
        return breaker == Breaker.OPEN && critical.isPresent() && notClosedFor.compareTo(critical.get()) > 0
                ? Readiness.OUT_OF_SERVICE
                : Readiness.DEGRADED;
    }
}
