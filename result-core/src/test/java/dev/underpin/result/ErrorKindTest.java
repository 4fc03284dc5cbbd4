package dev.underpin.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ErrorKindTest {
    /** Names and retry classes are published: a line changes only with a release that says so. */
    @Test
    void table_kinds_isAsPublished() {
        assertThat(Arrays.stream(ErrorKind.values())
                        .map(kind -> kind + " " + kind.code() + " " + kind.retry())
                        .collect(Collectors.joining("\n")))
                .isEqualTo("""
                        MALFORMED MALFORMED_REQUEST NO
                        VALIDATION VALIDATION_FAILED NO
                        UNAUTHENTICATED UNAUTHENTICATED NO
                        FORBIDDEN PERMISSION_DENIED NO
                        NOT_FOUND NOT_FOUND NO
                        CONFLICT CONFLICT NO
                        PRECONDITION PRECONDITION_FAILED NO
                        UNPROCESSABLE BUSINESS_RULE_VIOLATED NO
                        RATE_LIMITED RATE_LIMITED SAME_CALL
                        CANCELLED CANCELLED NO
                        INTERNAL INTERNAL_ERROR NO
                        NOT_IMPLEMENTED NOT_IMPLEMENTED NO
                        BAD_GATEWAY UPSTREAM_FAILED IF_IDEMPOTENT
                        UNAVAILABLE SERVICE_UNAVAILABLE SAME_CALL
                        TIMEOUT TIMEOUT IF_IDEMPOTENT""");
    }

    @Test
    void code_ofKind_hasThatKindAndTextWithoutPlaceholders() {
        for (ErrorKind kind : ErrorKind.values()) {
            assertThat(kind.code().kind()).isEqualTo(kind);
            assertThat(kind.code().text()).isNotBlank().doesNotContain("{");
        }
    }

    @Test
    void codes_ofAllKinds_areDistinct() {
        assertThat(Arrays.stream(ErrorKind.values()).map(ErrorKind::code)).doesNotHaveDuplicates();
    }

    @Test
    void internal_text_isTheGenericOne() {
        assertThat(ErrorKind.INTERNAL.code().text()).isEqualTo("An internal error occurred");
    }

    @Test
    void retry_classes_areTheFourOfTheGuidance() {
        assertThat(Retry.values()).containsExactly(Retry.NO, Retry.SAME_CALL, Retry.IF_IDEMPOTENT, Retry.HIGHER_LEVEL);
    }
}
