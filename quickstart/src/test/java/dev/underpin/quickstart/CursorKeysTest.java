package dev.underpin.quickstart;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.pagination.ColumnType;
import dev.underpin.pagination.CursorKeys;
import dev.underpin.pagination.PageQuery;
import dev.underpin.pagination.PageSpec;
import dev.underpin.pagination.PaginationErrors;
import dev.underpin.pagination.Paginator;
import dev.underpin.quickstart.infrastructure.DatabaseConfig;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.Result;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a cursor when there are other keys. */
final class CursorKeysTest {
    private static final String A =
            Base64.getEncoder().encodeToString("the first of the two test secrets".getBytes(UTF_8));
    private static final String B =
            Base64.getEncoder().encodeToString("the other of the two test secrets".getBytes(UTF_8));
    private static final PageSpec<String> SPEC = PageSpec.named("names", String.class)
            .unique("name", "name", ColumnType.TEXT, name -> name)
            .build();

    @TempDir
    Path directory;

    @Test
    void cursor_afterARestartWithANewKey_isGood() {
        DatabaseConfig database = DatabaseConfig.file(directory).orElseThrow();
        String next;
        try (TestService service = TestService.start(database, TestService.http(parsed("1:" + A)))) {
            next = "/orders?size=2&cursor="
                    + service.get("/orders?size=2").body().at("/meta/page/next").asText();
        }
        try (TestService service = TestService.start(database, TestService.http(parsed("2:" + B + ",1:" + A)))) {
            assertThat(service.get(next).status()).isEqualTo(200);
        }
    }

    @Test
    void cursor_ofAnAcceptedKey_isGood() {
        assertThat(read(parsed("2:" + B + ", 1:" + A + ",0:"), cursor(parsed("1:" + A)))
                        .isOk())
                .isTrue();
    }

    @Test
    void cursor_ofARetiredKey_isExpired() {
        assertRefused(parsed("2:" + B + ",1:"), cursor(parsed("1:" + A)), PaginationErrors.CURSOR_EXPIRED);
    }

    @Test
    void cursor_ofAnotherSecretOfTheSameId_isInvalid() {
        assertRefused(parsed("1:" + B), cursor(parsed("1:" + A)), PaginationErrors.CURSOR_INVALID);
    }

    @Test
    void random_twice_areTwoKeys() {
        CursorKeys random = CursorSecrets.random();

        assertThat(read(random, cursor(random)).isOk()).isTrue();
        assertRefused(CursorSecrets.random(), cursor(random), PaginationErrors.CURSOR_INVALID);
    }

    private static CursorKeys parsed(String keys) {
        return CursorSecrets.parse(keys).orElseThrow();
    }

    private static String cursor(CursorKeys keys) {
        return Paginator.builder(() -> keys)
                .build()
                .parse(SPEC, Map.of("size", List.of("1")), "")
                .orElseThrow()
                .page(List.of("a", "b"), false)
                .next()
                .orElseThrow();
    }

    private static Result<PageQuery<String>, DomainError> read(CursorKeys keys, String cursor) {
        return Paginator.builder(() -> keys).build().parse(SPEC, Map.of("cursor", List.of(cursor)), "");
    }

    private static void assertRefused(CursorKeys keys, String cursor, ErrorCode code) {
        assertThat(read(keys, cursor))
                .isInstanceOfSatisfying(
                        Result.Err.class,
                        err -> assertThat(((DomainError) err.error()).code()).isEqualTo(code));
    }
}
