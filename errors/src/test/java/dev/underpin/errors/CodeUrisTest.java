package dev.underpin.errors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import java.net.URI;
import org.junit.jupiter.api.Test;

class CodeUrisTest {
    private final CodeUris uris = new CodeUris(URI.create("https://example.org/problems/"));

    @Test
    void of_code_appendsItInKebabCase() {
        assertThat(uris.of(code("ORDER_NOT_FOUND_2"))).isEqualTo("https://example.org/problems/order-not-found-2");
    }

    @Test
    void of_sameCode_isMadeOnce() {
        assertThat(uris.of(code("ORDER_GONE"))).isSameAs(uris.of(code("ORDER_GONE")));
    }

    @Test
    void of_moreCodesThanAnyServiceHas_staysRightAndKeepsNoMore() {
        for (int i = 0; i < 1000; i++) {
            assertThat(uris.of(code("CODE_" + i))).endsWith("code-" + i);
        }

        assertThat(uris.of(code("ONE_MORE"))).isEqualTo("https://example.org/problems/one-more");
        assertThat(uris.of(code("ONE_MORE"))).isNotSameAs(uris.of(code("ONE_MORE")));
        assertThat(uris.of(code("CODE_999"))).isSameAs(uris.of(code("CODE_999")));
    }

    private static ErrorCode code(String name) {
        return ErrorCode.of(ErrorKind.CONFLICT, name, "text");
    }
}
