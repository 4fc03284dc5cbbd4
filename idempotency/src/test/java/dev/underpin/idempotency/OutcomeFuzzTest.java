package dev.underpin.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import dev.underpin.result.Detail;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as a stored answer. Fuzzed by the profile {@code fuzz}; other builds repeat the seeds. */
class OutcomeFuzzTest {
    private static final OutcomeTest.Texts CODEC = OutcomeTest.Texts.INSTANCE;

    static Stream<Arguments> answers() {
        ErrorCode code = ErrorCode.of(ErrorKind.CONFLICT, "ALREADY_PAID", "paid {at}");
        return Stream.of(
                        Outcome.encode(Result.ok("a"), CODEC, 10),
                        Outcome.encode(
                                Result.err(DomainError.builder(code)
                                        .arg("at", List.of(1, 0.5, true, Map.of("x", "y")))
                                        .detail(Detail.of("f", code))
                                        .build()),
                                CODEC,
                                Outcome.UNLIMITED),
                        Outcome.notDone(),
                        new byte[] {1, 3},
                        new byte[] {2, 1},
                        new byte[0])
                .map(bytes -> Arguments.of((Object) bytes));
    }

    /** What can be read is written and read again as the same; nothing is thrown. */
    @MethodSource("answers")
    @FuzzTest
    void decode_anyBytes_areAnAnswerOrADeclaredError(byte @NotNull [] bytes) {
        Result<String, DomainError> answer = Outcome.decode(bytes, CODEC);
        if (answer instanceof Result.Err<String, DomainError> err
                && err.error().code().name().startsWith("IDEMPOTENCY_ANSWER_")) {
            return;
        }
        assertThat(Outcome.decode(Outcome.encode(answer, CODEC, Outcome.UNLIMITED), CODEC))
                .isEqualTo(answer);
    }
}
