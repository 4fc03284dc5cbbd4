package dev.underpin.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.Retry;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OperationTest {
    private static final OutcomeTest.Texts TEXT = OutcomeTest.Texts.INSTANCE;

    @Test
    void build_defaults_areThoseOfTheDocumentation() {
        Operation<String> operation = Operation.named("orders.place").build(TEXT);

        assertThat(operation.name()).isEqualTo("orders.place");
        assertThat(operation.ttl()).isEqualTo(Duration.ofDays(1));
        assertThat(operation.lease()).isEqualTo(Duration.ofSeconds(30));
        assertThat(operation.maxWait()).isZero();
        assertThat(operation).hasToString("Operation[orders.place]");
        assertThat(operation.encode(Result.ok("x".repeat(256 * 1024)))).hasSize(256 * 1024 + 2);
        assertThat(operation.encode(Result.ok("x".repeat(256 * 1024 + 1)))).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1a", "/orders/{id}", "a b", "\u00e9"})
    void named_noName_isRefused(String name) {
        assertThatThrownBy(() -> Operation.named(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("name must match");
    }

    @Test
    void named_length_isAtMost100() {
        assertThat(Operation.named("a".repeat(100)).build(TEXT).name()).hasSize(100);
        assertThatThrownBy(() -> Operation.named("a".repeat(101))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void builder_valuesOutOfRange_areRefused() {
        Operation.Builder builder = Operation.named("pay");

        assertThatThrownBy(() -> builder.lease(Duration.ofMillis(999)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("lease must be at least PT1S: PT0.999S");
        assertThatThrownBy(() -> builder.maxWait(Duration.ofNanos(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("wait must not be negative: PT-0.000000001S");
        assertThatThrownBy(() -> builder.maxAnswer(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("bytes must be at least 1: 0");
        assertThat(builder.lease(Duration.ofSeconds(1))
                        .maxAnswer(1)
                        .maxWait(Duration.ZERO)
                        .build(TEXT)
                        .lease())
                .isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void build_ttlOfLessThanTenLeases_isRefused() {
        Operation.Builder builder = Operation.named("pay").lease(Duration.ofMinutes(1));

        assertThat(builder.ttl(Duration.ofMinutes(10)).build(TEXT).ttl()).isEqualTo(Duration.ofMinutes(10));
        assertThatThrownBy(
                        () -> builder.ttl(Duration.ofMinutes(10).minusNanos(1)).build(TEXT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("ttl must be at least 10 leases of PT1M: PT9M59.999999999S");
    }

    @Test
    void ttl_longerThanAnyStoreCounts_isRefused() {
        Operation.Builder builder = Operation.named("pay");

        assertThat(builder.ttl(Duration.ofDays(36_500)).build(TEXT).ttl()).isEqualTo(Duration.ofDays(36_500));
        assertThatThrownBy(() -> builder.ttl(Duration.ofDays(36_500).plusNanos(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("ttl must be at most PT876000H: PT876000H0.000000001S");
    }

    @Test
    void poll_waited_growsAndEndsWithTheWait() {
        Operation<String> none = Operation.named("pay").build(TEXT);
        Operation<String> waiting =
                Operation.named("pay").maxWait(Duration.ofSeconds(10)).build(TEXT);
        RandomGenerator least = () -> 0; // no jitter

        assertThat(none.poll(Duration.ZERO, least)).isEmpty();
        assertThat(waiting.poll(Duration.ZERO, least)).contains(Duration.ofMillis(25));
        assertThat(waiting.poll(Duration.ofMillis(400), least)).contains(Duration.ofMillis(100));
        assertThat(waiting.poll(Duration.ofSeconds(9), least)).contains(Duration.ofMillis(400));
        assertThat(waiting.poll(Duration.ofMillis(9_900), least)).contains(Duration.ofMillis(100));
        assertThat(waiting.poll(Duration.ofSeconds(10), least)).isEmpty();
        assertThat(waiting.poll(Duration.ZERO, () -> -1L).orElseThrow())
                .isBetween(Duration.ofMillis(18), Duration.ofMillis(19));
    }

    @Test
    void keeps_errorsOfOurOwn_neverWhateverIsTold() {
        Operation<String> greedy = Operation.named("pay").keep(error -> true).build(TEXT);

        assertThat(greedy.keeps(IdempotencyErrors.IDEMPOTENCY_OUTCOME_UNKNOWN.error()))
                .isFalse();
        assertThat(greedy.keeps(IdempotencyErrors.IDEMPOTENCY_LEASE_LOST.error()))
                .isFalse();
        assertThat(greedy.keeps(IdempotencyErrors.IDEMPOTENCY_STORE_FAILED.error()))
                .isFalse();
        assertThat(greedy.keeps(ErrorKind.TIMEOUT.code().error())).isTrue();
    }

    @Test
    void errors_retryAdvice_isThatOfTheTable() {
        assertThat(IdempotencyErrors.IDEMPOTENCY_KEY_REUSED.kind().retry()).isEqualTo(Retry.NO);
        assertThat(IdempotencyErrors.IDEMPOTENCY_OUTCOME_UNKNOWN.kind().retry()).isEqualTo(Retry.NO);
        assertThat(IdempotencyErrors.IDEMPOTENCY_LEASE_LOST.kind().retry()).isEqualTo(Retry.NO);
        assertThat(IdempotencyErrors.IDEMPOTENCY_STORE_FAILED.kind().retry()).isEqualTo(Retry.SAME_CALL);
    }
}
