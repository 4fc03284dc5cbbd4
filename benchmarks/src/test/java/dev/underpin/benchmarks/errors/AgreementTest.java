package dev.underpin.benchmarks.errors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.errors.context.RequestContext;
import dev.underpin.result.Detail;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.MDC;

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
                .containsExactlyElementsOf(benchmark.ours().details().stream()
                        .map(detail -> new ViolationsBenchmark.Fault(detail.field(), detail.message(), detail.code()))
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

        assertThat(benchmark.checkOurs())
                .isTrue()
                .isEqualTo(benchmark.checkByRegex())
                .isEqualTo(benchmark.checkByHand());
        assertThat(benchmark.makeOurs()).matches("[0-9a-f-]{36}");
        assertThat(benchmark.makeByHand()).matches("[0-9a-f-]{36}");
        assertThat(benchmark.makeByUuid()).matches("[0-9a-f-]{36}");
    }

    @Test
    void requestContext_openAndWrap_sameAnswer() {
        var benchmark = new RequestContextBenchmark();

        assertThat(benchmark.sentOurs()).isEqualTo(benchmark.sentByHand());
        assertThat(benchmark.madeOurs()).hasSameSizeAs(benchmark.madeByHand()).hasSameSizeAs(benchmark.madeByUuid());
        assertThat(MDC.get(RequestContext.REQUEST_ID)).isNull();
        var opened = new RequestContextBenchmark.Opened();
        opened.open();
        try {
            assertThat(benchmark.wrapByHand(opened)).isEqualTo(1);
            assertThat(benchmark.wrapOurs(opened)).isEqualTo(2);
        } finally {
            opened.close();
        }
    }

    private static String text(byte[] body) {
        return new String(body, UTF_8);
    }
}
