package dev.underpin.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderAllowListTest {
    @Test
    void filter_standard_keepsWhatDescribesTheAnswer() {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Location", "/orders/1");
        headers.put("Set-Cookie", "session=1");
        headers.put("ETAG", "\"1\"");
        headers.put("X-Request-Id", "r1");
        headers.put("content-type", "application/json");

        assertThat(HeaderAllowList.standard().filter(headers).entrySet())
                .extracting(Object::toString)
                .containsExactly("Location=/orders/1", "ETAG=\"1\"", "content-type=application/json");
    }

    @Test
    void with_ownHeader_isKeptInAnySpellingAndByTheNewListOnly() {
        HeaderAllowList own = HeaderAllowList.standard().with("X-Order-Version");

        assertThat(own.filter(Map.of("x-order-version", List.of("1", "2"))))
                .isEqualTo(Map.of("x-order-version", List.of("1", "2")));
        assertThat(HeaderAllowList.standard().filter(Map.of("x-order-version", "1")))
                .isEmpty();
        assertThat(own.toString()).contains("x-order-version", "location");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Set-Cookie", "set-cookie", "Authorization", "WWW-Authenticate", "Date", "Transfer-Encoding"})
    void with_headerOfOneLoginOrConnection_isRefused(String name) {
        assertThatThrownBy(() -> HeaderAllowList.standard().with(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("may be given again: " + name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a:", "\u00e4", "a\r\n"})
    void with_noHeader_isRefused(String name) {
        assertThatThrownBy(() -> HeaderAllowList.standard().with(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("length " + name.length());
    }
}
