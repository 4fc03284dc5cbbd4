package dev.underpin.quickstart.infrastructure;

import dev.underpin.resilience.Attempt;
import dev.underpin.resilience.RetryAfter;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Retry;
import dev.underpin.result.spi.TimeSource;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One service of somebody else's, over HTTP, as the attempts of a pipeline call it. Thread-safe. */
final class RemoteService {
    private static final Duration MAX_CONNECT = Duration.ofSeconds(2);
    private static final Duration LEAST = Duration.ofMillis(1);
    private static final int TOO_MANY_REQUESTS = 429;

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(MAX_CONNECT)
            .build();
    private final URI service;

    RemoteService(URI service) {
        this.service = service;
    }

    /** {@return a request that says what the attempt says, and gives up with it} */
    HttpRequest.Builder request(String path, Attempt attempt) {
        Duration left = attempt.remaining();
        // No time at all is no timeout that the client takes.
        var request = HttpRequest.newBuilder(service.resolve(path)).timeout(left.compareTo(LEAST) < 0 ? LEAST : left);
        attempt.headers().forEach(request::header);
        return request;
    }

    HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    /** {@return what it means that the service did not do it} Whether it did nothing at all, a status does not say. */
    static DomainError refusal(HttpResponse<?> answer, ErrorCode unavailable) {
        boolean throttled = answer.statusCode() == TOO_MANY_REQUESTS;
        var error = DomainError.builder(throttled ? ErrorKind.RATE_LIMITED.code() : unavailable)
                .retry(Retry.IF_IDEMPOTENT)
                .cause(new IOException("The service answered " + answer.statusCode()));
        RetryAfter.parse(header(answer, "Retry-After"), header(answer, "RateLimit"), TimeSource.system())
                .ifPresent(error::retryAfter);
        return error.build();
    }

    private static @Nullable String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse(null);
    }
}
