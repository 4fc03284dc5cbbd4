package dev.underpin.quickstart.http;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import io.javalin.config.RoutesConfig;
import java.time.Duration;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Two questions of a platform. Alive: should this process be replaced? Nothing outside it counts. Ready: should it get
 * requests? Not while its database is away, and not any more once it is stopping.
 */
final class HealthRoutes {
    private static final Duration ASK_AGAIN = Duration.ofSeconds(1);

    private final BooleanSupplier isReady;

    HealthRoutes(BooleanSupplier isReady) {
        this.isReady = isReady;
    }

    void register(RoutesConfig routes, Answers answers) {
        var live = answers.to(http -> Result.ok(Map.of("status", "LIVE")));
        var ready = answers.to(http -> readiness());
        routes.get("/health/live", live);
        routes.head("/health/live", live);
        routes.get("/health/ready", ready);
        routes.head("/health/ready", ready);
    }

    private Result<Map<String, String>, DomainError> readiness() {
        return isReady.getAsBoolean()
                ? Result.ok(Map.of("status", "READY"))
                : Result.err(DomainError.builder(ErrorKind.UNAVAILABLE.code())
                        .retryAfter(ASK_AGAIN)
                        .build());
    }
}
