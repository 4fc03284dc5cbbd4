package dev.underpin.resilience;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import dev.underpin.result.Result;
import dev.underpin.result.ValidationError;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Any text as settings, a line each. Fuzzed by the profile {@code fuzz}; other builds repeat the seeds. */
class SettingsFuzzTest {
    static Stream<Arguments> files() {
        return Stream.of(
                        "deadline=5s\nretry.max-attempts=3\nbreaker.failure-rate=50%",
                        "breaker.period=10s\nbreaker.minimum-calls=5\nbreaker.slow-after=PT0.25S\nbreaker.enabled=true",
                        "budget.share=0.2\nbudget.min-per-second=0\ncritical=0s\nattempt-timeout=1d",
                        "rate-limit.calls=5\nrate-limit.per=250ms\nbulkhead.max-concurrent=7\nbulkhead.max-wait=1us",
                        "RETRY_ENABLED=x\nno.such=1\n=\n\nbreaker.window=999999999\nbreaker.probes=x",
                        "budget.capacity=1\nbudget.cost=2\nretry.base-delay=1h\nbreaker.open-for=99d")
                .map(file -> Arguments.of((Object) file.getBytes(UTF_8)));
    }

    /** A pipeline, which describes itself so that it can be made again; or faults. Nothing is thrown. */
    @MethodSource("files")
    @FuzzTest
    void build_anyText_isAPipelineOrFaults(byte @NotNull [] file) {
        Map<String, String> settings = new HashMap<>();
        new String(file, UTF_8).lines().forEach(line -> {
            int equals = line.indexOf('=');
            if (equals >= 0) {
                settings.put("res.risk." + line.substring(0, equals), line.substring(equals + 1));
            }
        });
        Result<Pipeline, ValidationError> built = Pipeline.named("risk").build(List.of(settings));
        if (built instanceof Result.Err<Pipeline, ValidationError> faults) {
            assertThat(faults.error().details()).isNotEmpty();
            return;
        }
        Map<String, String> described = built.orElseThrow().describe();
        assertThat(Pipeline.named("risk")
                        .build(List.of(described))
                        .orElseThrow()
                        .describe())
                .isEqualTo(described);
    }
}
