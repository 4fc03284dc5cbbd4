package dev.underpin.caching.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.caching.Cached;
import dev.underpin.caching.Cached.Freshness;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The example of the README. */
class ExamplesTest {
    private record Answer(int status, Map<String, String> headers, String body) {}

    private static Answer answer(Result<Cached<String>, DomainError> product, String ifNoneMatch) {
        var cacheControl = product.fold(CacheControl::of, error -> CacheControl.NO_STORE);
        String body = product.fold(Cached::value, DomainError::message);
        int status = product.fold(found -> 200, error -> error.kind() == ErrorKind.NOT_FOUND ? 404 : 503);
        if (status != 200) {
            return new Answer(status, cacheControl.headers(), body);
        }
        var tag = ETag.of(body.getBytes(UTF_8));
        var headers = new HashMap<>(Map.of("Content-Type", "application/json", "Vary", "Accept-Language"));
        headers.putAll(tag.headers());
        headers.putAll(cacheControl.headers());
        return tag.matchesIfNoneMatch(ifNoneMatch)
                ? new Answer(304, ETag.notModified(headers), "")
                : new Answer(status, headers, body);
    }

    private static final Result<Cached<String>, DomainError> PRODUCT = Result.ok(
            new Cached<>("{}", Freshness.FRESH, Duration.ofSeconds(20), Duration.ofSeconds(40), Duration.ofMinutes(5)));

    @Test
    void answer_firstRequest_hasTheTag() {
        var answer = answer(PRODUCT, null);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.headers())
                .containsEntry("ETag", "\"RBNvo1WzZ4oRRq0W9-hkng\"")
                .containsEntry("Cache-Control", "private, max-age=40, stale-while-revalidate=300, stale-if-error=300");
    }

    @Test
    void answer_secondRequest_isNotModified() {
        var answer = answer(PRODUCT, answer(PRODUCT, null).headers().get("ETag"));

        assertThat(answer.status()).isEqualTo(304);
        assertThat(answer.body()).isEmpty();
        assertThat(answer.headers()).containsOnlyKeys("ETag", "Cache-Control", "Vary");
    }

    @Test
    void answer_failedLoad_isNotKept() {
        var answer = answer(Result.err(ErrorKind.UNAVAILABLE.code().error()), null);

        assertThat(answer.headers()).isEqualTo(Map.of("Cache-Control", "no-store"));
    }
}
