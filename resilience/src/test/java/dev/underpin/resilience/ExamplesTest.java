package dev.underpin.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.spi.TimeSource;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The examples of the README. */
class ExamplesTest {
    record Order(String id) {}

    record Receipt(String id) {}

    record Quote(int percent) {
        static final Quote DEFAULT = new Quote(100);
    }

    interface Client {
        Result<Quote, DomainError> assess(Order order, Duration timeout, Map<String, String> headers);

        Result<Receipt, DomainError> charge(Order order, Map<String, String> headers);
    }

    record Service(Client client, TimeSource time, Pipeline risk, LoadShedder door) {
        Result<Quote, DomainError> quote(Order order) {
            return risk.<Quote>call(
                            Call.idempotent(), attempt -> client.assess(order, attempt.remaining(), attempt.headers()))
                    .recoverWith(error ->
                            error.kind() == ErrorKind.UNAVAILABLE ? Result.ok(Quote.DEFAULT) : Result.err(error));
        }

        Result<Receipt, DomainError> serve(Map<String, String> headers, Order order) {
            Deadline deadline = Deadline.parse(headers.get(Deadline.HEADER), time)
                    .orElseGet(() -> Deadline.after(Duration.ofSeconds(2), time));
            return door.call(
                    deadline,
                    () -> risk.call(
                            Call.idempotent().within(deadline), attempt -> client.charge(order, attempt.headers())));
        }
    }

    private static final Order ORDER = new Order("1");

    private final VirtualTime time = new VirtualTime();

    private Service service(Client client) {
        Pipeline risk = Pipeline.named("risk")
                .attemptTimeout(Duration.ofMillis(300))
                .deadline(Duration.ofMillis(900))
                .time(time)
                .build();
        return new Service(
                client, time, risk, LoadShedder.named("http").time(time).build());
    }

    @Test
    void quote_ofADependencyThatIsGone_isTheDefault() {
        Service service = service(new Client() {
            @Override
            public Result<Quote, DomainError> assess(Order order, Duration timeout, Map<String, String> headers) {
                return Result.err(ErrorKind.UNAVAILABLE.code().error());
            }

            @Override
            public Result<Receipt, DomainError> charge(Order order, Map<String, String> headers) {
                return Result.ok(new Receipt(headers.get(Deadline.HEADER)));
            }
        });

        assertThat(service.quote(ORDER)).isEqualTo(Result.ok(Quote.DEFAULT));
        assertThat(service.serve(Map.of(Deadline.HEADER, "200"), ORDER)).isEqualTo(Result.ok(new Receipt("200")));
        assertThat(service.serve(Map.of(Deadline.HEADER, "0"), ORDER).fold(ok -> null, DomainError::code))
                .isEqualTo(ResilienceErrors.DEADLINE_EXCEEDED);
    }

    @Test
    void build_withSettings_overridesTheCode() {
        Pipeline pipeline = Pipeline.named("risk")
                .retry(RetryPolicy.standard().attempts(5))
                .build(List.of(Map.of("RES_RISK_RETRY_MAX_ATTEMPTS", "2")))
                .orElseThrow();

        assertThat(pipeline.describe()).containsEntry("res.risk.retry.max-attempts", "2");
    }
}
