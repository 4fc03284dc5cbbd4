package org.example;

import dev.underpin.resilience.Call;
import dev.underpin.resilience.Pipeline;
import dev.underpin.resilience.RateLimiter;
import dev.underpin.resilience.RetryPolicy;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.net.ConnectException;
import java.time.Duration;

/** A call that succeeds at its third attempt, one that is not repeated, and a limit. */
public final class Main {
    private static final Pipeline RISK = Pipeline.named("risk")
            .retry(RetryPolicy.standard().backoff(Duration.ofMillis(1), Duration.ofMillis(2)))
            .build();

    private Main() {}

    public static void main(String[] arguments) {
        Result<String, DomainError> quote = RISK.call(Call.once(), attempt -> {
            if (attempt.number() < 3) {
                throw new ConnectException("refused");
            }
            return Result.ok("quote of attempt " + attempt.number());
        });
        System.out.println(shown(quote));
        System.out.println(shown(RISK.call(Call.once(), attempt -> Result.err(ErrorKind.TIMEOUT.code().error()))));
        RateLimiter<String> limiter = RateLimiter.named("api").limit(1, Duration.ofHours(1)).build();
        System.out.println(limiter.tryAcquire("me").isOk() + " " + shown(limiter.tryAcquire("me").map(ok -> "")));
    }

    private static String shown(Result<String, DomainError> result) {
        return result.fold(value -> value, error -> error.code().name());
    }
}
