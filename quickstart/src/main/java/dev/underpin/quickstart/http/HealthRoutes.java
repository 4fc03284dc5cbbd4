package dev.underpin.quickstart.http;

import dev.underpin.caching.CacheCounters;
import dev.underpin.resilience.Pipeline;
import dev.underpin.resilience.PipelineState;
import dev.underpin.resilience.PipelineState.Readiness;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import io.javalin.config.RoutesConfig;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Two questions of a platform, and one of its graphs. Alive: should this process be replaced? Nothing outside it counts. Ready: should it get
 * requests? Not while its database is away, and not any more once it is stopping. Services of others are shown, and make
 * it unready only where a setting says that it is of no use without them.
 */
final class HealthRoutes {
    private static final Duration ASK_AGAIN = Duration.ofSeconds(1);

    private final BooleanSupplier isStopping;
    private final Health health;

    HealthRoutes(BooleanSupplier isStopping, Health health) {
        this.isStopping = isStopping;
        this.health = health;
    }

    void register(RoutesConfig routes, Answers answers) {
        var live = answers.to(http -> Result.ok(Map.of("status", "LIVE")));
        var ready = answers.to(http -> readiness());
        routes.get("/health/live", live);
        routes.head("/health/live", live);
        routes.get("/health/ready", ready);
        routes.head("/health/ready", ready);
        var caches = answers.to(http -> Result.ok(Map.of("products", CacheView.of(health.products()))));
        routes.get("/health/caches", caches);
        routes.head("/health/caches", caches);
    }

    /** A service of somebody else's, as it looks from here. */
    record DependencyView(Readiness readiness, PipelineState.Breaker breaker, long notClosedMillis, double budget) {
        static DependencyView of(PipelineState state) {
            return new DependencyView(
                    state.readiness(), state.breaker(), state.notClosedFor().toMillis(), state.budget());
        }
    }

    /** What a cache did since the start: counts for a graph, and nothing to act upon. */
    record CacheView(
            long hits,
            long misses,
            long coalesced,
            long loads,
            long failedLoads,
            long refreshes,
            long stale,
            long discarded) {
        static CacheView of(CacheCounters counters) {
            return new CacheView(
                    counters.hits(),
                    counters.misses(),
                    counters.coalesced(),
                    counters.loads(),
                    counters.failedLoads(),
                    counters.refreshes(),
                    counters.stale(),
                    counters.discarded());
        }
    }

    /** What {@code GET /health/ready} shows. */
    record ReadyView(String status, Map<String, DependencyView> dependencies) {}

    private Result<ReadyView, DomainError> readiness() {
        List<PipelineState> states =
                health.dependencies().stream().map(Pipeline::state).toList();
        boolean isReady = !isStopping.getAsBoolean()
                && states.stream().noneMatch(state -> state.readiness() == Readiness.OUT_OF_SERVICE)
                && health.isReachable().getAsBoolean();
        if (!isReady) {
            return Result.err(DomainError.builder(ErrorKind.UNAVAILABLE.code())
                    .retryAfter(ASK_AGAIN)
                    .build());
        }
        boolean isWhole = states.stream().allMatch(state -> state.readiness() == Readiness.UP);
        Map<String, DependencyView> views = new LinkedHashMap<>();
        states.forEach(state -> views.put(state.name(), DependencyView.of(state)));
        return Result.ok(new ReadyView(isWhole ? "READY" : "DEGRADED", views));
    }
}
