package dev.underpin.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.groups.Tuple.tuple;

import dev.underpin.result.Detail;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.Unit;
import dev.underpin.result.ValidationError;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
    private static final List<String> NUMBERS = List.of(
            "retry.max-attempts",
            "budget.capacity",
            "budget.cost",
            "budget.throttle-cost",
            "budget.min-per-second",
            "breaker.window",
            "breaker.minimum-calls",
            "breaker.probes",
            "rate-limit.calls",
            "bulkhead.max-concurrent");
    private static final List<String> RATES = List.of("budget.share", "breaker.failure-rate", "breaker.slow-rate");
    private static final List<String> FLAGS = List.of("enabled", "interrupting", "breaker.enabled");
    private static final List<String> POSITIVE = List.of(
            "deadline",
            "attempt-timeout",
            "breaker.period",
            "breaker.slow-after",
            "breaker.open-for",
            "breaker.max-open-for",
            "rate-limit.per");
    private static final List<String> DURATIONS =
            List.of("critical", "retry.base-delay", "retry.max-delay", "retry.max-retry-after", "bulkhead.max-wait");
    private static final List<String> ALL = Stream.of(NUMBERS, RATES, FLAGS, POSITIVE, DURATIONS)
            .flatMap(List::stream)
            .toList();

    private final VirtualTime time = new VirtualTime();

    private static Result<Pipeline, ValidationError> build(Map<String, String> settings) {
        return Pipeline.named("risk").build(List.of(settings));
    }

    private static Map<String, String> built(Map<String, String> settings) {
        return build(settings).orElseThrow().describe();
    }

    private static List<Detail> faults(Result<?, ValidationError> result) {
        return ((Result.Err<?, ValidationError>) result).error().details();
    }

    private static String key(String name) {
        return "res.risk." + name;
    }

    /* ---- spelling ---- */

    @ParameterizedTest
    @ValueSource(strings = {"250ms", "PT0.25S", "pt0.25s", "250000us", "250000000ns", " 250ms\t"})
    void build_aDurationInAnySpelling_isTheSame(String value) {
        assertThat(built(Map.of(key("deadline"), value))).containsEntry(key("deadline"), "PT0.25S");
    }

    @ParameterizedTest
    @CsvSource({"90s, PT1M30S", "2m, PT2M", "3h, PT3H", "1d, PT24H", "P1DT1S, PT24H1S"})
    void build_aDurationInAnyUnit_isRead(String value, String shown) {
        assertThat(built(Map.of(key("deadline"), value))).containsEntry(key("deadline"), shown);
    }

    @ParameterizedTest
    @CsvSource({"0.2, 0.2", "20%, 0.2", "1, 1.0", "100%, 1.0", "12.5%, 0.125", "0.001%, 0.000010"})
    void build_aRateInAnySpelling_isTheSame(String value, String shown) {
        assertThat(built(Map.of(key("breaker.failure-rate"), value)).get(key("breaker.failure-rate")))
                .isEqualTo(shown);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "RES_RISK_RETRY_MAX_ATTEMPTS",
                "res.risk.retry.max-attempts",
                "res.risk.retry.max_attempts",
                "Res-Risk.retry_MAX.attempts"
            })
    void build_aNameInAnySpelling_isTheSame(String key) {
        assertThat(built(Map.of(key, "7"))).containsEntry(key("retry.max-attempts"), "7");
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "TRUE", " True "})
    void build_aFlagInAnyCase_isRead(String value) {
        assertThat(Pipeline.named("risk")
                        .enabled(false)
                        .build(List.of(Map.of(key("enabled"), value)))
                        .orElseThrow()
                        .describe())
                .containsEntry(key("enabled"), "true");
    }

    /* ---- whose ---- */

    @Test
    void build_whatBeginsOtherwise_isLeftAlone() {
        assertThat(build(Map.of("PATH", "/bin", "res.other.retry.max", "x", "res.risk", "x", "resXrisk.deadline", "x"))
                        .isOk())
                .isTrue();
    }

    @Test
    void build_aSettingOfAPipelineWithALongerName_isLeftAlone() {
        Map<String, String> settings = Map.of("RES_RISK_EU_RETRY_MAX_ATTEMPTS", "7", "RES_RISK_EU_ENABLED", "false");

        assertThat(built(settings)).isEqualTo(Pipeline.named("risk").build().describe());
        assertThat(Pipeline.named("risk-eu")
                        .build(List.of(settings))
                        .orElseThrow()
                        .describe())
                .containsEntry("res.risk-eu.retry.max-attempts", "7")
                .containsEntry("res.risk-eu.enabled", "false");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "RES_RISK_DEADLINES",
                "RES_RISK_",
                "RES_RISK_MAX_ATTEMPTS",
                "RES_RISK_XENABLED",
                "RES_RISK_RATE_LIMIT_ENABLED",
                "RES_RISK_BULKHEAD_ENABLED",
                "RES_RISK_RETRY_ENABLED",
                "RES_RISK_BREAKER_DEADLINE"
            })
    void build_aSettingThatThereIsNot_isAFault(String key) {
        assertThat(faults(build(Map.of(key, "true"))))
                .singleElement()
                .satisfies(fault -> assertThat(fault.field()).isEqualTo(key))
                .satisfies(fault -> assertThat(fault.code()).isEqualTo("UNKNOWN_SETTING"));
    }

    @Test
    void build_severalSources_theFirstThatHasItCounts() {
        Map<String, String> properties = Map.of("res.risk.deadline", "1s");
        Map<String, String> environment = Map.of("RES_RISK_DEADLINE", "junk", "RES_RISK_RETRY_MAX_ATTEMPTS", "2");
        Map<String, String> file = Map.of("res.risk.retry.max-attempts", "9", "res.risk.retry.max-delay", "3s");

        Map<String, String> described = Pipeline.named("risk")
                .deadline(Duration.ofSeconds(30))
                .critical(Duration.ofMinutes(1))
                .build(List.of(properties, environment, file))
                .orElseThrow()
                .describe();

        assertThat(described)
                .containsEntry(key("deadline"), "PT1S")
                .containsEntry(key("retry.max-attempts"), "2")
                .containsEntry(key("retry.max-delay"), "PT3S")
                .containsEntry(key("critical"), "PT1M");
    }

    @Test
    void environment_isPropertiesThenEnvironmentThenFile() {
        System.setProperty("res.settings-test.deadline", "4s");
        try {
            List<Map<String, String>> sources = Pipeline.environment(Map.of("res.settings-test.deadline", "9s"));

            assertThat(sources).hasSize(3);
            assertThat(sources.get(0)).containsEntry("res.settings-test.deadline", "4s");
            assertThat(sources.get(1)).isEqualTo(System.getenv());
            assertThat(sources.get(2)).containsOnlyKeys("res.settings-test.deadline");
            assertThat(Pipeline.named("settings-test")
                            .build(sources)
                            .orElseThrow()
                            .describe())
                    .containsEntry("res.settings-test.deadline", "PT4S");
        } finally {
            System.clearProperty("res.settings-test.deadline");
        }
    }

    /* ---- faults ---- */

    @Test
    void build_aFaultAndAnUnknownSetting_listsBoth() {
        var faults = faults(build(Map.of("RES_RISK_BREAKER_FAILURE_RATE", "abc", "RES_RISK_BREAKER_RATE", "1")));

        assertThat(faults)
                .extracting(Detail::field, Detail::code)
                .containsExactlyInAnyOrder(
                        tuple("RES_RISK_BREAKER_FAILURE_RATE", "INVALID_SETTING"),
                        tuple("RES_RISK_BREAKER_RATE", "UNKNOWN_SETTING"));
    }

    static Stream<Arguments> bad() {
        List<Arguments> bad = new ArrayList<>();
        for (String name : NUMBERS) {
            for (String value : List.of("-1", "1.5", "abc", "1000000000", "", "1e3", "0x10", "\u0663", "1 0")) {
                bad.add(Arguments.of(name, value));
            }
            if (!name.equals("budget.min-per-second")) {
                bad.add(Arguments.of(name, "0"));
            }
        }
        bad.add(Arguments.of("breaker.window", "1000001"));
        bad.add(Arguments.of("breaker.probes", "1000001"));
        for (String name : RATES) {
            for (String value : List.of("0", "0%", "101%", "1.5", "-0.5", "NaN", "abc", "50 %", ".5", "")) {
                bad.add(Arguments.of(name, value));
            }
        }
        for (String name : FLAGS) {
            for (String value : List.of("yes", "1", "", "truefalse")) {
                bad.add(Arguments.of(name, value));
            }
        }
        for (String name : POSITIVE) {
            bad.add(Arguments.of(name, "0ms"));
            bad.add(Arguments.of(name, "PT0S"));
        }
        for (String name : Stream.concat(POSITIVE.stream(), DURATIONS.stream()).toList()) {
            for (String value : List.of("-5s", "PT-5S", "5", "5 s", "abc", "9999999999999s", "PT", "", "5sec")) {
                bad.add(Arguments.of(name, value));
            }
        }
        return bad.stream();
    }

    @ParameterizedTest
    @MethodSource("bad")
    void build_aValueThatCannotBe_isOneFaultOfItsKeyThatSaysWhatMustBe(String name, String value) {
        assertThat(faults(build(Map.of(key(name), value))))
                .singleElement()
                .satisfies(fault -> assertThat(fault.field()).isEqualTo(key(name)))
                .satisfies(fault -> assertThat(fault.code()).isEqualTo("INVALID_SETTING"))
                .satisfies(fault -> assertThat(fault.message())
                        .contains(" must be ")
                        .endsWith("a value of length " + value.length()));
    }

    @Test
    void build_everySettingAtFault_listsThemAllAndTellsNoValue() {
        String secret = "hunter2-hunter2";
        Map<String, String> settings = new HashMap<>();
        ALL.forEach(name -> settings.put(key(name), secret));

        Result<Pipeline, ValidationError> result = build(settings);

        assertThat(faults(result)).extracting(Detail::field).containsExactlyInAnyOrderElementsOf(settings.keySet());
        assertThat(result.toString() + faults(result)).doesNotContain(secret).doesNotContain("hunter");
        assertThat(Pipeline.named("risk").build().describe().keySet().stream()
                        .map(name -> name.substring("res.risk.".length())))
                .as("the list of this test")
                .isSubsetOf(ALL);
    }

    @ParameterizedTest
    @CsvSource({
        "retry, retry.base-delay=2s retry.max-delay=1s",
        "budget, budget.cost=501",
        "budget, budget.capacity=4",
        "budget, budget.share=0.5 budget.cost=5",
        "breaker, breaker.window=10",
        "breaker, breaker.window=100 breaker.period=10s",
        "breaker, breaker.period=1500ms",
        "breaker, breaker.period=2h",
        "breaker, breaker.open-for=2m",
        "breaker, breaker.max-open-for=1s",
        "rate-limit, rate-limit.calls=5",
        "rate-limit, rate-limit.per=5s",
        "rate-limit, rate-limit.calls=999999999 rate-limit.per=1s",
        "bulkhead, bulkhead.max-wait=1s",
    })
    void build_valuesThatDoNotGoTogether_areAFaultOfTheGroup(String group, String given) {
        Map<String, String> settings = new HashMap<>();
        for (String setting : given.split(" ", -1)) {
            int equals = setting.indexOf('=');
            settings.put(key(setting.substring(0, equals)), setting.substring(equals + 1));
        }

        assertThat(faults(build(settings)))
                .singleElement()
                .satisfies(fault -> assertThat(fault.field()).isEqualTo(key(group)))
                .satisfies(fault -> assertThat(fault.code()).isEqualTo("INVALID_SETTING"))
                .satisfies(fault -> assertThat(fault.message()).isNotBlank());
    }

    @Test
    void build_severalFaultsOfAGroup_listsThemAll() {
        assertThat(faults(build(Map.of(
                        key("retry.max-attempts"),
                        "0",
                        key("retry.base-delay"),
                        "PT-1S",
                        key("retry.max-delay"),
                        "soon",
                        key("breaker.enabled"),
                        "false",
                        key("breaker.probes"),
                        "none"))))
                .hasSize(4);
    }

    @Test
    void build_anyJunk_isAPipelineOrFaults() {
        Random random = new Random(26);
        List<String> names = new ArrayList<>(ALL);
        names.addAll(List.of("", "retry", "retry.", "breaker.enabled.deadline", "x.enabled", "\u0131nterrupting"));
        List<String> pieces = List.of(
                "1",
                "0",
                "9",
                "999999999",
                "-",
                ".",
                "%",
                "P",
                "T",
                "PT",
                "S",
                "s",
                "ms",
                "d",
                "M",
                "e9",
                " ",
                "true",
                "false",
                "\u0660",
                "\0",
                "\ud800",
                "+",
                "50%",
                "0.5",
                "5s",
                "1000",
                "P106751991167300D",
                "0.000001");
        int good = 0;
        for (int i = 0; i < 5_000; i++) {
            Map<String, String> settings = new HashMap<>();
            for (int n = random.nextInt(5); n >= 0; n--) {
                var value = new StringBuilder();
                for (int p = random.nextInt(4); p > 0; p--) {
                    value.append(pieces.get(random.nextInt(pieces.size())));
                }
                settings.put(key(names.get(random.nextInt(names.size()))), value.toString());
            }
            good += build(settings).isOk() ? 1 : 0;
        }
        assertThat(good).isBetween(1, 4_999);
    }

    @Test
    void build_durationsBeyondAllMeasure_areTaken() {
        Map<String, String> settings = new HashMap<>();
        for (String name : Stream.concat(POSITIVE.stream(), DURATIONS.stream()).toList()) {
            if (!name.equals("breaker.period") && !name.equals("rate-limit.per") && !name.startsWith("bulkhead")) {
                settings.put(key(name), "999999999999d");
            }
        }

        assertThatCode(() -> assertThat(build(settings).isOk()).isTrue()).doesNotThrowAnyException();
    }

    /* ---- what they do ---- */

    @Test
    void build_breakerSwitchedOff_staysOffWhateverElseIsGiven() {
        assertThat(built(Map.of(key("breaker.enabled"), "false", key("breaker.failure-rate"), "20%")))
                .containsEntry(key("breaker.enabled"), "false")
                .doesNotContainKey(key("breaker.failure-rate"));
        assertThat(Pipeline.named("risk")
                        .breaker(BreakerPolicy.none())
                        .build(List.of(Map.of(key("breaker.failure-rate"), "20%")))
                        .orElseThrow()
                        .describe())
                .containsEntry(key("breaker.enabled"), "false");
    }

    @Test
    void build_breakerSwitchedOn_isTheStandardOneWithWhatIsGiven() {
        assertThat(Pipeline.named("risk")
                        .breaker(BreakerPolicy.none())
                        .build(List.of(Map.of(key("breaker.enabled"), "true", key("breaker.failure-rate"), "20%")))
                        .orElseThrow()
                        .describe())
                .containsEntry(key("breaker.failure-rate"), "0.2")
                .containsEntry(key("breaker.window"), "100")
                .containsEntry(key("breaker.probes"), "10");
    }

    @Test
    void build_aPeriodInPlaceOfAWindow_andBack() {
        Pipeline timed = build(Map.of(key("breaker.period"), "10s")).orElseThrow();
        assertThat(timed.describe())
                .containsEntry(key("breaker.period"), "PT10S")
                .doesNotContainKey(key("breaker.window"));

        assertThat(timed.reconfigure(List.of(Map.of(key("breaker.window"), "50"))))
                .isEqualTo(Result.ok());
        assertThat(timed.describe())
                .containsEntry(key("breaker.window"), "50")
                .doesNotContainKey(key("breaker.period"));
    }

    @Test
    void build_aShareInPlaceOfTokens_andBack() {
        Pipeline shares = build(Map.of(key("budget.share"), "10%")).orElseThrow();
        assertThat(shares.describe())
                .containsEntry(key("budget.share"), "0.1")
                .containsEntry(key("budget.min-per-second"), "10")
                .doesNotContainKey(key("budget.capacity"));

        assertThat(shares.reconfigure(List.of(Map.of(key("budget.capacity"), "50"))))
                .isEqualTo(Result.ok());
        assertThat(shares.describe())
                .containsEntry(key("budget.capacity"), "50")
                .containsEntry(key("budget.cost"), "14")
                .doesNotContainKey(key("budget.share"));
    }

    @Test
    void describe_ofAnyPipeline_makesTheSame() {
        Random random = new Random(7);
        for (int i = 0; i < 2_000; i++) {
            Map<String, String> described = any(random).build().describe();

            Map<String, String> again = Pipeline.named("risk")
                    .build(List.of(described))
                    .orElseThrow(error -> new AssertionError(described + " " + error.details()))
                    .describe();

            assertThat(again).isEqualTo(described);
            assertThat(again.keySet()).containsExactlyElementsOf(described.keySet());
        }
    }

    private static Pipeline.Builder any(Random random) {
        var builder = Pipeline.named("risk")
                .enabled(random.nextBoolean())
                .interrupting(random.nextBoolean())
                .deadline(duration(random))
                .retry(new RetryPolicy(
                        1 + random.nextInt(9),
                        Duration.ofMillis(random.nextInt(1_000)),
                        duration(random).plusMillis(1_000),
                        duration(random),
                        DomainError::retry))
                .budget(
                        random.nextBoolean()
                                ? RetryBudget.tokens(100 + random.nextInt(900), 1 + random.nextInt(99), 1)
                                : RetryBudget.ratio(rate(random), random.nextInt(50)));
        if (random.nextBoolean()) {
            builder.attemptTimeout(duration(random));
        }
        if (random.nextBoolean()) {
            builder.critical(random.nextBoolean() ? Duration.ZERO : duration(random));
        }
        if (random.nextBoolean()) {
            builder.rateLimit(1 + random.nextInt(99), duration(random).plusMillis(1));
        }
        if (random.nextBoolean()) {
            builder.maxConcurrent(1 + random.nextInt(99), random.nextBoolean() ? Duration.ZERO : duration(random));
        }
        var policy = BreakerPolicy.standard()
                .slow(Duration.ofNanos(1 + random.nextInt(2_000_000_000)), rate(random))
                .openFor(
                        Duration.ofMillis(1 + random.nextInt(10_000)),
                        duration(random).plusSeconds(10))
                .probes(1 + random.nextInt(99));
        return builder.breaker(
                switch (random.nextInt(3)) {
                    case 0 -> BreakerPolicy.none();
                    case 1 -> policy.failureRate(rate(random), 10 + random.nextInt(99), 1 + random.nextInt(10));
                    default ->
                        policy.failureRate(
                                rate(random), Duration.ofSeconds(1 + random.nextInt(99)), 1 + random.nextInt(99));
                });
    }

    private static Duration duration(Random random) {
        return switch (random.nextInt(10)) {
            case 0 -> ChronoUnit.FOREVER.getDuration().minusDays(1);
            case 1 -> Duration.ofNanos(1 + random.nextInt(99));
            default -> Duration.ofNanos(100_000 + (random.nextLong() >>> 1) / (1 + random.nextInt(1_000_000)));
        };
    }

    private static double rate(Random random) {
        return random.nextInt(3) == 0 ? 1 : (1 - random.nextDouble()) / (1 + random.nextInt(1_000_000));
    }

    /* ---- while it runs ---- */

    @Test
    void reconfigure_bySettings_keepsWhatWasCounted() {
        Pipeline pipeline = Pipeline.named("risk")
                .time(time)
                .budget(RetryBudget.tokens(100, 10, 5))
                .breaker(BreakerPolicy.standard().failureRate(0.9, 100, 10))
                .rateLimit(10, Duration.ofHours(1))
                .build();
        call(pipeline, false, 3); // 3 * 3 attempts, 2 * 10 tokens each

        assertThat(pipeline.reconfigure(List.of(Map.of(
                        key("budget.capacity"),
                        "60",
                        key("breaker.failure-rate"),
                        "80%",
                        key("rate-limit.calls"),
                        "20"))))
                .isEqualTo(Result.ok());

        assertThat(pipeline.state().budget()).isEqualTo(40);
        assertThat(pipeline.state().breaker()).isEqualTo(PipelineState.Breaker.CLOSED);
        call(pipeline, false, 1);
        assertThat(pipeline.state().breaker()).as("nine failures and one").isEqualTo(PipelineState.Breaker.OPEN);
    }

    @Test
    void reconfigure_aQuotaBySettings_keepsWhatWasUsed() {
        Pipeline pipeline = Pipeline.named("risk")
                .time(time)
                .rateLimit(10, Duration.ofHours(1))
                .build();
        call(pipeline, true, 10);

        assertThat(pipeline.reconfigure(List.of(Map.of(key("rate-limit.calls"), "20"))))
                .isEqualTo(Result.ok());

        call(pipeline, true, 10);
        Result<String, DomainError> answer = pipeline.call(Call.once(), attempt -> Result.ok("yes"));
        assertThat(answer.fold(value -> Optional.<Duration>empty(), DomainError::retryAfter))
                .as("ten were used and ten are added, and they come back twice as fast")
                .contains(Duration.ofMinutes(3));
    }

    @Test
    void reconfigure_aFault_leavesEverythingAsItIs() {
        Pipeline pipeline = Pipeline.named("risk").time(time).build();
        call(pipeline, false, 2);
        Map<String, String> before = pipeline.describe();
        PipelineState state = pipeline.state();

        Result<Unit, ValidationError> result = pipeline.reconfigure(List.of(Map.of(
                key("deadline"), "1s", key("budget.capacity"), "20", key("enabled"), "false", key("critical"), "x")));

        assertThat(faults(result)).extracting(Detail::field).containsExactly(key("critical"));
        assertThat(pipeline.describe()).isEqualTo(before);
        assertThat(pipeline.state()).isEqualTo(state);
    }

    @Test
    void reconfigure_twice_startsFromWhatIsInEffect() {
        Pipeline pipeline = Pipeline.named("risk").build();
        Map<String, String> expected = new LinkedHashMap<>(pipeline.describe());

        for (var setting : List.of(Map.entry("deadline", "1s"), Map.entry("retry.max-attempts", "2"))) {
            assertThat(pipeline.reconfigure(List.of(Map.of(key(setting.getKey()), setting.getValue()))))
                    .isEqualTo(Result.ok());
        }

        expected.put(key("deadline"), "PT1S");
        expected.put(key("retry.max-attempts"), "2");
        assertThat(pipeline.describe()).isEqualTo(expected);
    }

    private static void call(Pipeline pipeline, boolean answered, int times) {
        for (int i = 0; i < times; i++) {
            Result<String, DomainError> unused = pipeline.call(
                    Call.idempotent(),
                    attempt -> answered
                            ? Result.ok("yes")
                            : Result.err(ErrorKind.UNAVAILABLE.code().error()));
        }
    }

    @Test
    void build_aSettingInTwoSpellingsOfOneSource_isAFault() {
        Result<Pipeline, dev.underpin.result.ValidationError> built =
                Pipeline.named("risk").build(List.of(Map.of("RES_RISK_DEADLINE", "1s", "res.risk.deadline", "2s")));

        String message =
                built.fold(pipeline -> "", error -> error.details().get(0).message());
        assertThat(message).isEqualTo("res.risk.deadline is given twice in one source, also as RES_RISK_DEADLINE");
        assertThat(Pipeline.named("risk")
                        .build(List.of(Map.of("RES_RISK_DEADLINE", "1s"), Map.of("res.risk.deadline", "2s")))
                        .orElseThrow()
                        .describe())
                .containsEntry("res.risk.deadline", "PT1S");
    }
}
