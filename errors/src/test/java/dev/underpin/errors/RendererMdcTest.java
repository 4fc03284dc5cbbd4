package dev.underpin.errors;

import static dev.underpin.errors.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.errors.context.RequestContext;
import dev.underpin.result.Result;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

class RendererMdcTest {
    private final Renderer renderer = Renderer.builder(new PlainJson()).build();

    @BeforeEach
    @AfterEach
    void clean() {
        MDC.clear();
    }

    private int answer(UseCase useCase) {
        return renderer.answer(request(), useCase).status();
    }

    @Test
    void answer_useCaseLeavesValuesInTheMdc_takesThemOut() {
        assertThat(answer(context -> {
                    MDC.put("user", "ann");
                    return Result.ok(1);
                }))
                .isEqualTo(200);

        assertThat(MDC.getCopyOfContextMap()).isIn(null, Map.of());
    }

    @Test
    void answer_threadHasValues_areAsBeforeWhateverTheUseCaseDid() {
        MDC.put("node", "n1");
        MDC.put("job", "7");

        assertThat(answer(context -> {
                    MDC.put("user", "ann");
                    MDC.put("node", "n2");
                    MDC.remove("job");
                    throw new IllegalStateException("bug");
                }))
                .isEqualTo(500);

        assertThat(MDC.getCopyOfContextMap()).isEqualTo(Map.of("node", "n1", "job", "7"));
    }

    @Test
    void answer_useCaseForgetsAContext_leavesNothingBehind() {
        assertThat(answer(context -> Result.ok(RequestContext.open(request("X-Request-Id", "forgotten"))
                        .requestId())))
                .isEqualTo(200);

        assertThat(MDC.getCopyOfContextMap()).isIn(null, Map.of());
    }

    @Test
    void answer_errorFlies_leavesNothingBehind() {
        var error = new OutOfMemoryError("simulated");

        assertThatThrownBy(() -> answer(context -> {
                    MDC.put("user", "ann");
                    throw error;
                }))
                .isSameAs(error);

        assertThat(MDC.getCopyOfContextMap()).isIn(null, Map.of());
    }
}
