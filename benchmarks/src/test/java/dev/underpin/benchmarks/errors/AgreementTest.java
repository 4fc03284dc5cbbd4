package dev.underpin.benchmarks.errors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.Detail;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** All contestants make the same of the same. */
class AgreementTest {
    @ParameterizedTest
    @EnumSource
    void render_anyJackson_sameBytes(Jackson jackson) {
        var benchmark = new RenderBenchmark();
        benchmark.jackson = jackson;
        benchmark.prepare();
        try {
            assertThat(benchmark.successOurs().body()).asString(UTF_8).isEqualTo(text(benchmark.successByHand()));
            assertThat(benchmark.successAnswer().body()).asString(UTF_8).isEqualTo(text(benchmark.successByHand()));
            assertThat(benchmark.errorOurs().body()).asString(UTF_8).isEqualTo(text(benchmark.errorByHand()));
            assertThat(text(benchmark.errorMap())).isEqualTo(text(benchmark.errorByHand()));
            assertThat(benchmark.problemOurs().body()).asString(UTF_8).isEqualTo(text(benchmark.problemByHand()));
            assertThat(text(benchmark.problemMap())).isEqualTo(text(benchmark.problemByHand()));
        } finally {
            benchmark.close();
        }
    }

    @Test
    void violations_threeFaults_samePathsAndMessages() {
        var benchmark = new ViolationsBenchmark();

        assertThat(benchmark.ours().details())
                .extracting(Detail::field)
                .containsExactly("customer", "items[1].sku", "items[2].price.cents");
        assertThat(benchmark.byHand())
                .extracting(ViolationsBenchmark.Fault::field, ViolationsBenchmark.Fault::message)
                .containsExactlyElementsOf(benchmark.ours().details().stream()
                        .map(detail -> org.assertj.core.groups.Tuple.tuple(detail.field(), detail.message()))
                        .toList());
        assertThat(benchmark.byToString()).containsExactlyInAnyOrderElementsOf(benchmark.byHand());
    }

    @ParameterizedTest
    @EnumSource
    void translate_anything_sameError(TranslateBenchmark.Thrown thrown) {
        var benchmark = new TranslateBenchmark();
        benchmark.thrown = thrown;

        assertThat(benchmark.ours()).isEqualTo(benchmark.byHand());
    }

    @Test
    void requestId_checkAndMake_sameAnswerAndShape() {
        var benchmark = new RequestIdBenchmark();

        assertThat(benchmark.checkOurs()).isTrue().isEqualTo(benchmark.checkByRegex());
        assertThat(benchmark.makeOurs()).matches("[0-9a-f-]{36}").hasSameSizeAs(benchmark.makeByUuid());
    }

    @Test
    void requestContext_openAndWrap_sameAnswer() {
        var benchmark = new RequestContextBenchmark();

        assertThat(benchmark.sentOurs()).isEqualTo(benchmark.sentByHand());
        assertThat(benchmark.madeOurs()).hasSameSizeAs(benchmark.madeByHand());
        assertThat(benchmark.wrapByHand()).isEqualTo(1);
        assertThat(benchmark.wrapOurs()).isEqualTo(2);
    }

    private static String text(byte[] body) {
        return new String(body, UTF_8);
    }
}
