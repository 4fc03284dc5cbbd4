package dev.underpin.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.Result;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdempotentRequestTest {
    private static final Fingerprint BODY = Fingerprint.ofBytes(new byte[0]);

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            quoteCharacter = '`',
            value = {
                "abc abc",
                "\"abc\" abc",
                "A A",
                "8e03978e-40d5-43dd-bc93-6894a57f9324 8e03978e-40d5-43dd-bc93-6894a57f9324",
                "a|b:c;d=e\\f a|b:c;d=e\\f",
                "\"a,b\" a,b",
                "~! ~!",
            })
    void of_key_isTakenWithoutItsQuotes(String header, String key) {
        assertThat(of(header).orElseThrow().key()).isEqualTo(key);
    }

    @Test
    void of_length_isAtMost255WithoutTheQuotes() {
        assertThat(of("k".repeat(255)).isOk()).isTrue();
        assertThat(of('"' + "k".repeat(255) + '"').isOk()).isTrue();
        assertThat(codeOf(of("k".repeat(256)))).isEqualTo(IdempotencyErrors.IDEMPOTENCY_KEY_INVALID);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\"\"",
                "\"",
                "\"a",
                "a\"",
                "\"\"a\"\"",
                "a\"b",
                "\"a\"b\"",
                "a\\\"",
                "\"a\\\\b\"",
                " a",
                "a ",
                "a b",
                "\"a b\"",
                "a\u0000",
                "a\r\nb",
                "a\u007f",
                "\u00e9",
                "\ud83d\ude00",
                "a, b",
                "a,b",
                "\"a\",\"b\"",
                "\"a\";p=1",
                "a\t"
            })
    void of_anythingElse_isInvalidAndNotRepeated(String header) {
        DomainError error = of(header).fold(ok -> null, err -> err);

        assertThat(error.code()).isEqualTo(IdempotencyErrors.IDEMPOTENCY_KEY_INVALID);
        assertThat(error.message()).contains("1 to 255");
        assertThat(error.args()).containsOnlyKeys("max");
    }

    @Test
    void of_noHeader_isRequired() {
        assertThat(codeOf(of(null))).isEqualTo(IdempotencyErrors.IDEMPOTENCY_KEY_REQUIRED);
        assertThat(codeOf(IdempotentRequest.of("t", List.of(), BODY)))
                .isEqualTo(IdempotencyErrors.IDEMPOTENCY_KEY_REQUIRED);
    }

    @Test
    void of_severalHeaders_areRefusedEvenIfEqual() {
        assertThat(codeOf(IdempotentRequest.of("t", List.of("a", "a"), BODY)))
                .isEqualTo(IdempotencyErrors.IDEMPOTENCY_KEY_INVALID);
        assertThat(IdempotentRequest.of("t1", List.of("a"), BODY)).isEqualTo(of("a"));
    }

    @Test
    void tenant_noName_isRefused() {
        assertThatThrownBy(() -> IdempotentRequest.of("", "a", BODY))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tenant must not be empty");
        assertThatThrownBy(() -> IdempotentRequest.of("\ud800", "a", BODY))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new IdempotentRequest("t", "a b", BODY))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("length 3");
    }

    @Test
    void toString_showsNeitherTenantNorKey() {
        assertThat(of("secret-key").orElseThrow()).hasToString("IdempotentRequest[" + BODY + "]");
    }

    private static Result<IdempotentRequest, DomainError> of(@Nullable String header) {
        return IdempotentRequest.of("t1", header, BODY);
    }

    private static ErrorCode codeOf(Result<?, DomainError> result) {
        return result.fold(ok -> null, DomainError::code);
    }
}
