package dev.underpin.benchmarks.pagination;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.benchmarks.pagination.Keys.Row;
import dev.underpin.pagination.PaginationErrors;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.Result;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** All contestants make the same of the same; what PostgreSQL makes of it is compared in {@code PagesIT}. */
class AgreementTest {
    private static CursorBenchmark cursors(Keys keys) {
        var benchmark = new CursorBenchmark();
        benchmark.keys = keys;
        benchmark.prepare();
        return benchmark;
    }

    @ParameterizedTest
    @EnumSource
    void encode_byHand_isOurCursor(Keys keys) {
        CursorBenchmark benchmark = cursors(keys);

        assertThat(benchmark.encodeByHand()).isEqualTo(benchmark.encodeOurs());
    }

    @ParameterizedTest
    @EnumSource
    void encodeHmacAlone_anyKeys_isTheTagOfOurCursor(Keys keys) {
        CursorBenchmark benchmark = cursors(keys);
        byte[] cursor = java.util.Base64.getUrlDecoder().decode(benchmark.encodeOurs());
        byte[] tag = java.util.Arrays.copyOfRange(cursor, cursor.length - 18, cursor.length - 2);

        assertThat(benchmark.encodeHmacAlone()).startsWith(tag);
    }

    @ParameterizedTest
    @EnumSource
    void decode_anyContestant_isTheRow(Keys keys) {
        CursorBenchmark benchmark = cursors(keys);
        Row row = keys.of(Keys.ROW);

        assertThat(Stream.of(
                        benchmark.decodeByHand(),
                        benchmark.decodeJsonSigned(),
                        benchmark.decodeJson(),
                        benchmark.decodeSerial(),
                        benchmark.decodeBlaze(),
                        benchmark.decodeSpring()))
                .containsOnly(row);
        assertThat(values(benchmark.decodeOurs()))
                .isEqualTo(Stream.of(row.createdAt(), row.name(), row.id())
                        .filter(Objects::nonNull)
                        .toList());
    }

    @ParameterizedTest
    @EnumSource
    void refuse_forged_isRefusedBecauseOfItsSignature(Keys keys) {
        CursorBenchmark benchmark = cursors(keys);

        assertThat(benchmark.refuseByHand()).isNull();
        assertThat(benchmark.refuseJsonSigned()).isNull();
        assertThat(benchmark.refuseNothing().isOk()).isTrue();
        assertThat(benchmark.refuseOurs().<ErrorCode>fold(ok -> null, DomainError::code))
                .isEqualTo(PaginationErrors.CURSOR_INVALID);
    }

    @Test
    void encode_timeAndUuid_isAsShortAsPromised() {
        CursorBenchmark benchmark = cursors(Keys.TWO);
        int chars = benchmark.encodeOurs().length();

        assertThat(chars).isEqualTo(66);
        assertThat(chars / (double) benchmark.encodeJsonSigned().length()).isLessThanOrEqualTo(0.45);
        assertThat(chars / (double) benchmark.encodeSpring().length()).isLessThanOrEqualTo(0.45);
        assertThat(chars / (double) benchmark.encodeBlaze().length()).isLessThanOrEqualTo(0.45);
    }

    @Test
    void threads_anyContestant_sameCursor() {
        var benchmark = new CursorThreadsBenchmark();
        var confined = new CursorThreadsBenchmark.Confined();

        assertThat(benchmark.encodeByHand(confined)).isEqualTo(benchmark.encodeOurs());
        assertThat(benchmark.decodeByHand(confined))
                .isEqualTo(Keys.ROW)
                .isEqualTo(benchmark.decodeJsonSigned(confined));
        assertThat(benchmark.decodeOurs().isOk()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void sql_byHand_isOurs(Listing listing) {
        var benchmark = new SqlBenchmark();
        benchmark.listing = listing;
        benchmark.prepare();

        assertThat(benchmark.firstByHand()).isEqualTo(benchmark.firstOurs());
        assertThat(benchmark.deepByHand()).isEqualTo(benchmark.deepOurs());
        assertThat(benchmark.firstJooq())
                .isEqualTo(benchmark.firstJooqRendered())
                .doesNotContain("where");
        assertThat(benchmark.deepJooq()).isEqualTo(benchmark.deepJooqRendered()).contains("where");
    }

    @Test
    void request_byHand_readsWhatOursDoes() {
        var benchmark = new RequestBenchmark();
        RequestBenchmark.ByHand byHand = benchmark.filteredByHand();

        assertThat(byHand.order()).containsExactly("o.created_at desc", "o.name", "o.id");
        assertThat(benchmark.filteredOurs().orElseThrow().size()).isEqualTo(byHand.size());
        assertThat(benchmark.cursorOurs().isOk()).isTrue();
        assertThat(benchmark.plainOurs().isOk()).isTrue();
    }

    @Test
    void request_byHandOfWhatIsNotAllowed_isRefused() {
        Map<String, List<String>> params = new HashMap<>(Map.of(
                "sort",
                List.of("-createdAt"),
                "status",
                List.of("open"),
                "total[gte]",
                List.of("1"),
                "size",
                List.of("5")));

        assertThat(RequestBenchmark.byHand(params)).isNotNull();
        params.put("sort", List.of("password"));
        assertThat(RequestBenchmark.byHand(params)).isNull();
        params.put("sort", List.of("name"));
        params.put("unknown", List.of("1"));
        assertThat(RequestBenchmark.byHand(params)).isNull();
    }

    @Test
    void link_byHand_isOurs() {
        var benchmark = new LinkBenchmark();

        assertThat(benchmark.byHand()).isEqualTo(benchmark.ours());
        assertThat(benchmark.ours().get("Link")).contains("rel=\"next\"", "rel=\"prev\"", "rel=\"first\"");
        assertThat(benchmark.cursors().get("page")).asString().contains("next=", "previous=");
    }

    private static Object values(Result<Object, DomainError> start) {
        Object position = start.orElseThrow();
        try {
            var values = position.getClass().getDeclaredMethod("values");
            values.setAccessible(true);
            return values.invoke(position);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
