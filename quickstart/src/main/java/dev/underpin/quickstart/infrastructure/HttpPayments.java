package dev.underpin.quickstart.infrastructure;

import dev.underpin.quickstart.domain.Card;
import dev.underpin.quickstart.domain.Money;
import dev.underpin.quickstart.domain.Payments;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.Retry;
import dev.underpin.result.Unit;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** The payment service, over HTTP. Thread-safe. */
public final class HttpPayments implements Payments {
    private static final Duration MAX_CONNECT = Duration.ofSeconds(2);
    private static final Duration MAX_ANSWER = Duration.ofSeconds(10);
    /** By then the lease of the request has ended, too, and whoever sends it again goes on. */
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private static final int DECLINED = 402;

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(MAX_CONNECT)
            .build();
    private final URI charges;

    /**
     * A client.
     *
     * @param service where the service is
     */
    public HttpPayments(URI service) {
        this.charges = service.resolve("/charges");
    }

    @Override
    public Result<Unit, DomainError> charge(String key, Card card, Money amount) {
        var request = HttpRequest.newBuilder(charges)
                .timeout(MAX_ANSWER)
                .header("Idempotency-Key", key)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(
                        "card=" + card.token() + "&amount=" + amount.amount().toPlainString()))
                .build();
        try {
            int status = client.send(request, BodyHandlers.discarding()).statusCode();
            return switch (status) {
                case 200, 201 -> Result.ok();
                case DECLINED -> Result.err(CARD_DECLINED.error());
                default -> unavailable(new IOException("The payment service answered " + status));
            };
        } catch (IOException e) {
            return unavailable(e);
        } catch (InterruptedException e) { // the lease is lost, or the service stops
            Thread.currentThread().interrupt();
            return unavailable(e);
        }
    }

    /** The card may have been charged, so only the same key makes a repeat harmless. */
    private static Result<Unit, DomainError> unavailable(Exception cause) {
        return Result.err(DomainError.builder(PAYMENTS_UNAVAILABLE)
                .retry(Retry.IF_IDEMPOTENT)
                .retryAfter(PAUSE)
                .cause(cause)
                .build());
    }
}
