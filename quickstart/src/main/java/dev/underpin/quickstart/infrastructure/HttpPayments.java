package dev.underpin.quickstart.infrastructure;

import dev.underpin.quickstart.application.Payments;
import dev.underpin.quickstart.domain.Card;
import dev.underpin.quickstart.domain.Money;
import dev.underpin.resilience.Attempt;
import dev.underpin.resilience.BreakerPolicy;
import dev.underpin.resilience.Call;
import dev.underpin.resilience.Deadline;
import dev.underpin.resilience.Pipeline;
import dev.underpin.resilience.ResilienceErrors;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.Retry;
import dev.underpin.result.Unit;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;

/** The payment service, over HTTP. Thread-safe. */
public final class HttpPayments implements Payments {
    /** By then the lease of the request has ended, too, and whoever sends it again goes on. */
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private static final int DECLINED = 402;

    private final RemoteService service;
    private final Pipeline pipeline;

    /**
     * A client.
     *
     * @param service where the service is
     * @param pipeline around each charge
     */
    public HttpPayments(URI service, Pipeline pipeline) {
        this.service = new RemoteService(service);
        this.pipeline = pipeline;
    }

    /** {@return how the service is called, unless settings say otherwise} Payments are few, so few of them must tell. */
    public static Pipeline.Builder pipeline() {
        return Pipeline.named("payments")
                .deadline(Duration.ofSeconds(8))
                .attemptTimeout(Duration.ofSeconds(3))
                .breaker(BreakerPolicy.standard().failureRate(0.5, 20, 10));
    }

    @Override
    public Result<Unit, DomainError> charge(String key, Card card, Money amount, Deadline deadline) {
        return pipeline.call(Call.idempotent(key).within(deadline), attempt -> charge(attempt, card, amount))
                .mapError(HttpPayments::told);
    }

    private Result<Unit, DomainError> charge(Attempt attempt, Card card, Money amount)
            throws IOException, InterruptedException {
        var request = service.request("/charges", attempt)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(
                        "card=" + card.token() + "&amount=" + amount.amount().toPlainString()));
        var answer = service.send(request);
        return switch (answer.statusCode()) {
            case 200, 201 -> Result.ok();
            case DECLINED -> Result.err(CARD_DECLINED.error());
            default -> Result.err(RemoteService.refusal(answer, PAYMENTS_UNAVAILABLE));
        };
    }

    /**
     * What a client can make use of: whose time is over, or that nobody was asked. All else is that the card cannot be
     * charged; that we ask too often, or were interrupted, is no fault of the client's. It may have been charged, so only
     * the same key makes a repeat harmless.
     */
    private static DomainError told(DomainError error) {
        if (error.is(CARD_DECLINED) || error.kind() == ErrorKind.INTERNAL) {
            return error;
        }
        boolean telling = error.kind() == ErrorKind.TIMEOUT || error.is(ResilienceErrors.CIRCUIT_OPEN);
        ErrorCode code = telling ? error.code() : PAYMENTS_UNAVAILABLE;
        Duration wait =
                error.retryAfter().filter(asked -> asked.compareTo(PAUSE) > 0).orElse(PAUSE);
        var told = DomainError.builder(code)
                .args(error.args())
                .retry(Retry.IF_IDEMPOTENT)
                .retryAfter(wait);
        error.cause().ifPresent(told::cause);
        return told.build();
    }
}
