package dev.underpin.benchmarks.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.idempotency.Fingerprint;
import dev.underpin.idempotency.IdempotencyStore;
import dev.underpin.idempotency.IdempotentRequest;
import dev.underpin.idempotency.Replay;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** All contestants compute the same from the same input. */
class AgreementTest {
    private final OverheadBenchmark benchmark = new OverheadBenchmark();

    @Test
    void input_requestAndAnswer_haveTheSizesOfTheGoals() {
        assertThat(Requests.BODY).hasSize(1024);
        assertThat(Requests.ANSWER.getBytes(StandardCharsets.UTF_8)).hasSize(200);
        assertThat(new Requests().freshKey()).hasSize(36);
    }

    @Test
    void hash_byHand_isOurs() {
        IdempotentRequest request = new Requests().fresh();

        assertThat(Requests.hash(request))
                .isEqualTo(IdempotencyStore.Key.of(request.tenant(), Requests.ORDER.name(), request.key())
                        .hash());
    }

    @Test
    void fingerprint_body_isThatOfJson() {
        assertThat(benchmark.fingerprintOurs())
                .isNotEqualTo(Fingerprint.ofBytes(Requests.BODY).toBytes());
        assertThat(benchmark.requestOurs()).isInstanceOf(Result.Ok.class);
    }

    @Test
    void first_moreKeysThanAreKept_areAllExecuted() {
        Replay<String> first = new Replay<>(Requests.ANSWER, false);

        for (int i = 0; i < OverheadBenchmark.KEYS; i++) {
            assertThat(benchmark.firstByHand()).isEqualTo(first);
            assertThat(benchmark.firstOurs()).isEqualTo(ok(first));
        }
        assertThat(benchmark.allOurs()).isEqualTo(ok(first));
    }

    @Test
    void repeat_knownKey_isAnsweredAgain() {
        Replay<String> repeat = new Replay<>(Requests.ANSWER, true);

        assertThat(benchmark.repeatByHand()).isEqualTo(repeat);
        assertThat(benchmark.repeatOurs()).isEqualTo(ok(repeat));
    }

    private static Result<Replay<String>, DomainError> ok(Replay<String> replay) {
        return Result.ok(replay);
    }
}
