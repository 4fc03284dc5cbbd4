package dev.underpin.quickstart.infrastructure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.quickstart.application.Payments;
import dev.underpin.quickstart.domain.Card;
import dev.underpin.quickstart.domain.Money;
import dev.underpin.quickstart.downstream.Condition;
import dev.underpin.quickstart.downstream.FlakyPayments;
import dev.underpin.quickstart.downstream.FlakyPayments.Fault;
import dev.underpin.resilience.BreakerPolicy;
import dev.underpin.resilience.Deadline;
import dev.underpin.resilience.Pipeline;
import dev.underpin.resilience.PipelineState;
import dev.underpin.resilience.ResilienceErrors;
import dev.underpin.resilience.RetryPolicy;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.Result;
import dev.underpin.result.Retry;
import dev.underpin.result.Unit;
import dev.underpin.result.spi.TimeSource;
import java.math.BigDecimal;
import java.net.ConnectException;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class HttpPaymentsTest {
    private static final Duration LONG = Duration.ofHours(1);

    private final FlakyPayments service = FlakyPayments.start();
    private final Pipeline pipeline = HttpPayments.pipeline()
            .deadline(LONG)
            .attemptTimeout(LONG)
            .retry(RetryPolicy.standard().backoff(Duration.ofMillis(1), Duration.ofMillis(1)))
            .breaker(BreakerPolicy.standard().failureRate(1, 3, 3).openFor(LONG, LONG))
            .build();
    private final HttpPayments payments = new HttpPayments(service.uri(), pipeline);

    @AfterEach
    void close() {
        service.close();
    }

    @Test
    void charge_well_isPaid() {
        assertThat(charge(LONG)).isEqualTo(Result.ok());
        assertThat(service.requests()).isEqualTo(1);
        assertThat(service.repeats()).isZero();
    }

    @Test
    void charge_declined_isAnAnswerAndNoFailure() {
        service.next(Fault.DECLINE);

        assertThat(charge(LONG)).isEqualTo(Result.err(Payments.CARD_DECLINED.error()));
        assertThat(service.requests()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(names = {"UNAVAILABLE", "DROP"})
    void charge_failsOnce_isPaidOnceByTheSecondAttempt(Fault fault) {
        service.next(fault);

        assertThat(charge(LONG)).isEqualTo(Result.ok());
        assertThat(service.repeats()).isEqualTo(1);
        chargedOnce();
    }

    @Test
    void charge_flaky_isPaidByTheSecondAttempt() {
        service.be(Condition.FLAKY);

        assertThat(charge(LONG)).isEqualTo(Result.ok());
        assertThat(service.requests()).isEqualTo(2);
        chargedOnce();
    }

    @Test
    void charge_down_isAskedThreeTimes_andThenNotAtAll() {
        service.be(Condition.DOWN);

        DomainError down = error(charge(LONG));
        DomainError refused = error(charge(LONG));

        assertMayHaveBeenCharged(down, Payments.PAYMENTS_UNAVAILABLE);
        assertThat(down.retryAfter()).contains(Duration.ofSeconds(5));
        assertMayHaveBeenCharged(refused, ResilienceErrors.CIRCUIT_OPEN);
        assertThat(refused.retryAfter().orElseThrow()).isBetween(Duration.ofMinutes(29), Duration.ofMinutes(91));
        assertThat(service.requests()).isEqualTo(3);
        assertThat(service.repeats()).isEqualTo(2);
    }

    /** The answer takes longer than the client waits; the money has moved all the same. */
    @Test
    void charge_slowerThanTheDeadline_isATimeout_andChargedOnceWhenSentAgain() {
        service.be(Condition.SLOW);

        DomainError timedOut = error(charge(Duration.ofMillis(500)));
        service.be(Condition.WELL);
        Result<Unit, DomainError> again = charge(LONG);

        assertMayHaveBeenCharged(timedOut, ResilienceErrors.ATTEMPT_TIMEOUT);
        assertThat(again).isEqualTo(Result.ok());
        chargedOnce();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void charge_deadlineOver_isNotAsked() {
        assertMayHaveBeenCharged(error(charge(Duration.ZERO)), ResilienceErrors.DEADLINE_EXCEEDED);
        assertThat(service.requests()).isZero();
    }

    /** That we ask too often is no 429 of our own client's. */
    @Test
    void charge_busy_isNotAskedAgain_andTellsHowLongToWait() {
        service.be(Condition.BUSY);
        var impatient = new HttpPayments(
                service.uri(),
                HttpPayments.pipeline().deadline(Duration.ofSeconds(30)).build());

        DomainError busy = error(impatient.charge("key", card(), amount(), within(LONG)));

        assertMayHaveBeenCharged(busy, Payments.PAYMENTS_UNAVAILABLE);
        assertThat(busy.retryAfter()).contains(Duration.ofMinutes(1));
        assertThat(service.requests()).isEqualTo(1);
    }

    @Test
    void charge_nobodyThere_isUnavailableWithItsCause() {
        URI nobody = service.uri();
        service.close();

        DomainError error = error(charge(LONG));

        assertMayHaveBeenCharged(error, Payments.PAYMENTS_UNAVAILABLE);
        assertThat(error.cause()).containsInstanceOf(ConnectException.class);
        assertThat(nobody).isEqualTo(service.uri());
    }

    @Test
    void charge_interrupted_isUnavailableAndStaysInterrupted() {
        Thread.currentThread().interrupt();

        DomainError error = error(charge(LONG));

        assertThat(Thread.interrupted()).isTrue();
        assertMayHaveBeenCharged(error, Payments.PAYMENTS_UNAVAILABLE);
        assertThat(pipeline.state().breaker()).isEqualTo(PipelineState.Breaker.CLOSED);
        assertThat(service.requests()).isZero();
    }

    private Result<Unit, DomainError> charge(Duration within) {
        return payments.charge("key", card(), amount(), within(within));
    }

    private static Deadline within(Duration left) {
        return Deadline.after(left, TimeSource.system());
    }

    private static Card card() {
        return new Card("tok_1");
    }

    private static Money amount() {
        return new Money(BigDecimal.TEN);
    }

    private static DomainError error(Result<Unit, DomainError> result) {
        assertThat(result.isOk()).isFalse();
        return ((Result.Err<Unit, DomainError>) result).error();
    }

    private static void assertMayHaveBeenCharged(DomainError error, ErrorCode code) {
        assertThat(error.code()).isEqualTo(code);
        assertThat(error.retry()).isEqualTo(Retry.IF_IDEMPOTENT);
        assertThat(error.retryAfter()).isPresent();
    }

    private void chargedOnce() {
        assertThat(service.ledger())
                .singleElement()
                .satisfies(entry -> assertThat(entry.charges()).isEqualTo(1));
    }
}
