package dev.underpin.quickstart.infrastructure;

import dev.underpin.quickstart.application.Courier;
import dev.underpin.quickstart.domain.Sku;
import dev.underpin.resilience.Attempt;
import dev.underpin.resilience.Call;
import dev.underpin.resilience.Deadline;
import dev.underpin.resilience.Pipeline;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;

/** The courier, over HTTP. Thread-safe. */
public final class HttpCourier implements Courier {
    private static final int OK = 200;

    private final RemoteService service;
    private final Pipeline pipeline;

    /**
     * A client.
     *
     * @param service where the service is
     * @param pipeline around each question
     */
    public HttpCourier(URI service, Pipeline pipeline) {
        this.service = new RemoteService(service);
        this.pipeline = pipeline;
    }

    /** {@return how the service is called, unless settings say otherwise} There is a fallback, so it is not waited for long. */
    public static Pipeline.Builder pipeline() {
        return Pipeline.named("courier").deadline(Duration.ofSeconds(1));
    }

    @Override
    public Result<Integer, DomainError> days(Sku product, Deadline deadline) {
        return pipeline.call(Call.idempotent().within(deadline), attempt -> days(attempt, product));
    }

    private Result<Integer, DomainError> days(Attempt attempt, Sku product) throws IOException, InterruptedException {
        var answer = service.send(service.request("/estimates?sku=" + product.value(), attempt));
        if (answer.statusCode() != OK) {
            return Result.err(RemoteService.refusal(answer, ErrorKind.UNAVAILABLE.code()));
        }
        return Result.attempt(NumberFormatException.class, () -> Integer.valueOf(answer.body()))
                .mapError(e -> DomainError.builder(ErrorKind.BAD_GATEWAY.code())
                        .cause(e)
                        .build());
    }
}
